"""What the originals put on the log, and what ours make of it: little is said, and nothing is parked for that."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from attrs import evolve

from myticket_core.access import EVERYTHING
from myticket_core.booking.events import Booked
from myticket_core.paging import Paging
from myticket_core.payment.model import Status
from myticket_core.ports import Record
from myticket_core.wire import decode
from tests.domain.examples import record
from tests.services.originals.records import JAVA, SERVICES, Stores, members, recorded, stores
from tests.services.rest_world import World

RECORDED = recorded()
WRITTEN = [it for it in RECORDED.values() if it.headers == JAVA and it.position < 78]
"""By the originals themselves; what comes later was made to see what they accept."""
UNREADABLE = {89, 92, 101, 108, 109, 110, 111}
"""Without an eventType or an id; no JSON object; nothing at all."""
READ = [it for it in RECORDED.values() if it.position not in UNREADABLE]
FULL = {"eventType": "PaymentApproved", "timestamp": "20210603233748", "id": 2, "bookId": 5, "ticketId": 3,
        "price": 1500, "companyId": 1, "customerId": 1, "startDate": 1335205543511, "endDate": 1335551143511,
        "status": "APPROVED"}  # fmt: skip
"""As the originals' own README has it."""


def of(type: str, id: int) -> Record:
    """A recorded event; the first of its kind."""
    return next(it for it in WRITTEN if (members(it)["eventType"], members(it)["id"]) == (type, id))


def full(position: int) -> Record:
    return Record(position, None, json.dumps(FULL).encode(), JAVA)


@pytest.fixture(params=["memory", "sqlite"])
async def world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stores]:
    async with stores(request.param, tmp_path) as made:
        yield made


def test_the_recordings_are_as_poor_as_they_come() -> None:
    assert {members(it)["eventType"] for it in WRITTEN} == {
        *("TicketRegistered", "TicketDeleted", "Booked", "BookCanceled", "PaymentApproved", "PaymentCanceled")
    }
    assert {frozenset(members(it)) for it in WRITTEN} <= {
        frozenset({"eventType", "timestamp", "id", *more}) for more in ((), ("status",), ("me",))
    }
    assert {it.key for it in WRITTEN} == {None}
    assert len(WRITTEN) > 15


async def test_nothing_is_parked_for_being_poor(world: Stores) -> None:
    for service in SERVICES:
        assert await world.play(service, *READ) == []
        assert await world.play(service, *READ) == []  # and once more: it is delivered at least once


async def test_what_cannot_be_read_is_parked_with_its_reason_and_holds_up_nobody(world: Stores) -> None:
    bad = [RECORDED[offset] for offset in sorted(UNREADABLE)]
    after = evolve(of("Booked", 21), position=999)
    parked = await world.play("mypage", *bad, after)
    assert {it.record.position for it in parked} == UNREADABLE
    assert all(it.reason for it in parked)
    assert (await world.of("Pages", "mypage").booking(21, EVERYTHING)).status == "BOOKED"


async def test_a_canceled_booking_gets_its_money_back_once_and_pay_says_so(world: Stores) -> None:
    await world.pay_for(1)
    await world.play("pay", *WRITTEN)
    payment = await world.of("PaymentBook", "pay").of_booking(1, EVERYTHING)
    assert (payment.status, world.provider.refunded) == (Status.CANCELING, {})
    await world.refund()
    await world.play("pay", *WRITTEN)
    await world.refund()
    assert world.provider.refunded == {"booking-1": 15000}
    assert await world.said("pay") == ["PaymentApproved", "PaymentCanceled"]
    (canceled,) = [it for it in await world.of("Outbox", "pay").pending(9) if it.type == "PaymentCanceled"]
    assert (canceled.data["bookId"], canceled.data["status"], canceled.key) == (1, "CANCELED", "1")


async def test_a_booking_canceled_before_it_was_paid_is_never_charged(world: Stores) -> None:
    await world.play("pay", of("BookCanceled", 42))
    await world.pay_for(42)
    payment = await world.of("PaymentBook", "pay").of_booking(42, EVERYTHING)
    assert (payment.status, world.provider.amounts) == (Status.VOID, {})


async def test_an_event_without_a_type_cancels_nothing(world: Stores) -> None:
    """The Java pay took {"id":4713} for a BookCanceled and deleted the payment."""
    await world.pay_for(9)
    assert members(RECORDED[89]) == {"id": 9}
    await world.play("pay", RECORDED[89])
    assert (await world.of("PaymentBook", "pay").of_booking(9, EVERYTHING)).status is Status.APPROVED


async def test_the_page_of_a_booking_begins_with_what_little_is_said(world: Stores) -> None:
    pages = world.of("Pages", "mypage")
    await world.play("mypage", of("Booked", 1))
    page = await pages.booking(1, EVERYTHING)
    assert (page.booking_id, page.status, page.price, page.payment_id) == (1, "BOOKED", None, None)
    await world.play("mypage", of("BookCanceled", 1))
    assert (await pages.booking(1, EVERYTHING)).status == "CANCELED"


async def test_a_page_keeps_what_it_knew(world: Stores) -> None:
    pages = world.of("Pages", "mypage")
    await world.play("mypage", record(Booked(id=1, version=1, ticket_id=2, price=15000, customer_id=6)))
    await world.play("mypage", of("Booked", 1), of("BookCanceled", 1))
    page = await pages.booking(1, EVERYTHING)
    assert (page.status, page.ticket_id, page.price, page.customer_id) == ("CANCELED", 2, 15000, 6)


async def test_a_payment_that_does_not_say_for_what_is_put_on_nobodys_page(world: Stores) -> None:
    """The payment's id is no booking's: Java's notifications and pages mixed the two up."""
    await world.play("mypage", *(it for it in WRITTEN if members(it)["eventType"].startswith("Payment")))
    assert (await world.of("Pages", "mypage").bookings(EVERYTHING, None, Paging(0, 20, ()))).total == 0
    await world.play("mypage", full(200))
    page = await world.of("Pages", "mypage").booking(5, EVERYTHING)
    assert (page.payment_id, page.payment_status, page.price) == (2, "APPROVED", 1500)


async def test_the_page_of_a_ticket_follows_its_life(world: Stores) -> None:
    pages = world.of("Pages", "mypage")
    await world.play("mypage", of("TicketRegistered", 1))
    assert (await pages.ticket(1, EVERYTHING)).ticket.status == "ON_SALE"
    await world.play("mypage", of("TicketDeleted", 1))
    assert (await pages.ticket(1, EVERYTHING)).ticket.status == "DELETED"


async def test_all_that_was_booked_and_canceled_is_on_the_pages(world: Stores) -> None:
    await world.play("mypage", *WRITTEN)
    found = await world.of("Pages", "mypage").bookings(EVERYTHING, None, Paging(0, 20, ()))
    told = {members(it)["id"] for it in WRITTEN if members(it)["eventType"] in ("Booked", "BookCanceled")}
    gone = {members(it)["id"] for it in WRITTEN if members(it)["eventType"] == "BookCanceled"}
    assert {page.booking_id for page in found.items} == told
    assert {page.booking_id for page in found.items if page.status == "CANCELED"} == gone == {1, 42}


async def test_nobody_is_told_what_does_not_say_whom_it_concerns(world: Stores) -> None:
    await world.play("alarm", *WRITTEN)
    assert await world.messages() == []
    await world.play("alarm", full(200))
    (told,) = await world.messages()
    assert (told.customer_id, told.booking_id) == (1, 5)
    assert "₩1,500" in told.text


async def test_without_an_id_of_its_own_an_event_is_told_apart_by_where_it_lies(world: Stores) -> None:
    for records, count in (((full(200),), 1), ((full(200), full(200)), 1), ((full(201),), 2)):
        await world.play("alarm", *records)
        assert len(await world.messages()) == count
    assert {it.event_id for it in await world.messages()} == {"myticket-0-200", "myticket-0-201"}


async def test_a_ticket_of_unknown_terms_is_not_for_sale_until_they_are_asked_for(world: Stores) -> None:
    await world.play("book", of("TicketRegistered", 1))
    assert (await world.of("Sales", "book").get(1)).terms.price is None


async def test_a_deleted_ticket_is_closed_for_good(world: Stores) -> None:
    sales = world.of("Sales", "book")
    await world.play("book", of("TicketRegistered", 1), of("TicketDeleted", 1))
    assert (await sales.get(1)).deleted
    await world.play("book", evolve(of("TicketRegistered", 1), position=300))
    assert (await sales.get(1)).deleted


async def test_a_ticket_that_java_registers_is_booked_at_its_price_and_canceled_when_java_deletes_it() -> None:
    world = World()
    await world.ask("organizer 1", "POST", "/tickets", {"price": 15000})
    world.dbs["ticket"].outbox.clear()  # it is Java that says so, and says no price
    book = next(it for it in world.consumers() if it.name == "book")
    await book.handle(decode(of("TicketRegistered", 1)))
    answer = await world.ask("customer 1", "POST", "/books", {"ticketId": 1})
    assert (answer.status_code, answer.json()["price"]) == (201, 15000)
    await book.handle(decode(of("TicketDeleted", 1)))
    await world.settle()
    assert (await world.ask("customer 1", "GET", "/books/1")).json()["status"] == "CANCELED"
    assert world.provider.refunded == {"booking-1": 15000}
