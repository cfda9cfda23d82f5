"""A buyer cancels while something else happens to the booking: 200 times each, in every order, on both stores.

Whatever comes first, there is one story, and the money that is told to go back is what that story says.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta
from itertools import count
from random import Random

import pytest

from adapters.memory import MemoryBookings, MemoryDatabase, MemoryOutbox, MemorySales
from adapters.persistence import Database, SqlBookings, SqlOutbox, SqlSales, migrate
from adapters.system import RandomIds, concurrently
from myticket_core.access import EVERYTHING, Scope
from myticket_core.booking.book import Book, BookTicket
from myticket_core.booking.campaign import REASON
from myticket_core.booking.cancel import BY_BUYER, Cancel, CancelBooking
from myticket_core.booking.close_sale import CancelCampaign, CloseSale, SaleCloser
from myticket_core.booking.collect import CollectPayment, settle
from myticket_core.booking.model import Status
from myticket_core.booking.ports import Approved
from myticket_core.booking.terms import Terms
from myticket_core.booking.track_tickets import TicketTracker, TrackTicket
from myticket_core.errors import Rejected
from myticket_core.messages import Cause
from tests.services.stores import NOW, url_of

ROUNDS = 200
PRICE, FEE, UNTIL = 1000, 100, NOW + timedelta(hours=1)
BUYER = Scope(customer_id=6)
NUMBERS = count(1)


class SetClock:
    time = NOW

    def now(self):
        return self.time


class Paid:
    """Pay approves after a moment."""

    def shut(self):
        return None

    async def request(self, booking):
        await asyncio.sleep(0)
        return Approved(booking.id + 1000)


class Desk:
    """Booking's use cases on one store, with tickets that are sold on terms."""

    def __init__(self, bookings, sales, outbox):
        self.bookings, self.sales, self.outbox = bookings, sales, outbox
        self.clock, self.tickets, self.said = SetClock(), count(1), []
        self.book = BookTicket(
            bookings, sales, None, CollectPayment(bookings, Paid(), self.clock), self.clock, timedelta(minutes=10)
        )
        self.cancel = CancelBooking(bookings, sales, self.clock)
        self.close = SaleCloser(sales)
        self.campaign = CancelCampaign(bookings, sales, self.clock, concurrently, chunk=3)

    async def ticket(self, capacity=None):
        id = next(self.tickets)
        terms = Terms(
            company_id=1, price=PRICE, capacity=capacity, cancel_until=UNTIL, cancel_fee_percent=10, version=1
        )
        await TicketTracker(self.sales)(TrackTicket(ticket_id=id, terms=terms), cause())
        return id

    async def booked(self, ticket):
        return (await self.book(Book(ticket_id=ticket, customer_id=6), cause())).booking

    async def canceled(self, id):
        """The booking, or the code of the refusal."""
        try:
            return await self.cancel(Cancel(id=id), BUYER, cause())
        except Rejected as refused:
            return refused.code

    async def story(self, id):
        """What the booking has said, and what was told to be given back."""
        news = await self.outbox.pending(1000)
        await self.outbox.published([it.id for it in news])
        self.said += news
        mine = [it for it in self.said if it.key == str(id) and it.type.startswith("Book")]
        return [it.type for it in mine], [it.data["refund"] for it in mine if it.type == "BookCanceled"]


def cause():
    number = next(NUMBERS)
    return Cause(id=f"cause-{number}", correlation_id=f"case-{number}")


@pytest.fixture(params=["memory", "sqlite"])
async def desk(request, tmp_path):
    if request.param == "memory":
        db = MemoryDatabase(SetClock(), RandomIds())
        yield Desk(MemoryBookings(db), MemorySales(db), MemoryOutbox(db))
        return
    migrate(url_of(tmp_path), "book")
    db = await Database.open(url_of(tmp_path), "book", SetClock(), RandomIds())
    yield Desk(SqlBookings(db), SqlSales(db), SqlOutbox(db))
    await db.close()


async def at_once(chance, *calls):
    """In an order of chance, which on one loop is that of their first steps."""
    waiting = list(calls)
    chance.shuffle(waiting)
    return await asyncio.gather(*waiting)


async def test_a_cancel_and_a_confirmation_at_once_are_one_story(desk):
    chance, stories, money = Random(1), Counter(), Counter()
    ticket = await desk.ticket()
    for _ in range(ROUNDS):
        order = Book(ticket_id=ticket, customer_id=6)
        held = await desk.book._hold(order, cause(), None, None)
        id = held.state.id
        approved = settle(held.state, Approved(id + 1000), desk.bookings, cause())
        await at_once(chance, approved, desk.canceled(id), desk.canceled(id))
        over = await desk.bookings.get(id, EVERYTHING)
        told, refunds = await desk.story(id)
        was_booked = told == ["Booked", "BookCanceled"]
        assert told in (["BookCanceled"], ["Booked", "BookCanceled"])
        assert refunds == [over.refund] == [PRICE - FEE if was_booked else PRICE]
        assert (over.status, over.reason, over.payment_id is not None) == (Status.CANCELED, BY_BUYER, was_booked)
        stories[len(told)] += 1
        money["told back"] += refunds[0]
    sale = await desk.sales.get(ticket)
    assert (sale.held, sale.booked) == (0, 0)
    assert set(stories) == {1, 2}, "it never was a race"
    assert money["told back"] == ROUNDS * PRICE - stories[2] * FEE


async def test_a_deletion_and_bookings_at_once_leave_none(desk):
    chance, outcomes = Random(2), Counter()

    async def books(ticket):
        try:
            return (await desk.booked(ticket)).id
        except Rejected as refused:
            return refused.code

    async def deletes(ticket):
        await desk.close(CloseSale(ticket_id=ticket), cause())
        await desk.campaign()

    for _ in range(ROUNDS):
        ticket = await desk.ticket(capacity=4)
        first = await desk.booked(ticket)
        done = await at_once(chance, *(books(ticket) for _ in range(4)), deletes(ticket), desk.canceled(first.id))
        while await desk.campaign():
            pass
        sale = await desk.sales.get(ticket)
        assert (sale.taken, sale.deleted, sale.left) == (0, True, 0)
        withdrawn = 0
        for id in (first.id, *(it for it in done if isinstance(it, int))):
            over, (_, refunds) = await desk.bookings.get(id, EVERYTHING), await desk.story(id)
            assert over.status is Status.CANCELED
            assert refunds == [over.refund] == [{REASON: PRICE, BY_BUYER: PRICE - FEE}[over.reason]]
            outcomes[over.reason] += 1
            withdrawn += over.reason == REASON
        assert withdrawn == sale.campaign.total, "of what the deletion found no fee was kept"
        outcomes.update(it for it in done if isinstance(it, str))
        with pytest.raises(Rejected, match="not on sale"):
            await desk.booked(ticket)
    assert set(outcomes) >= {REASON, BY_BUYER, "closed"}, "it never was a race"


async def test_a_cancel_and_its_deadline_at_once_either_is_in_time_or_is_not(desk):
    """Nor do terms that the organizer changes meanwhile matter: it was held on others."""
    chance, seen = Random(3), Counter()
    shortened = Terms(company_id=1, price=PRICE, capacity=None, cancel_until=NOW, cancel_fee_percent=100, version=2)

    async def asks(id):
        """Whether it was in time, and what came of it."""
        return desk.clock.time <= UNTIL, await desk.canceled(id)

    async def time_goes_by():
        desk.clock.time = UNTIL + timedelta(microseconds=1)

    for _ in range(ROUNDS):
        desk.clock.time, ticket = UNTIL, await desk.ticket()
        booked = await desk.booked(ticket)
        changes = TicketTracker(desk.sales)(TrackTicket(ticket_id=ticket, terms=shortened), cause())
        done = await at_once(chance, asks(booked.id), asks(booked.id), time_goes_by(), changes)
        answers = [it for it in done if isinstance(it, tuple)]
        over, (told, refunds) = await desk.bookings.get(booked.id, EVERYTHING), await desk.story(booked.id)
        if any(in_time for in_time, _ in answers):
            assert (over.status, refunds) == (Status.CANCELED, [PRICE - FEE])
            assert all(answer != "too_late" for in_time, answer in answers if in_time)
        else:
            assert (over.status, told, refunds) == (Status.BOOKED, ["Booked"], [])
            assert {answer for _, answer in answers} == {"too_late"}
        seen[over.status] += 1
    assert set(seen) == {Status.CANCELED, Status.BOOKED}, "it never was a race"
