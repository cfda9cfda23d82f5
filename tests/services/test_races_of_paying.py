"""A held booking is paid from several sides at once, and while its hold ends: 200 times each, on both stores.

Booking and pay each have a store; what booking says reaches pay. However it comes, a booking that is booked was charged
once, and of one that is over nothing is kept.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import AsyncExitStack
from datetime import timedelta
from itertools import count
from random import Random

import pytest

from adapters.memory import (
    InProcessPayments,
    MemoryBookings,
    MemoryDatabase,
    MemoryOutbox,
    MemoryPaymentBook,
    MemoryProvider,
    MemorySales,
)
from adapters.persistence import Database, SqlBookings, SqlOutbox, SqlPaymentBook, SqlSales
from adapters.system import RandomIds, concurrently
from myticket_core.access import EVERYTHING
from myticket_core.booking.book import Book, BookTicket
from myticket_core.booking.campaign import Outcome
from myticket_core.booking.close_sale import CancelCampaign, CloseSale, SaleCloser
from myticket_core.booking.collect import CollectPayment
from myticket_core.booking.expire import ExpireHolds
from myticket_core.booking.model import Status
from myticket_core.booking.resume import Resume, ResumePayment
from myticket_core.booking.terms import Terms
from myticket_core.booking.track_tickets import TicketTracker, TrackTicket
from myticket_core.messages import Cause
from myticket_core.payment import policies
from myticket_core.payment.approve import ApprovePayment
from myticket_core.payment.cancel import CancelPayment, PaymentCanceler
from myticket_core.payment.settle import SettlePayments
from myticket_core.reacting import Consumer
from tests.services.stores import NOW, put, url_of

ROUNDS = 200
HOLD = timedelta(minutes=10)
NUMBERS = count(1)


class SetClock:
    time = NOW

    def now(self):
        return self.time


class Shop:
    """Booking and pay, and a provider that takes its time."""

    def __init__(self, bookings, sales, outbox, payments, chance):
        self.bookings, self.sales, self.outbox, self.payments = bookings, sales, outbox, payments
        self.clock, self.provider, self.said = SetClock(), MemoryProvider(), []
        self.moved = asyncio.Event()  # the money
        approve = ApprovePayment(payments, Slow(self.provider, chance, self.moved), self.clock)
        collect = CollectPayment(bookings, InProcessPayments(approve, payments, timedelta(seconds=60)), self.clock)
        self.book = BookTicket(bookings, sales, None, collect, self.clock, HOLD)
        self.resume = ResumePayment(bookings, collect)
        self.expire = ExpireHolds(bookings, self.clock, RandomIds(), concurrently)
        self.pay = Consumer("pay", policies.WHENEVER, {CancelPayment: PaymentCanceler(payments, self.clock)})
        self.settle = SettlePayments(payments, self.provider, self.clock, RandomIds(), concurrently, timedelta(0))

    async def held(self, ticket=1):
        """A booking that is to be paid later."""
        terms = Terms(company_id=1, price=100, capacity=None, version=1)
        await TicketTracker(self.sales)(TrackTicket(ticket_id=ticket, terms=terms), cause())
        answer = await self.book(Book(ticket_id=ticket, customer_id=6, method="unavailable"), cause())
        assert (answer.booking.status, answer.pay_later is None) == (Status.PENDING, False)
        return answer.booking.id

    async def paid(self, id, key=None):
        return (await self.resume(Resume(id=id, method="card"), EVERYTHING, cause(key))).booking

    async def heard(self, id):
        """Pay hears what booking said and gives back what is due; what was said of the booking."""
        news = await self.outbox.pending(1000)
        await self.outbox.published([it.id for it in news])
        self.said += news
        for envelope in news:
            await self.pay.handle(envelope)
        while await self.settle():
            pass
        return [it.type for it in self.said if it.key == str(id) and it.type in ("Booked", "BookCanceled")]


class Slow:
    """Others have their turn before and after the money moves."""

    def __init__(self, provider, chance, moved):
        self.provider, self.chance, self.moved = provider, chance, moved

    async def charge(self, key, amount, method):
        await self._turns()
        outcome = await self.provider.charge(key, amount, method)
        self.moved.set()
        await self._turns()
        return outcome

    async def _turns(self):
        for _ in range(self.chance.randrange(4)):
            await asyncio.sleep(0)


def cause(key=None):
    number = next(NUMBERS)
    return Cause(id=f"cause-{number}", correlation_id=f"case-{number}", key=key)


@pytest.fixture(params=["memory", "sqlite"])
async def shop(request, tmp_path):
    chance = Random(request.param)
    async with AsyncExitStack() as closing:
        if request.param == "memory":
            book, pay = (MemoryDatabase(SetClock(), RandomIds()) for _ in range(2))
            yield Shop(MemoryBookings(book), MemorySales(book), MemoryOutbox(book), MemoryPaymentBook(pay), chance)
            return
        for service in ("book", "pay"):
            put(tmp_path, service)
        book = await Database.open(url_of(tmp_path, "book"), "book", SetClock(), RandomIds())
        closing.push_async_callback(book.close)
        pay = await Database.open(url_of(tmp_path, "pay"), "pay", SetClock(), RandomIds())
        closing.push_async_callback(pay.close)
        yield Shop(SqlBookings(book), SqlSales(book), SqlOutbox(book), SqlPaymentBook(pay), chance)


async def at_once(chance, *calls):
    waiting = list(calls)
    chance.shuffle(waiting)
    return await asyncio.gather(*waiting)


async def test_resuming_from_several_sides_charges_once_and_answers_alike(shop):
    chance = Random(1)
    for number in range(ROUNDS):
        id = await shop.held()
        same = [shop.paid(id, f"again-{number}") for _ in range(2)]
        answers = await at_once(chance, *same, shop.paid(id), shop.paid(id, f"other-{number}"))
        assert {answer.status for answer in answers} == {Status.BOOKED}
        assert len({answer.payment_id for answer in answers}) == 1
        assert shop.provider.amounts.pop(f"booking-{id}") == 100
        assert await shop.heard(id) == ["Booked"]
    assert shop.provider.amounts == {}, "nothing else was ever charged"
    sale = await shop.sales.get(1)
    assert (sale.held, sale.booked) == (0, ROUNDS)


async def test_a_payment_and_the_end_of_the_hold_at_once_are_one_story(shop):
    chance, stories = Random(2), Counter()
    for number in range(ROUNDS):
        id = await shop.held()
        shop.moved.clear()
        before, shop.clock.time = shop.clock.time, shop.clock.time + HOLD

        async def expires():
            """At any moment from before the charge until after the confirmation."""
            if chance.random() < 0.7:
                await shop.moved.wait()
                await asyncio.sleep(chance.random() * 0.01)
            await shop.expire()

        await at_once(chance, shop.paid(id), expires(), shop.paid(id, f"again-{number}"))
        shop.clock.time = before
        booking = await shop.bookings.get(id, EVERYTHING)
        story = await shop.heard(id)
        assert story == {Status.BOOKED: ["Booked"], Status.EXPIRED: ["BookCanceled"]}[booking.status]
        kept = shop.provider.amounts.get(f"booking-{id}", 0)
        assert kept == (100 if booking.status is Status.BOOKED else 0)
        given_back = f"booking-{id}" in shop.provider.refunded
        stories[booking.status, given_back] += 1
    sale = await shop.sales.get(1)
    assert (sale.held, sale.booked) == (0, stories[Status.BOOKED, False])
    assert stories[Status.BOOKED, True] == 0
    assert stories[Status.BOOKED, False] > 10, stories
    assert stories[Status.EXPIRED, True] > 10, "late money was given back"
    assert sum(stories.values()) == ROUNDS


async def test_a_deletion_and_payments_at_once_keep_nothing_and_who_asks_afterwards_is_not_charged(shop):
    chance, charged = Random(3), Counter()
    for ticket in range(2, 2 + ROUNDS):
        id = await shop.held(ticket)
        shop.moved.clear()

        async def deletes(ticket=ticket):
            if chance.random() < 0.5:
                await shop.moved.wait()
            await SaleCloser(shop.sales)(CloseSale(ticket_id=ticket), cause())

        await asyncio.wait_for(at_once(chance, shop.paid(id), deletes(), shop.paid(id)), 60)
        before = shop.provider.refunded.get(f"booking-{id}", 0) + shop.provider.amounts.get(f"booking-{id}", 0)
        over = await shop.paid(id, f"late-{id}")
        while await CancelCampaign(shop.bookings, shop.sales, shop.clock, concurrently)():
            pass
        await shop.heard(id)
        assert shop.provider.amounts.get(f"booking-{id}", 0) == 0
        assert shop.provider.refunded.get(f"booking-{id}", 0) == before, "nothing was charged after the deletion"
        assert over.status is (Status.BOOKED if over.payment_id else Status.CANCELED)
        assert (await shop.bookings.get(id, EVERYTHING)).outcome is Outcome.CANCELED
        charged[before] += 1
    assert set(charged) == {0, 100}, "it never was a race"
