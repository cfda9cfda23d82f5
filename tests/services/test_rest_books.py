"""The booking protocol over HTTP: every row of its table, and once per idempotency key."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest

from adapters.memory import Answer, InProcessPayments
from myticket_core.booking.model import Booking
from myticket_core.booking.ports import Outcome
from myticket_core.errors import Unavailable
from tests.services.rest_world import MOST_HOLDS, URL, World

ORDER = {
    "startDate": "2012-04-23T18:25:43.511+0000",
    "endDate": "2012-04-27T18:25:43.511+0000",
    "customerId": "1",
    "companyId": "1",
    "ticketId": "1",
    "price": "15000",
}


async def _book(world: World, key: str | None = None, **more: Any) -> httpx.Response:
    headers = {"Idempotency-Key": key} if key else {}
    return await world.ask("customer 1", "POST", "/books", {"ticketId": 1, **more}, headers=headers)


async def _world(**terms: Any) -> World:
    world = World()
    assert await world.ticket(**terms) == 1
    return world


@pytest.mark.parametrize("how", [{}, {"paymentMethod": None}, {"paymentMethod": "declined"}], ids=str)
async def test_what_is_free_is_booked_and_given_back_without_asking_any_provider(how: dict[str, Any]) -> None:
    world = await _world(price=0)
    world.provider.down = True
    answer = await _book(world, price=0, **how)
    assert (answer.status_code, answer.json()["status"], answer.json()["paymentId"]) == (201, "BOOKED", 1)
    assert (await world.ask("customer 1", "DELETE", "/books/1")).status_code == 204
    await world.settle()
    assert (await world.ask("customer 1", "GET", "/payments/1")).json()["status"] == "CANCELED"


async def test_what_is_free_and_was_held_is_booked_whatever_was_said_of_how_to_pay(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def away(self: object, booking: Booking) -> Outcome:
        raise Unavailable("pay is away")

    world = await _world(price=0)
    with monkeypatch.context() as patched:
        patched.setattr(InProcessPayments, "request", away)
        assert (await _book(world, paymentMethod="unavailable")).status_code == 503
    assert (await world.ask("customer 1", "POST", "/books/1/payment")).json()["status"] == "BOOKED"


async def test_a_paid_booking_is_answered_as_the_originals_do() -> None:
    world = await _world()
    answer = await world.ask("customer 1", "POST", "/books", ORDER)
    assert (answer.status_code, answer.headers["Location"]) == (201, f"{URL}/books/1")
    assert answer.json() == {
        "id": 1,
        "ticketId": 1,
        "price": 15000,
        "companyId": 1,
        "customerId": 1,
        "startDate": "2012-04-23T18:25:43.511+0000",
        "endDate": "2012-04-27T18:25:43.511+0000",
        "status": "BOOKED",
        "paymentId": 1,
        "reason": None,
        "cancelUntil": None,
        "cancelFee": 0,
        "refund": None,
        "createdAt": "2026-11-22T16:09:00.000+0000",
        "expiresAt": "2026-11-22T16:19:00.000+0000",
        "checkedInAt": None,
        "_links": {
            "self": {"href": f"{URL}/books/1"},
            "book": {"href": f"{URL}/books/1"},
            "cancellation": {"href": f"{URL}/books/1/cancellation"},
        },
    }
    assert (await world.ask("customer 1", "GET", "/books/1")).json() == answer.json()
    assert world.provider.amounts == {"booking-1": 15000}


async def test_a_declined_card_is_402_for_the_key_and_frees_the_seat() -> None:
    world = await _world(capacity=1)
    for _ in range(2):
        answer = await _book(world, "k", paymentMethod="declined")
        assert (answer.status_code, answer.json()["code"]) == (402, "payment_declined")
        assert (answer.json()["bookId"], answer.json()["bookStatus"]) == (1, "DECLINED")
    assert answer.headers["Idempotency-Replayed"] == "true"
    assert (await _book(world, "another")).status_code == 201


async def test_a_customer_with_too_many_unpaid_bookings_pays_or_cancels_one_first() -> None:
    world = await _world()
    for number in range(MOST_HOLDS):
        assert (await _book(world, f"k{number}", paymentMethod="unavailable")).status_code == 503
    answer = await _book(world, "k")
    assert (answer.status_code, answer.json()["code"], answer.json()["limit"]) == (409, "too_many_holds", MOST_HOLDS)
    assert len(world.dbs["book"].bookings) == MOST_HOLDS
    assert (await world.ask("admin", "POST", "/books", ORDER)).status_code == 201
    assert (await world.ask("customer 2", "POST", "/books", {"ticketId": 1})).status_code == 201
    assert (await world.ask("customer 1", "POST", "/books/1/payment", {"paymentMethod": "fine"})).status_code == 200
    assert (await _book(world, "k")).status_code == 201


async def test_sold_out_says_what_remains_and_stores_nothing() -> None:
    world = await _world(capacity=0)
    answer = await _book(world, "k")
    assert (answer.status_code, answer.json()["code"], answer.json()["remaining"]) == (409, "sold_out", 0)
    assert world.dbs["book"].bookings == {}
    await world.ask("organizer 1", "PATCH", "/tickets/1", {"capacity": 1})
    await world.settle()
    assert (await _book(world, "k")).status_code == 201


async def test_another_price_is_refused_with_the_price() -> None:
    answer = await _book(await _world(), price=14999)
    assert (answer.status_code, answer.json()["code"], answer.json()["price"]) == (409, "price_changed", 15000)


async def test_a_sale_that_is_over_is_closed() -> None:
    answer = await _book(await _world(endDate="2026-11-22T16:09:00Z"))
    assert (answer.status_code, answer.json()["code"], answer.json()["ticketId"]) == (409, "closed", 1)


async def test_a_ticket_nobody_knows_is_not_found() -> None:
    assert (await _book(await _world(), ticketId=99)).status_code == 404


async def test_pay_down_holds_the_seat_and_the_same_key_pays_later() -> None:
    world = await _world(capacity=1)
    world.provider.down = True
    answer = await _book(world, "k")
    assert (answer.status_code, answer.json()["code"]) == (503, "pay_later")
    assert (answer.headers["Retry-After"], answer.headers["Location"]) == ("1", f"{URL}/books/1")
    assert answer.json()["expiresAt"] == "2026-11-22T16:19:00.000+0000"
    assert answer.json()["_links"]["payment"] == {"href": f"{URL}/books/1/payment"}
    sale = (await world.ask(None, "GET", "/sales/1")).json()
    assert (sale["held"], sale["booked"], sale["remaining"]) == (1, 0, 0)
    world.provider.down = False
    paid = await _book(world, "k")
    assert (paid.status_code, paid.json()["status"]) == (201, "BOOKED")
    assert paid.headers["Idempotency-Replayed"] == "true"


async def test_an_organizer_is_led_nowhere_that_only_a_buyer_may_go() -> None:
    world = await _world()
    world.provider.down = True
    await _book(world)
    for who in ("customer 1", "admin"):
        links = (await world.ask(who, "GET", "/books/1")).json()["_links"]
        assert links.keys() == {"self", "book", "payment", "cancellation"}
    one = (await world.ask("organizer 1", "GET", "/books/1")).json()
    several = (await world.ask("organizer 1", "GET", "/books")).json()["_embedded"]["books"]
    assert [it["_links"].keys() for it in (one, *several)] == [{"self", "book"}, {"self", "book"}]


async def test_a_held_booking_is_paid_at_its_payment() -> None:
    world = await _world()
    world.provider.down = True
    await _book(world)
    assert (await world.ask("customer 1", "POST", "/books/1/payment")).json()["code"] == "pay_later"
    world.provider.down = False
    assert (await world.ask("customer 2", "POST", "/books/1/payment")).status_code == 404
    for _ in range(2):
        paid = await world.ask("customer 1", "POST", "/books/1/payment")
        assert (paid.status_code, paid.json()["status"]) == (200, "BOOKED")
    assert world.provider.amounts == {"booking-1": 15000}


async def test_nothing_sent_is_nothing_whatever_its_type_is_said_to_be() -> None:
    """As clients say that fill in a type for every POST."""
    world = await _world()
    world.provider.down = True
    await _book(world)
    world.provider.down = False
    headers = {"Content-Type": "application/octet-stream"}
    assert (await world.ask("customer 1", "POST", "/books/1/payment", headers=headers)).status_code == 200


async def test_another_way_to_pay_can_be_named() -> None:
    world = await _world()
    world.provider.down = True
    await _book(world)
    world.provider.down = False
    answer = await world.ask("customer 1", "POST", "/books/1/payment", {"paymentMethod": "declined"})
    assert (answer.status_code, answer.json()["code"]) == (402, "payment_declined")


async def test_doubt_is_202_until_it_is_known() -> None:
    world = await _world()
    answer = await _book(world, "k", paymentMethod="late")
    assert (answer.status_code, answer.headers["Location"]) == (202, f"{URL}/books/1")
    assert (answer.json()["status"], answer.json()["code"]) == ("PENDING", "payment_pending")
    assert "code" not in (await world.ask("customer 1", "GET", "/books/1")).json()
    world.provider.arrive()
    assert (await _book(world, "k", paymentMethod="late")).status_code == 201
    assert world.provider.amounts == {"booking-1": 15000}


async def test_what_is_over_is_410() -> None:
    world = await _world()
    world.provider.down = True
    await _book(world, "k")
    await world.ask("customer 1", "DELETE", "/books/1")
    for answer in (await _book(world, "k"), await world.ask("customer 1", "POST", "/books/1/payment")):
        assert (answer.status_code, answer.json()["code"]) == (410, "expired")
        assert answer.json()["bookStatus"] == "CANCELED"


async def test_a_canceled_booking_stays_readable_and_canceling_again_does_nothing() -> None:
    world = await _world()
    await _book(world)
    for _ in range(2):
        assert (await world.ask("customer 1", "DELETE", "/books/1")).status_code == 204
    await world.settle()
    assert (await world.ask("customer 1", "GET", "/books/1")).json()["status"] == "CANCELED"
    assert (await world.ask("customer 1", "GET", "/payments/1")).json()["status"] == "CANCELED"
    assert world.provider.refunded == {"booking-1": 15000}


async def test_a_hundred_with_one_key_are_one_booking_and_one_charge() -> None:
    world = await _world(capacity=100)
    answers = await asyncio.gather(*(_book(world, "k") for _ in range(100)))
    assert {(answer.status_code, answer.json()["id"]) for answer in answers} == {(201, 1)}
    assert sum("Idempotency-Replayed" not in answer.headers for answer in answers) == 1
    assert world.provider.amounts == {"booking-1": 15000}


async def test_without_a_key_every_request_is_a_booking() -> None:
    world = await _world()
    assert [(await _book(world)).json()["id"] for _ in range(2)] == [1, 2]


async def test_a_key_is_the_callers_own_and_of_one_request() -> None:
    world = await _world()
    headers = {"Idempotency-Key": "k"}
    assert (await _book(world, "k")).json()["id"] == 1
    other = await world.ask("customer 2", "POST", "/books", {"ticketId": 1}, headers=headers)
    assert (other.status_code, other.json()["id"]) == (201, 2)
    changed = await _book(world, "k", startDate="2027-01-01")
    assert (changed.status_code, changed.json()["code"]) == (422, "key_reused")
    same = await world.ask("customer 1", "POST", "/books", {"customerId": "1", "ticketId": "1"}, headers=headers)
    assert (same.status_code, same.headers["Idempotency-Replayed"]) == (201, "true")


@pytest.mark.parametrize("key", ["", "a" * 201, "\x01", "caf\xe9"])
async def test_a_key_that_is_none_is_refused(key: str) -> None:
    headers: Any = {"Idempotency-Key": key.encode("latin-1")}
    answer = await (await _world()).ask("customer 1", "POST", "/books", {"ticketId": 1}, headers=headers)
    assert (answer.status_code, answer.json()["member"]) == (400, "Idempotency-Key")


async def test_status_and_company_of_the_caller_are_not_believed() -> None:
    world = await _world()
    world.provider.told = lambda *_: Answer.REFUSE
    answer = await _book(world, status="BOOKED", companyId=99, paymentId=7, id=5)
    assert answer.status_code == 402
    assert (await world.ask("customer 1", "GET", "/books/1")).json()["companyId"] == 1


async def test_whose_booking_it_is() -> None:
    world = await _world()
    refused = await _book(world, customerId=2)
    assert (refused.status_code, refused.json()["member"]) == (400, "customerId")
    assert (await world.ask("admin", "POST", "/books", {"ticketId": 1})).json()["member"] == "customerId"
    made = await world.ask("admin", "POST", "/books", {"ticketId": 1, "customerId": 2})
    assert made.json()["customerId"] == 2
    seen = {
        who: (await world.ask(who, "GET", "/books")).json()["page"]["totalElements"]
        for who in ("customer 1", "customer 2", "organizer 1", "organizer 2", "admin")
    }
    assert seen == {"customer 1": 0, "customer 2": 1, "organizer 1": 1, "organizer 2": 0, "admin": 1}
    for who, status in {"customer 1": 404, "organizer 2": 404, "customer 2": 200, "organizer 1": 200}.items():
        assert (await world.ask(who, "GET", "/books/1")).status_code == status
    assert (await world.ask("customer 1", "DELETE", "/books/1")).status_code == 404


async def test_a_deleted_tickets_sale_tells_how_far_the_cancellation_is() -> None:
    world = await _world(capacity=5)
    await _book(world)
    await world.ask("organizer 1", "DELETE", "/tickets/1")
    await world.settle()
    sale = (await world.ask(None, "GET", "/sales/1")).json()
    assert sale["status"] == "closed"
    counts = {"total": 1, "done": 1, "failed": 0, "left": 0}
    assert sale["campaign"] == {**counts, "paused": False, "retryAt": None}
    gone = world.dbs["book"].sales
    gone[1] = gone[1].campaigned(1, world.clock.now())[0]  # it failed, and then its buyer canceled it
    assert (await world.ask(None, "GET", "/sales/1")).json()["campaign"].items() >= counts.items()
    assert (await _book(world)).json()["code"] == "closed"
    assert (await world.ask(None, "GET", "/sales/99")).status_code == 404


async def test_pay_out_of_reach_is_never_a_500(monkeypatch: pytest.MonkeyPatch) -> None:
    async def unreachable(self: object, booking: Booking) -> Outcome:
        raise Unavailable("the circuit is open", timedelta(seconds=2.2))

    world = await _world()
    monkeypatch.setattr(InProcessPayments, "request", unreachable)
    answer = await _book(world)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "3")
