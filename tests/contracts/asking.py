"""What is asked over HTTP, by the code that asks: booking's clients of pay and ticket, and the demo's people."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

from pact import match

from adapters.rest.client_catalog import HttpCatalog
from adapters.rest.client_payments import HttpPayments
from myticket_core.booking.ports import Approved, Declined, Unknown, Void
from myticket_core.booking.terms import Terms
from myticket_core.errors import MyticketError, NotFound, Rejected, Unavailable
from tests.contracts.pacts import DATE, Pacts
from tests.domain.examples import booking

PATIENCE = timedelta(seconds=30)
BOOKING = booking(starts=datetime(2026, 12, 24, 10, tzinfo=UTC), ends=datetime(2026, 12, 24, 12, tzinfo=UTC))
TERMS = {"bookId": 5, "price": 1500, "customerId": 6, "ticketId": 3}
ASKED = TERMS | {
    "id": None,
    "companyId": 7,
    "startDate": "2026-12-24T10:00:00.000+0000",
    "endDate": "2026-12-24T12:00:00.000+0000",
    "status": "PayApproved",
}
NOTHING, PAID = "nothing was ever paid", "booking 5 is paid"
ANY = match.int(1)


class Service:
    async def token(self) -> str:
        return "service"


async def book_asks(pacts: Pacts) -> None:
    await _charges(pacts)
    await _refusals(pacts)
    await _looks(pacts)
    await _ticket_terms(pacts)


async def _charges(pacts: Pacts) -> None:
    approved = TERMS | {"id": ANY, "status": "APPROVED"}
    for name, state, status in (("a charge", NOTHING, 201), ("a charge of what is paid", PAID, 200)):
        assert await _charge(pacts, name, state, status, approved) == Approved(1)
    declined = {"bookId": 5, "detail": match.str("declined: no")}
    said = await _charge(pacts, "a charge that is declined", NOTHING, 402, declined, "sandbox-decline")
    assert said == Declined("declined: no")
    doubt = {"bookId": 5, "code": "in_doubt"}
    assert await _charge(pacts, "a charge in doubt", NOTHING, 504, doubt, "sandbox-timeout") == Unknown()
    void = {"bookId": 5, "code": "void"}
    called_off = "booking 5 was canceled before it was paid"
    assert await _charge(pacts, "a charge of what is called off", called_off, 409, void) == Void()


async def _refusals(pacts: Pacts) -> None:
    other = {"code": "another_payment", "price": match.int(1), "detail": match.str("other terms")}
    said = await _charge(pacts, "a charge on other terms", "booking 5 is paid at another price", 409, other)
    assert isinstance(said, Rejected)
    assert (str(said), said.facts) == ("other terms", {"price": 1})
    later, soon = {"code": "unavailable"}, {"Retry-After": match.regex("2", regex="^[0-9]+$")}
    said = await _charge(pacts, "a charge too much", NOTHING, 503, later, "sandbox-unavailable", soon)
    assert isinstance(said, Unavailable)
    assert said.retry_after == timedelta(seconds=2)


async def _looks(pacts: Pacts) -> None:
    for name, state, status, meaning in (
        ("of what is paid", PAID, "APPROVED", Approved(1)),
        ("of what was declined", "the payment of booking 5 was declined", "DECLINED", Declined("declined")),
        ("of what was refunded", "booking 5 was paid and refunded", "CANCELED", Void()),
        ("in doubt", "the payment of booking 5 is in doubt", "REQUESTED", Unknown()),
    ):
        payment = TERMS | {"id": ANY, "status": status}
        assert await _look(pacts, f"a look at the payment {name}", state, [payment]) == meaning
    payment, state = TERMS | {"status": "REQUESTED", "inDoubt": False}, "booking 5 was asked for and is not charged"
    assert await _look(pacts, "a look at what is not charged", state, [payment]) is None
    assert await _look(pacts, "a look at no payment", NOTHING, []) is None


async def _ticket_terms(pacts: Pacts) -> None:
    date = datetime(2026, 12, 24, 10, tzinfo=UTC)
    full = {"price": match.int(15000), "companyId": ANY, "capacity": match.int(10), "name": match.str("Jazz"),
            "cancelFeePercent": match.int(10), "version": match.int(3)}  # fmt: skip
    members: Any = {"company_id": 1, "price": 15000, "cancel_fee_percent": 10, "version": 3}
    terms = Terms(capacity=10, name="Jazz", ends=date, cancel_until=date, **members)
    dates = {"endDate": DATE, "cancelUntil": DATE}
    assert await _terms(pacts, "a ticket", "ticket 1 is on sale", full | dates) == terms
    limits = {"capacity": None, "name": None, "endDate": None, "cancelUntil": None}
    terms = Terms(capacity=None, **members)
    assert await _terms(pacts, "a ticket", "ticket 1 has no name, no end and no limit", full | limits) == terms
    assert isinstance(await _terms(pacts, "a ticket", "ticket 1 was deleted", {}, 404), NotFound)


async def _charge(
    pacts: Pacts, name: str, state: str, status: int, answer: Any, method: str | None = None, headers: Any = None
) -> Any:
    asked = ASKED | ({"paymentMethod": method} if method else {})
    order = booking(starts=BOOKING.starts, ends=BOOKING.ends, method=method)
    media = "application/json" if status < 300 else "application/problem+json"
    with pacts.asks("book", "pay", name, state) as it:
        said = it.says.with_request("POST", "/payments").with_headers(_from_service(content=True))
        said.with_body(asked, "application/json;charset=UTF-8").will_respond_with(status)
        said.with_headers(headers or {}).with_body(answer, media)
        with it.served() as url:
            return await _closing(HttpPayments(url, PATIENCE, Service()), lambda pay: pay.request(order))


async def _look(pacts: Pacts, name: str, state: str, payments: list[Any]) -> Any:
    with pacts.asks("book", "pay", name, state) as it:
        said = it.says.with_request("GET", "/payments/search/findByBookId").with_query_parameter("bookId", "5")
        said.with_headers(_from_service()).will_respond_with(200)
        said.with_body({"_embedded": {"payments": payments}}, "application/json")
        with it.served() as url:
            return await _closing(HttpPayments(url, PATIENCE, Service()), lambda pay: pay.find(BOOKING))


async def _terms(pacts: Pacts, name: str, state: str, ticket: Any, status: int = 200) -> Any:
    with pacts.asks("book", "ticket", f"{name}, when {state}", state) as it:
        said = it.says.with_request("GET", "/tickets/1").with_header("Accept", "application/json")
        said.will_respond_with(status)
        if status == 200:
            said.with_body(ticket, "application/json")
        with it.served() as url, patch("adapters.rest.client_catalog.TIMEOUT", PATIENCE):
            return await _closing(HttpCatalog(url), lambda catalog: catalog.terms(1))


def _from_service(content: bool = False) -> dict[str, Any]:
    headers = {"Authorization": "Bearer service", "Accept": "application/json", "X-Correlation-Id": "case"}
    return headers | ({"Content-Type": "application/json;charset=UTF-8"} if content else {})


async def _closing(client: Any, asks: Callable[[Any], Awaitable[Any]]) -> Any:
    """What the client makes of the answer, errors too."""
    try:
        return await asks(client)
    except MyticketError as error:
        return error
    finally:
        await client.close()
