"""Booking's way to the ticket service, ours or its Java original, over HTTP."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import msgspec
import structlog
from msgspec import Struct
from structlog.contextvars import get_contextvars

from adapters.rest.client import Http, case_header, deadline
from adapters.rest.client_answer import Answer, NoAnswer
from adapters.rest.client_wire import problem
from adapters.rest.dates import read_date
from adapters.rest.hal import Count, Id, Percent
from myticket_core.booking.terms import Terms
from myticket_core.errors import Invalid, NotFound, Unavailable
from myticket_core.values import LARGEST

TIMEOUT: Final = timedelta(seconds=1)

log = structlog.get_logger("myticket.rest")


class _Ticket(Struct, rename="camel"):
    """Of an original only the price is there, which may be none, or none that anybody can pay."""

    price: int | None = None
    company_id: Id | None = None
    capacity: Count | None = None
    name: str | None = None
    end_date: str | None = None
    cancel_until: str | None = None
    cancel_fee_percent: Percent | None = None
    version: Count | None = None


class HttpCatalog:
    """The tickets, asked over HTTP without a token: everybody may read them."""

    def __init__(self, url: str) -> None:
        self._http, self._told = Http(url), False

    async def terms(self, ticket_id: int) -> Terms:
        """As the port says. What is wrong is in the log once: who books is only told to come again."""
        try:
            terms = await self._asked(ticket_id)
        except Unavailable as failure:
            if not self._told:
                log.warning("no ticket can be asked for: check API_URL_TICKET", why=str(failure))
            self._told = True
            raise
        self._told = False
        return terms

    async def _asked(self, ticket_id: int) -> Terms:
        headers = case_header(get_contextvars().get("correlation_id"))
        try:
            answer = await self._http.get(f"/tickets/{ticket_id}", deadline(TIMEOUT), headers)
        except NoAnswer as failure:
            raise Unavailable(str(failure)) from failure
        if _none(answer):
            raise NotFound("ticket", ticket_id)
        return _terms(answer)

    async def close(self) -> None:
        await self._http.close()


def _none(answer: Answer) -> bool:
    """There is no such ticket, as ours say it, or bare, as an original: any other 404 is that of no ticket service."""
    return answer.status == 404 and (answer.body == b"" or problem(answer.body).code == "not_found")


def _terms(answer: Answer) -> Terms:
    """Raises Unavailable: it is not a ticket."""
    if answer.status != 200:
        raise Unavailable(f"the ticket service answers {answer}", answer.retry_after or timedelta(seconds=5))
    try:
        said = msgspec.json.decode(answer.body or b"", type=_Ticket)
        ends = read_date("endDate", said.end_date)
        cancel_until = read_date("cancelUntil", said.cancel_until)
    except (ValueError, RecursionError, Invalid) as error:
        raise Unavailable(f"the ticket service's answer cannot be read: {error}") from error
    return Terms(
        company_id=said.company_id,
        price=said.price if said.price is not None and 0 <= said.price <= LARGEST else None,
        capacity=said.capacity,
        name=said.name,
        ends=ends,
        cancel_until=cancel_until,
        cancel_fee_percent=said.cancel_fee_percent,
        version=said.version,
    )
