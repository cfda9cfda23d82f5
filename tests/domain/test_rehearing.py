"""A store that is put back has everything again that was told, in whatever order the partitions are read."""

from __future__ import annotations

import random
from collections import defaultdict

import pytest

from adapters.memory import (
    MemoryBookings,
    MemoryDatabase,
    MemoryLog,
    MemoryOutbox,
    MemoryParking,
    MemoryPaymentBook,
    MemorySales,
)
from adapters.system import RandomIds, concurrently
from myticket_core.booking import policies as booking
from myticket_core.booking.close_sale import CloseSale, SaleCloser
from myticket_core.booking.events import BookCanceled
from myticket_core.booking.recover import BookingRecovery, RecoverBooking, RecoverSale, SaleRecovery
from myticket_core.booking.track_tickets import TicketTracker, TrackTicket
from myticket_core.conformance.booking_store import called_off, confirmed, held, pending
from myticket_core.conformance.builders import cause
from myticket_core.conformance.payment_store import (
    approved,
    canceled,
    failed,
    paid,
    refunded,
    requested,
    retried,
)
from myticket_core.messages import Envelope
from myticket_core.payment import policies as payment
from myticket_core.payment.cancel import CancelPayment, PaymentCanceler
from myticket_core.payment.recover import PaymentRecovery, RecoverPayment
from myticket_core.reacting import Consumer
from myticket_core.rehearing import Rehear
from myticket_core.ticket.events import TicketChanged, TicketRegistered
from tests.domain.examples import Clock, envelope

ORDERS = range(12)


@pytest.mark.parametrize("seed", ORDERS)
async def test_pay_has_its_payments_under_their_numbers_and_nothing_is_parked(seed):
    """Holds that ended unpaid get theirs behind them, though they come first."""
    before = _database()
    book = MemoryPaymentBook(before)
    for id in range(1, 7):
        await paid(_Store(book), id)
    for id in (2, 3):
        await book.change(id, canceled, cause())
    await book.change(2, refunded, cause())
    for step in (failed, retried):
        await book.change(3, step, cause())
    await _late_and_failed(book)
    said = await MemoryOutbox(before).pending(1000)
    ended = [_canceled(id) for id in (2, 3, 7, 8, 9)]
    after = _database()
    parking = await _rehear_pay(after, _shuffled([*said, *ended], seed))
    known = {it.id: (it.status, it.version, it.booking_id) for it in after.payments.values() if it.booking_id < 8}
    assert known == {it.id: (it.status, it.version, it.booking_id) for it in before.payments.values()}
    assert {it.booking_id for it in after.payments.values() if it.id > 7} == {8, 9}
    assert after.payments[2].refund.amount == before.payments[2].refund.amount
    assert not await parking.parked("pay")
    assert not await MemoryOutbox(after).pending(10)


async def _late_and_failed(book):
    """A hold ended, its charge came all the same, and did not go back."""
    await book.change(7, requested(7), cause())
    for step in (canceled, approved, failed):
        await book.change(7, step, cause())


@pytest.mark.parametrize("seed", ORDERS)
async def test_book_has_its_bookings_and_tells_nothing_anew(seed):
    before = _database()
    bookings, sales = MemoryBookings(before), MemorySales(before)
    terms = {"id": 1, "company_id": 7, "price": 100, "capacity": 3}
    registered, changed = TicketRegistered(**terms, version=1), TicketChanged(**terms | {"capacity": 2}, version=2)
    for said in (registered, changed)[: 1 + seed % 2]:
        await TicketTracker(sales)(booking.WHENEVER[type(said)](said), cause())
    made = [await held(_Store(bookings), pending()) for _ in range(2)]
    for it in made:
        await bookings.change(it.id, confirmed, cause())
    await bookings.change(made[0].id, called_off, cause())
    await TicketTracker(sales)(booking.WHENEVER[TicketChanged](changed), cause())
    log = [envelope(registered, "t1"), *await MemoryOutbox(before).pending(1000), envelope(changed, "t2")]
    after = _database()
    parking = await _rehear_book(after, _shuffled(log, seed))
    untold = {"expires_at", "created_at", "correlation_id"}
    for id, known in before.bookings.items():
        assert _but(after.bookings[id], untold) == _but(known, untold)
    assert after.sales == before.sales
    assert not await parking.parked("book")
    assert not await MemoryOutbox(after).pending(10)


def _but(state, names):
    return {name: getattr(state, name) for name in state.__slots__ if name not in names and not name.startswith("_")}


class _Store:
    def __init__(self, one):
        self.payments = self.bookings = one


def _database():
    return MemoryDatabase(Clock(), RandomIds())


def _canceled(id) -> Envelope:
    payment_id = id if id < 7 else None
    return envelope(BookCanceled(id=id, version=1, payment_id=payment_id, customer_id=1, ticket_id=id + 100), f"c{id}")


def _shuffled(log, seed):
    """Any order that keeps that of each producer's events of a key."""
    lanes = defaultdict(list)
    for it in log:
        lanes[it.source, it.key].append(it)
    chance, order = random.Random(seed), []
    while lanes:
        lane = chance.choice(sorted(lanes))
        order.append(lanes[lane].pop(0))
        if not lanes[lane]:
            del lanes[lane]
    return order


async def _rehear_pay(db, log):
    book = MemoryPaymentBook(db)
    own = Consumer("pay", payment.RECOVERED, {RecoverPayment: PaymentRecovery(book)})
    others = Consumer("pay", payment.WHENEVER, {CancelPayment: PaymentCanceler(book, Clock())})
    return await _rehear(db, [own, others], log)


async def _rehear_book(db, log):
    bookings, sales = MemoryBookings(db), MemorySales(db)
    handlers = {RecoverBooking: BookingRecovery(bookings), RecoverSale: SaleRecovery(sales)}
    own = Consumer("book", booking.RECOVERED, handlers)
    others = Consumer("book", booking.WHENEVER, {TrackTicket: TicketTracker(sales), CloseSale: SaleCloser(sales)})
    return await _rehear(db, [own, others], log)


async def _rehear(db, consumers, envelopes):
    log, parking = MemoryLog(), MemoryParking(db)
    await log.publisher().publish(envelopes)
    assert await Rehear(consumers, log.history, parking, Clock(), concurrently)() == len(envelopes)
    return parking
