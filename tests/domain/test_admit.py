"""Who was asked to pay later: their place in line, in how long they may try, and that they are told."""

import asyncio
from datetime import timedelta

import pytest
from attrs import evolve

from adapters.memory import MemoryBookings, MemoryDatabase, MemorySales
from adapters.system import RandomIds, concurrently
from myticket_core.access import EVERYTHING
from myticket_core.booking.admit import AdmitBuyers, PayingLine
from myticket_core.booking.book import Book, BookTicket
from myticket_core.booking.campaign import Outcome
from myticket_core.booking.close_sale import CloseSale, SaleCloser
from myticket_core.booking.collect import CollectPayment
from myticket_core.booking.events import PaymentDue
from myticket_core.booking.expire import ExpireHolds
from myticket_core.booking.model import Booking, Status
from myticket_core.booking.ports import Approved
from myticket_core.booking.reconcile import ReconcilePayments
from myticket_core.booking.terms import Terms
from myticket_core.conformance.booking_store import claim, pending
from myticket_core.conformance.builders import cause
from myticket_core.errors import Unavailable
from tests.domain.examples import NOON, Clock, booking

SECOND = timedelta(seconds=1)
LATER = NOON + SECOND


class Pay:
    """Takes `room` in a second, or none at all."""

    def __init__(self):
        self.down, self.room, self.wait = True, 0, SECOND

    def shut(self):
        return self.wait if self.down else None

    async def request(self, booking):
        if self.down:
            raise Unavailable("down", self.wait)
        return Approved(booking.id)

    async def find(self, booking):
        return None

    def pace(self):
        return 2.0

    def admits(self):
        return self.room


class Shop:
    def __init__(self):
        self.clock, self.pay, self.line = Clock(), Pay(), PayingLine()
        self.db = MemoryDatabase(self.clock, RandomIds())
        self.bookings = MemoryBookings(self.db)
        self.collect = CollectPayment(self.bookings, self.pay, self.clock, self.line)

    async def held(self, times):
        terms = Terms(company_id=1, price=100, capacity=None, version=1)
        await MemorySales(self.db).change(1, lambda sale: sale.sold_on(terms), cause())
        asked = evolve(pending(until=NOON + timedelta(minutes=10)), created_at=NOON)
        holds = [claim(asked) for _ in range(times)]
        return [(await self.bookings.hold(1, hold, cause())).state for hold in holds]

    async def deleted(self):
        await SaleCloser(MemorySales(self.db))(CloseSale(ticket_id=1), cause())

    def replica(self, line=None):
        return AdmitBuyers(self.bookings, self.pay, line or self.line, self.clock, RandomIds(), concurrently)

    def told(self):
        return [envelope.data["id"] for envelope in self.db.outbox.values() if envelope.type == "PaymentDue"]


@pytest.mark.parametrize("status", Status)
def test_only_a_hold_is_put_off_and_told(status):
    before = booking(status=status, version=3)
    waits, events = before.put_off(LATER)
    assert events == ()
    if status is Status.PENDING:
        assert waits == evolve(before, due_from=LATER)
        after, (event,) = waits.due()
        assert after == evolve(before, version=4)
        assert isinstance(event, PaymentDue)
        assert (event.id, event.version, event.status, event.price) == (5, 4, "PENDING", 1500)
        assert event.expires_at == 1_795_349_400_000
    else:
        assert (waits, waits.due()) == (before, (before, ()))
        assert evolve(before, due_from=LATER).due() == (evolve(before, due_from=LATER), ())


def test_who_was_put_off_before_keeps_what_was_said():
    waits, _ = booking().put_off(LATER)
    assert waits.put_off(LATER + SECOND) == (waits, ())
    assert booking().due() == (booking(), ())


def test_the_next_in_line_is_asked_to_come_later_but_not_after_half_of_the_hold():
    line, hold = PayingLine(), timedelta(seconds=100)
    waits = [line.joined(SECOND, 2.0, hold).total_seconds() for _ in range(200)]
    assert waits[:5] == [1.0, 1.5, 2.0, 2.5, 3.0]
    assert (waits[-1], line.length) == (50.0, 200)
    assert line.joined(timedelta(seconds=60), 2.0, hold) == timedelta(seconds=50)


async def test_who_is_sent_away_for_longer_than_the_hold_is_told_to_pay_in_time_all_the_same():
    """A proxy that is being mended says an hour, whoever asks."""
    shop, hour = Shop(), timedelta(hours=1)
    shop.pay.wait = hour
    (held,) = await shop.held(1)
    half = timedelta(minutes=5)
    book = BookTicket(shop.bookings, MemorySales(shop.db), None, shop.collect, shop.clock, 2 * half)
    answers = [await shop.collect(held, cause()), await book(Book(ticket_id=1, customer_id=6), cause())]
    assert [(answer.pay_later, answer.booking.due_from) for answer in answers] == [(half, NOON + half)] * 2
    shop.pay.room, shop.clock.time = 2, NOON + half
    await shop.replica()()
    assert shop.told() == [answer.booking.id for answer in answers]


async def test_the_longest_waiting_are_told_first_as_many_as_payment_takes():
    shop = Shop()
    bookings = await shop.held(7)
    answers = [await shop.collect(each, cause()) for each in reversed(bookings)]
    assert [answer.pay_later.total_seconds() for answer in answers] == [1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0]
    admit = shop.replica()
    shop.pay.room = 3
    await admit()
    assert shop.told() == [], "nobody is told before they were asked to come"
    shop.clock.time = LATER
    for told in ([1, 2, 3], [1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 5, 6, 7]):
        await admit()
        assert (shop.told(), shop.line.length) == (told, 7 - len(told))
    shop.pay.room = 0
    await shop.collect(await shop.bookings.get(bookings[0].id, EVERYTHING), cause())
    await admit()
    assert (shop.told(), shop.line.length) == ([1, 2, 3, 4, 5, 6, 7], 1)


async def test_who_comes_back_and_is_put_off_again_is_before_those_who_came_later():
    shop = Shop()
    bookings = await shop.held(3)
    shop.pay.room, shop.clock.time = 1, NOON - SECOND
    for each in bookings:
        await shop.collect(each, cause())
    shop.clock.time, admit = LATER, shop.replica()
    await admit()
    await shop.collect(await shop.bookings.get(bookings[0].id, EVERYTHING), cause())
    shop.clock.time += SECOND
    await admit()
    assert shop.told() == [1, 1]


async def test_who_has_paid_or_is_over_is_told_nothing():
    shop = Shop()
    paid, canceled, expired, waits = await shop.held(4)
    for each in (paid, canceled, expired, waits):
        await shop.collect(each, cause())
    shop.pay.down, shop.pay.room, shop.clock.time = False, 10, LATER
    assert (await shop.collect(await shop.bookings.get(paid.id, EVERYTHING), cause())).booking.status is Status.BOOKED
    await shop.bookings.change(canceled.id, lambda it: it.canceled("gone"), cause())
    await shop.bookings.change(expired.id, Booking.expired, cause())
    await shop.replica()()
    assert shop.told() == [waits.id]


async def test_a_hold_that_has_ended_is_not_told_to_pay_but_that_it_is_over():
    shop = Shop()
    (held,) = await shop.held(1)
    await shop.collect(held, cause())
    shop.pay.room, shop.clock.time = 1, NOON + timedelta(minutes=10)
    await shop.replica()()
    await ExpireHolds(shop.bookings, shop.clock, RandomIds(), concurrently)()
    said = [(envelope.type, envelope.data["status"]) for envelope in shop.db.outbox.values()]
    assert said == [("BookCanceled", "EXPIRED")]


async def test_nobody_is_told_to_pay_for_a_ticket_that_is_deleted_nor_keeps_others_waiting():
    shop = Shop()
    for each in await shop.held(2):
        await shop.collect(each, cause())
    shop.pay.room, shop.clock.time = 2, LATER
    await shop.deleted()
    await shop.replica()()
    assert (shop.told(), shop.line.length) == ([], 0)


async def test_who_has_just_been_found_in_line_is_not_told_to_pay_for_a_ticket_deleted_since():
    shop = Shop()
    for each in await shop.held(2):
        await shop.collect(each, cause())
    shop.pay.room, shop.clock.time = 2, LATER

    async def after_the_deletion(jobs):
        await shop.deleted()
        await concurrently(jobs)

    await evolve(shop.replica(), together=after_the_deletion)()
    assert shop.told() == []


async def test_nobody_is_asked_to_pay_later_for_a_ticket_that_is_deleted_while_payment_is_asked():
    shop = Shop()
    (held,) = await shop.held(1)

    async def busy(_):
        await shop.deleted()
        raise Unavailable("busy", SECOND)

    shop.pay.request = busy
    over = (await shop.collect(held, cause())).booking
    assert (over.status, over.outcome) == (Status.CANCELED, Outcome.CANCELED)


async def test_replicas_tell_everybody_once():
    shop = Shop()
    for each in await shop.held(50):
        await shop.collect(each, cause())
    shop.pay.room, shop.clock.time = 7, LATER
    replicas = [shop.replica(PayingLine()) for _ in range(3)]
    for _ in range(10):
        await asyncio.gather(*(replica() for replica in replicas))
    assert sorted(shop.told()) == list(range(1, 51))


async def test_where_payment_is_known_to_take_nothing_a_hold_is_in_line_from_the_first_commit():
    shop = Shop()
    await shop.held(0)
    book = BookTicket(shop.bookings, MemorySales(shop.db), None, shop.collect, shop.clock, timedelta(minutes=10))
    order, why = Book(ticket_id=1, customer_id=6), cause(key="once")
    first = await book(order, why)
    assert (first.booking.due_from, first.pay_later, first.repeated) == (LATER, SECOND, False)
    again = await book(order, why)
    assert (again.booking, again.repeated, shop.line.length) == (first.booking, True, 2)
    shop.pay.down = False
    assert (await book(order, why)).booking.status is Status.BOOKED


async def test_whom_payment_never_heard_of_waits_in_line_once():
    """The question was lost on the way, and its buyer told that it is being looked into."""
    shop = Shop()
    (held,) = await shop.held(1)
    shop.clock.time = NOON + timedelta(minutes=1)
    reconcile = ReconcilePayments(shop.bookings, shop.pay, shop.clock, RandomIds(), concurrently)
    await reconcile()
    waits = await shop.bookings.get(held.id, EVERYTHING)
    assert waits.due_from == shop.clock.time
    shop.pay.room = 1
    await shop.replica()()
    await reconcile()
    assert (shop.told(), await shop.bookings.in_line()) == ([held.id], 0)
