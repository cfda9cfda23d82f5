"""Whose a booking or a payment is, asked of its service, a Java original: their events do not say it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from time import monotonic
from typing import Final

import msgspec
from msgspec import Struct
from structlog.contextvars import get_contextvars

from adapters.rest.client import Http, case_header, deadline
from adapters.rest.client_answer import Answer, NoAnswer
from adapters.rest.dates import read_date
from adapters.rest.hal import Id, Money
from myticket_core.errors import Invalid
from myticket_core.values import millis

TIMEOUT: Final = timedelta(seconds=1)
REST: Final = 10.0
"""Seconds. So long a service is left alone that did not answer: a backlog of events does not wait for it each time."""
_PATHS: Final = {"book": "/books", "pay": "/payments"}
_CONNECTIONS: Final = 10


class _Thing(Struct, rename="camel"):
    id: Id | None = None
    book_id: Id | None = None
    ticket_id: Id | None = None
    price: Money | None = None
    company_id: Id | None = None
    customer_id: Id | None = None
    start_date: str | None = None
    end_date: str | None = None


class HttpOwners:
    """`urls` by source, "book" and "pay"; of another nothing is known."""

    def __init__(self, urls: Mapping[str, str], now: Callable[[], float] = monotonic) -> None:
        self._http = {source: Http(url, _CONNECTIONS) for source, url in urls.items()}
        self._now = now
        self._resting_until: dict[str, float] = {}

    async def ask(self, source: str, id: int) -> Mapping[str, int]:
        if source not in self._http or self._now() < self._resting_until.get(source, 0.0):
            return {}
        headers = case_header(get_contextvars().get("correlation_id"))
        try:
            answer = await self._http[source].once("GET", f"{_PATHS[source]}/{id}", deadline(TIMEOUT), headers, None)
        except NoAnswer:
            return self._left_alone(source)
        return self._left_alone(source) if answer.status >= 500 else _members(answer)

    async def close(self) -> None:
        for http in self._http.values():
            await http.close()

    def _left_alone(self, source: str) -> Mapping[str, int]:
        self._resting_until[source] = self._now() + REST
        return {}


def _members(answer: Answer) -> Mapping[str, int]:
    """Nothing, unless it is a booking or a payment of an original's that can be read. Those have no `id` among their
    members: what has one is ours, which numbers its own, and is another one of the same number.
    """
    if answer.status != 200:
        return {}
    try:
        said = msgspec.json.decode(answer.body or b"", type=_Thing)
        dates = {
            "start_date": millis(read_date("startDate", said.start_date)),
            "end_date": millis(read_date("endDate", said.end_date)),
        }
    except (ValueError, RecursionError, Invalid):
        return {}
    if said.id is not None:
        return {}
    members: dict[str, int | None] = {**msgspec.structs.asdict(said), **dates}
    return {name: value for name, value in members.items() if value is not None}
