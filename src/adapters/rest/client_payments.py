"""Booking's way to the payment service, ours or its Java original, over HTTP."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Final, Protocol

import structlog

from adapters.rest.admission import Admission
from adapters.rest.client import Http, case_header, deadline, passing
from adapters.rest.client_answer import Answer, NoAnswer
from adapters.rest.client_wire import ProblemBody, asked, found, paid, problem
from adapters.rest.edge import Edge, NotAsked
from myticket_core.booking.model import Booking
from myticket_core.booking.ports import Declined, Outcome, Unknown, Void
from myticket_core.errors import Rejected, Unavailable

PATH: Final = "/payments"
NOT_LET_IN: Final = (
    "pay does not let the book service in: it wants a token of role service; "
    "check OIDC_TOKEN_URL, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET"
)
NOT_PAY: Final = "what answers is not the payment service: check API_URL_PAYMENT"
NOT_TAKEN: Final = "pay refuses what it is asked for as it stands"
NO_TOKEN: Final = "there is no token to ask pay with: check OIDC_TOKEN_URL, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET"
SOON: Final = timedelta(seconds=5)
AT_ONCE: Final = 64
LOOKS: Final = 16

log = structlog.get_logger("myticket.rest")


class Credential(Protocol):
    async def token(self) -> str:
        """What this service shows to be let in by another. Raises Unavailable."""


class HttpPayments:
    """Payment, asked over HTTP, `timeout` for everything that one question takes, at most `at_once` at a time.

    A charge is sent again only when it certainly was not sent before. What looks has an edge of its own: it must not
    speak for charges, nor stand in their way. Without a credential no token is sent: for a pay that asks for none.
    """

    def __init__(
        self, url: str, timeout: timedelta, credential: Credential | None = None, at_once: int = AT_ONCE
    ) -> None:
        # twice as many connections: those of before the circuit opened may still hang
        self._http, self._timeout, self._credential = Http(url, 2 * at_once + LOOKS), timeout, credential
        slow = timeout.total_seconds() / 2
        self.charges = Edge("charge", slow, at_once, lambda came: isinstance(came, NoAnswer) and not came.sent)
        self.looks = Edge("look", slow, LOOKS, lambda came: isinstance(came, NoAnswer) or passing(came))
        self._admission = Admission(self.charges)
        self._told = ""  # what is wrong with the settings, so that it is in the log once and not with every booking

    async def request(self, booking: Booking) -> Outcome:
        """As the port says, and Rejected("another_payment"): the booking has a payment on other terms."""
        until = deadline(self._timeout)
        headers = await self._headers(booking, until)
        body = asked(booking)
        try:
            answer = await self.charges.ask(lambda: self._http.once("POST", PATH, until, headers, body))
        except NotAsked as later:
            raise _later(later) from later
        except NoAnswer as failure:
            if failure.sent:
                return _doubt(booking, str(failure))
            raise Unavailable(str(failure), SOON) from failure
        if answer.status in (200, 201, 204) and answer.body == b"":
            return await self._seen(booking, until, headers)
        return self._meaning(booking, answer)

    async def find(self, booking: Booking) -> Outcome | None:
        until = deadline(self._timeout)
        headers = await self._headers(booking, until)
        return await self._find(booking, until, headers)

    def shut(self) -> timedelta | None:
        try:
            self.charges.check_open()
        except NotAsked as later:
            return timedelta(seconds=later.wait)
        return None

    def pace(self) -> float:
        return self._admission.pace

    def admits(self) -> int:
        return self._admission.admits()

    async def close(self) -> None:
        await self._http.close()

    async def _find(self, booking: Booking, until: float, headers: dict[str, str]) -> Outcome | None:
        path = f"{PATH}/search/findByBookId?bookId={booking.id}"
        try:
            answer = await self.looks.ask(lambda: self._http.once("GET", path, until, headers, None))
        except NotAsked as later:
            raise _later(later) from later
        except NoAnswer as failure:
            raise Unavailable(str(failure), SOON) from failure
        if answer.status != 200:
            raise self._refused(booking, answer)
        self._told = ""
        return found(booking, answer.body)

    async def _seen(self, booking: Booking, until: float, headers: dict[str, str]) -> Outcome:
        """Paid, says an answer without a body, as an original may give it; which payment it is shows by looking."""
        try:
            return await self._find(booking, until, headers) or _doubt(booking, "it was paid and is not there")
        except Unavailable as failure:
            return _doubt(booking, f"it was paid, but not to be seen: {failure}")

    def _meaning(self, booking: Booking, answer: Answer) -> Outcome:
        said = problem(answer.body)
        match answer.status:
            case 200 | 201:
                self._told = ""
                return paid(booking, answer.body)
            case 402 | 409 if said.book_id not in (None, booking.id):
                return _doubt(booking, f"{answer} is about booking {said.book_id}")
            case 402:
                return Declined(said.reason or said.detail or "declined")
            case 409 if said.code == "void":
                return Void()
            case 409 if said.code == "another_payment":
                raise Rejected("another_payment", said.detail or "paid for on other terms", price=said.price)
            case 503 if not _refuses(answer, said):
                return _doubt(booking, f"{answer}, which does not say that nothing happened")
            case status if status == 503 or (400 <= status < 500 and status != 409):
                raise self._refused(booking, answer)
        if 300 <= answer.status < 400:
            self._wrong(NOT_PAY, str(answer))
        return _doubt(booking, str(answer))

    def _refused(self, booking: Booking, answer: Answer) -> Unavailable:
        """Nothing was done. What is our own fault is said in the log."""
        match answer.status:
            case 401 | 403:
                self._wrong(NOT_LET_IN, str(answer))
            case status if 300 <= status < 400 or status in (404, 405):
                self._wrong(NOT_PAY, str(answer))
            case status if 400 <= status < 500 and status != 429:
                self._wrong(NOT_TAKEN, f"{answer}: {problem(answer.body).detail}")
        return Unavailable(f"booking {booking.id}: pay answers {answer}", answer.retry_after or SOON)

    def _wrong(self, what: str, why: str) -> None:
        if self._told != what:
            log.error(what, why=why)
        self._told = what

    async def _headers(self, booking: Booking, until: float) -> dict[str, str]:
        """Raises Unavailable: there is no token."""
        headers = {"Content-Type": "application/json;charset=UTF-8", **case_header(booking.correlation_id)}
        if self._credential is None:
            return headers
        try:
            async with asyncio.timeout_at(until):
                return headers | {"Authorization": f"Bearer {await self._credential.token()}"}
        except (Unavailable, TimeoutError) as failure:
            why = str(failure) or "no token came in time"
            self._wrong(NO_TOKEN, why)
            raise Unavailable(why, SOON) from failure


def _later(not_asked: NotAsked) -> Unavailable:
    return Unavailable(str(not_asked), timedelta(seconds=not_asked.wait))


def _refuses(answer: Answer, said: ProblemBody) -> bool:
    """A 503 of our own, or of one who says when to come back. A proxy's bare 503 may be a connection that broke."""
    return answer.retry_after is not None or said.code == "unavailable"


def _doubt(booking: Booking, why: str) -> Unknown:
    log.warning("it is not known whether a booking is paid", book_id=booking.id, why=why)
    return Unknown()
