"""What the demo's people ask over HTTP, by the code that asks for them; the gateway passes it on as it is."""

import io
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from aiohttp import ClientSession
from pact import match
from rich.console import Console

from apps.demo.party import Answer, Party
from apps.demo.teller import Teller
from tests.contracts.pacts import DATE, Pacts

NUMBER = match.int(1)
ORDER = {"ticketId": 1, "price": 15000}
ON_SALE, BOOKED = "ticket 1 is on sale", "booking 1 is booked"


async def demo_asks(pacts: Pacts) -> None:
    await _of_ticket(pacts)
    await _of_book(pacts)
    await _of_pay(pacts)
    await _of_alarm(pacts)
    await _of_mypage(pacts)


async def _of_ticket(pacts: Pacts) -> None:
    ask = Asking(pacts, "ticket")
    terms = {"name": "서울 재즈의 밤 Seoul Jazz Night", "price": 15000, "capacity": 3}
    made = await ask(
        "a new ticket", "nothing was ever registered", "organizer-1", "POST /tickets", terms, 201, {"id": NUMBER}
    )
    assert made.body["id"] == 1
    listed = {"_embedded": {"tickets": [{"name": match.str("Jazz")}]}, "page": {"totalElements": NUMBER}}
    found = await ask("a search", ON_SALE, None, "GET /tickets?text=jazz&available=true", None, 200, listed)
    assert [it["name"] for it in found.body["_embedded"]["tickets"]] == ["Jazz"]
    await ask("a deletion", ON_SALE, "organizer-1", "DELETE /tickets/1", None, 204)


async def _of_book(pacts: Pacts) -> None:
    ask, booked = Asking(pacts, "book"), {"id": NUMBER, "status": "BOOKED"}
    await ask("a booking", ON_SALE, "customer-1", "POST /books", ORDER, 201, booked, key="demo-1")
    await ask("a booking, sold out", "ticket 1 is sold out", "customer-1", "POST /books", ORDER, 409, _code("sold_out"))
    card = ORDER | {"paymentMethod": "sandbox-decline"}
    await ask("a declined card", ON_SALE, "customer-1", "POST /books", card, 402, _code("payment_declined"))
    where = match.regex("http://myticket.example/books/1", regex="^https?://.+/books/[0-9]+$")
    held = {"Location": where, "Retry-After": match.regex("5", regex="^[0-9]+$")}
    card = ORDER | {"paymentMethod": "sandbox-unavailable"}
    later = await ask(
        "a booking to pay later", ON_SALE, "customer-1", "POST /books", card, 503, _code("pay_later"), held
    )
    assert later.headers["Location"].endswith("/books/1")
    card = {"paymentMethod": "sandbox-approve"}
    await ask("a late payment", "booking 1 is held", "customer-1", "POST /books/1/payment", card, 200, booked)
    await ask("a cancellation", BOOKED, "customer-1", "DELETE /books/1", None, 204)
    foreseen = {"cancelUntil": DATE, "fee": match.int(1500), "refund": match.int(13500)}
    path = "GET /books/1/cancellation"
    await ask("a look at what canceling costs", BOOKED, "customer-1", path, None, 200, foreseen)
    await ask("a look at another's booking", BOOKED, "customer-2", "GET /books/1", None, 404, _code("not_found"))
    sale = {"held": match.int(0), "booked": NUMBER, "remaining": NUMBER}
    await ask("a look at a sale", BOOKED, "customer-1", "GET /sales/1", None, 200, sale)
    toll = {"booked": {"bookings": NUMBER, "money": match.int(15000)}}
    path = "GET /sales/1/deletion"
    await ask("a look at what a deletion would do", BOOKED, "organizer-1", path, None, 200, toll)
    over = {"campaign": {"done": NUMBER, "left": 0}}
    await ask("a look at a closed sale", "ticket 1 was deleted", "organizer-1", "GET /sales/1", None, 200, over)


async def _of_pay(pacts: Pacts) -> None:
    paid = {"_embedded": {"payments": [{"status": "APPROVED"}]}}
    path = "GET /payments/search/findByBookId?bookId=1"
    await Asking(pacts, "pay")("a look at one's payment", "booking 1 is paid", "customer-1", path, None, 200, paid)


async def _of_alarm(pacts: Pacts) -> None:
    text = match.regex('Booking 1 of "Concert" (ticket 1) is paid', regex="^.*Booking 1 .* is paid.*$")
    listed = {"_embedded": {"notifications": [{"message": text}]}}
    path = "GET /notifications?size=100&sort=id,desc"
    told = await Asking(pacts, "alarm")(
        "one's notifications", "booking 1 is paid", "customer-1", path, None, 200, listed,
        by=lambda party: party.told("Booking 1", "is paid"),
    )  # fmt: skip
    assert told.startswith("Booking 1")


async def _of_mypage(pacts: Pacts) -> None:
    ask = Asking(pacts, "mypage")
    for state, status, payment in ((BOOKED, "BOOKED", "APPROVED"), ("booking 1 was canceled", "CANCELED", "CANCELED")):
        page = {"status": status, "paymentStatus": payment, "ticketId": NUMBER, "price": match.int(15000)}
        seen = await ask(
            f"the page of what is {status}", state, "customer-1", "GET /mypages/1", None, 200, page,
            by=lambda party: party.page(1, status, payment),  # noqa: B023
        )  # fmt: skip
        assert seen["price"] == 15000
    counts = dict.fromkeys(("capacity", "booked", "canceled", "captured", "kept", "refunded", "fees", "failed"), NUMBER)
    summed = {"name": match.str("Jazz"), "status": "ON_SALE", **counts}
    await ask("the organizer's page", BOOKED, "organizer-1", "GET /guestManagementPages/1", None, 200, summed)


def _code(code: str) -> dict[str, str]:
    return {"code": code}


class Asking:
    """A person of the demo in front of one service."""

    def __init__(self, pacts: Pacts, provider: str) -> None:
        self.pacts, self.provider = pacts, provider

    async def __call__(
        self,
        name: str,
        state: str,
        who: str | None,
        request: str,
        body: Any,
        status: int,
        answer: Any = None,
        headers: Any = None,
        key: str | None = None,
        by: Callable[[Party], Awaitable[Any]] | None = None,
    ) -> Any:
        """What comes of it: the answer, or what `by` makes of it."""
        method, url = request.split()
        with self.pacts.asks("demo", self.provider, name, state) as it:
            said = it.says.with_request(method, urlsplit(url).path)
            for parameter, value in parse_qsl(urlsplit(url).query):
                said.with_query_parameter(parameter, value)
            said.with_headers(
                ({"Authorization": f"Bearer {who}"} if who else {}) | ({"Idempotency-Key": key} if key else {})
            )
            if body is not None:
                said.with_body(body, "application/json")
            said.will_respond_with(status).with_headers(headers or {})
            if answer is not None:
                said.with_body(answer, "application/hal+json" if status < 400 else "application/problem+json")
            with it.served() as server:
                return await _asked(
                    server, who, by or (lambda party: _expecting(party, method, url, body, key, status))
                )


async def _expecting(party: Party, method: str, url: str, body: Any, key: str | None, status: int) -> Answer:
    return (await party.ask(method, url, body, key)).expect(status)


async def _asked(server: str, who: str | None, by: Callable[[Party], Awaitable[Any]]) -> Any:
    async with ClientSession() as http:
        return await by(Party(who or "anybody", server, http, Teller(Console(file=io.StringIO())), who))
