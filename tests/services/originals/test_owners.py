"""Beside a Java book or pay: whose a booking is, asked of the original, which answers as it was recorded."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from adapters.memory import MemoryOwners
from adapters.persistence import migrate
from adapters.rest.client_owners import HttpOwners
from apps import places
from apps.composing import composed
from apps.settings import Settings
from myticket_core.access import EVERYTHING, Scope
from myticket_core.booking.events import Booked
from myticket_core.completing import completed
from myticket_core.errors import NotFound
from myticket_core.mypage.rebuild import RebuildPages
from myticket_core.notification.compose import Compose
from myticket_core.paging import Paging
from myticket_core.ports import Record
from myticket_core.wire import decode
from tests.services.http_stub import says, stub
from tests.services.originals.records import Stores, members, recorded, stores
from tests.services.originals.transcripts import scenes
from tests.services.served import served

RECORDED = {
    it.request.path: it.answer
    for scene in scenes()
    if scene.name == "book, a ticket deleted"
    for it in scene.exchanges
    if it.request.method == "GET"
}
ANSWERS = {"/books/3": RECORDED["/books/2"], "/payments/8": RECORDED["/payments/3"]}
"""As the originals answered, under numbers that tell a payment from a booking."""
BOOKING, PAYMENT = "/books/3", "/payments/8"
BUYER, COMPANY, STRANGER = Scope(customer_id=1), Scope(company_id=1), Scope(customer_id=2)


async def java(scope: Any, receive: Any, send: Any) -> None:
    """Both originals in one."""
    answer = ANSWERS.get(scope["path"])
    headers = [(b"content-type", b"application/hal+json;charset=UTF-8")]
    await send({"type": "http.response.start", "status": answer.status if answer else 404, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(answer.body).encode() if answer else b""})


def told(type: str, id: int, position: int = 500) -> Record:
    """As an original says it: a recorded event, of this id."""
    recording = next(it for it in recorded().values() if members(it).get("eventType") == type and not it.key)
    return evolve(recording, position=position, value=json.dumps({**members(recording), "id": id}).encode())


@pytest.fixture
async def asked() -> AsyncIterator[HttpOwners]:
    async with served(java) as url:
        owners = HttpOwners({"book": url, "pay": url})
        yield owners
        await owners.close()


@pytest.fixture(params=["memory", "sqlite"])
async def world(request: pytest.FixtureRequest, tmp_path: Path, asked: HttpOwners) -> AsyncIterator[Stores]:
    async with stores(request.param, tmp_path) as made:
        yield evolve(made, owners=asked)


def test_the_originals_say_it_when_they_are_asked() -> None:
    booking, payment = ANSWERS[BOOKING].body, ANSWERS[PAYMENT].body
    assert (booking["customerId"], booking["companyId"], booking["ticketId"]) == (1, 1, 2)
    assert (payment["customerId"], payment["bookId"]) == (1, 3)


async def test_the_organizer_hears_of_a_booking_and_the_buyer_of_its_payment(world: Stores) -> None:
    assert await world.play("alarm", told("Booked", 3), told("PaymentApproved", 8, 501)) == []
    booked, paid = await world.messages()
    assert (booked.company_id, booked.customer_id, booked.booking_id, booked.ticket_id) == (1, None, 3, 2)
    assert (paid.customer_id, paid.booking_id) == (1, 3)
    assert "₩15,000" in paid.text


async def test_an_alarm_that_joins_tells_nobody_of_what_was_before(world: Stores) -> None:
    alarm = world.consumers["alarm"]
    at = decode(told("Booked", 3)).time
    for since, told_of in ((at + timedelta(seconds=1), 0), (at, 1)):
        compose = evolve(alarm.handlers[Compose], since=since)
        await evolve(alarm, handlers={Compose: compose}).handle(decode(told("Booked", 3)))
        assert len(await world.messages()) == told_of


async def test_the_buyer_sees_the_page_and_nobody_else_does(world: Stores) -> None:
    assert await world.play("mypage", told("PaymentApproved", 8), told("Booked", 3, 501)) == []
    pages = world.of("Pages", "mypage")
    page = await pages.booking(3, BUYER)
    assert (page.status, page.payment_status, page.payment_id, page.price) == ("BOOKED", "APPROVED", 8, 15000)
    assert (page.ticket_id, page.company_id, page.start_date) == (2, 1, 1335205543511)
    assert await pages.booking(3, COMPANY) == page
    with pytest.raises(NotFound):
        await pages.booking(3, STRANGER)


async def test_the_payments_id_is_not_taken_for_the_bookings(world: Stores) -> None:
    await world.play("mypage", told("PaymentApproved", 8))
    pages = world.of("Pages", "mypage")
    assert (await pages.booking(3, BUYER)).payment_id == 8
    with pytest.raises(NotFound):
        await pages.booking(8, EVERYTHING)


async def test_of_a_booking_that_java_has_deleted_nothing_is_to_be_had_and_nothing_is_parked(world: Stores) -> None:
    for service in ("alarm", "mypage"):
        assert await world.play(service, told("BookCanceled", 77)) == []
    assert await world.messages() == []
    assert (await world.of("Pages", "mypage").booking(77, EVERYTHING)).status == "CANCELED"


async def test_what_says_whom_it_concerns_is_not_asked_about() -> None:
    async with stub(says(200, {"customerId": 9})) as original:
        owners = HttpOwners({"book": original.url})
        full = Booked(id=2, customer_id=6)
        assert await completed(full, owners) is full
        ours = Booked(id=2, version=1)
        assert await completed(ours, owners) is ours
        assert original.asked == []
        assert (await completed(Booked(id=2, price=5), owners)).customer_id == 9
        await owners.close()


OTHERWISE = {
    "no JSON": says(200, b"no JSON"),
    "another type": says(200, {"customerId": "one"}),
    "no id": says(200, {"customerId": -1}),
    "no date": says(200, {"customerId": 1, "startDate": "never"}),
    "a list": says(200, [1]),
    "deep": says(200, b"[" * 60_000),
    "large": says(200, b" " * 100_000),
    "nothing": says(204),
    "elsewhere": says(302, Location="http://elsewhere.example"),
    "not for you": says(401, {"code": "unauthenticated"}),
    "ours, of another numbering": says(200, {"id": 2, "customerId": 1, "companyId": 1}),
    "not there": says(404),
    "broken": says(500),
    "later": says(503, Retry_After="7"),
}


@pytest.mark.parametrize("answer", OTHERWISE)
async def test_whatever_else_is_answered_the_event_stays_as_it_is(answer: str) -> None:
    async with stub(OTHERWISE[answer]) as original:
        owners = HttpOwners({"book": original.url})
        poor = Booked(id=2)
        assert await completed(poor, owners) == poor
        assert len(original.asked) == 1
        await owners.close()


async def test_who_does_not_answer_is_waited_for_once_and_then_left_alone_for_a_while(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def hangs(*_: Any) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr("adapters.rest.client_owners.TIMEOUT", timedelta(seconds=0.2))
    now = 0.0
    async with stub(hangs) as original:
        owners = HttpOwners({"book": original.url}, lambda: now)
        began = time.monotonic()
        for id in range(1, 50):
            assert await owners.ask("book", id) == {}
        assert 0.19 < time.monotonic() - began < 5
        assert len(original.asked) == 1
        now = 10.0
        assert await owners.ask("book", 1) == {}
        assert len(original.asked) == 2
        await owners.close()


async def test_a_whole_backlog_goes_on_beside_a_book_that_is_away(tmp_path: Path) -> None:
    owners = HttpOwners({"book": "http://127.0.0.1:1", "pay": "http://127.0.0.1:1"})
    async with stores("sqlite", tmp_path) as made:
        world = evolve(made, owners=owners)
        backlog = [told("Booked", id, 500 + id) for id in range(1, 101)]
        began = time.monotonic()
        assert await world.play("alarm", *backlog) == []
        assert await world.play("mypage", *backlog) == []
        assert time.monotonic() - began < 20
        assert (await world.of("Pages", "mypage").booking(100, EVERYTHING)).status == "BOOKED"
    await owners.close()


class Once:
    """The log, once."""

    def __init__(self, *records: Record) -> None:
        self.left = list(records)

    async def read(self, limit: int) -> list[Record]:
        found, self.left = self.left, []
        return found


async def _one_by_one(calls: Any) -> None:
    for call in calls:
        await call


async def _rebuilt(world: Stores, owners: Any, *records: Record) -> Any:
    views, pages = world.of("Views", "mypage"), world.of("Pages", "mypage")
    await RebuildPages(views, Once(*records), world.clock, _one_by_one, owners=owners, pages=pages)()  # type: ignore[arg-type]
    return pages


async def test_pages_that_are_made_anew_are_asked_about_too(world: Stores) -> None:
    pages = await _rebuilt(world, world.owners, told("Booked", 3))
    assert (await pages.booking(3, BUYER)).price == 15000


async def test_pages_that_are_made_anew_keep_what_nobody_says_any_more(world: Stores) -> None:
    records = told("PaymentApproved", 8), told("Booked", 3, 501), told("BookCanceled", 3, 502)
    assert await world.play("mypage", *records) == []
    before = await world.of("Pages", "mypage").booking(3, BUYER)
    assert (before.price, before.payment_id, before.company_id) == (15000, 8, 1)
    for owners in (MemoryOwners(), None):
        assert await (await _rebuilt(world, owners, *records)).booking(3, BUYER) == before


async def test_of_two_bookings_whose_payment_has_the_same_number_neither_gets_it(world: Stores) -> None:
    for booking in (3, 4):
        paid = {"payment_id": 8, "payment_status": "APPROVED", "customer_id": 1, "seen": (("pay", 0),)}
        projection = world.of("Projection", "mypage")
        await projection.change_booking(booking, lambda page, paid=paid: evolve(page, **paid))
    pages = await _rebuilt(world, None, told("Booked", 3), told("Booked", 4, 501), told("PaymentApproved", 8, 502))
    assert [(await pages.booking(id, BUYER)).payment_id for id in (3, 4)] == [None, None]


async def test_nobody_is_asked_unless_a_setting_names_them(tmp_path: Path) -> None:
    for name, asked in (("book", True), ("payment", True), ("ticket", False)):
        settings = evolve(Settings(data=tmp_path), **{f"api_url_{name}": "http://java:8080"})
        async with _listening(settings) as containers:
            assert [it.owners() is not None for it in containers.values()] == [asked, asked]
    async with _listening(Settings(data=tmp_path)) as containers:
        assert [it.owners() for it in containers.values()] == [None, None]


async def test_alarm_and_mypage_ask_who_the_settings_name(tmp_path: Path) -> None:
    async with served(java) as url, _listening(Settings(data=tmp_path, api_url_book=url)) as containers:
        for container in containers.values():
            await container.consumer().handle(decode(told("Booked", 3)))
        assert (await containers["mypage"].pages().booking(3, BUYER)).price == 15000
        (heard,) = (await containers["alarm"].notifications().list(COMPANY, None, Paging())).items
        assert heard.message.booking_id == 3


@asynccontextmanager
async def _listening(settings: Settings) -> AsyncIterator[Mapping[str, Any]]:
    """The containers of alarm and of mypage."""
    urls = places.stores(settings)
    for name in ("log", "alarm", "mypage"):
        migrate(urls[name], name)
    async with composed(settings, urls, ("alarm", "mypage")) as containers:
        yield containers
