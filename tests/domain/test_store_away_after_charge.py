"""A store that goes away while money is asked for: nobody is told that nothing happened, and it is found out later."""

from datetime import timedelta

import pytest

from adapters.memory import MemoryBookings, MemoryDatabase, MemoryPaymentBook, MemoryProvider
from adapters.system import RandomIds, concurrently
from myticket_core.access import EVERYTHING
from myticket_core.booking.collect import CollectPayment
from myticket_core.booking.model import BookingId
from myticket_core.booking.model import Status as Booked
from myticket_core.booking.ports import Approved
from myticket_core.booking.reconcile import ReconcilePayments
from myticket_core.errors import InDoubt, Unavailable
from myticket_core.payment.approve import Approve, ApprovePayment
from myticket_core.payment.model import Status
from myticket_core.payment.settle import SettlePayments
from tests.domain.examples import CAUSE, NOON, Clock, booking, sale

AWAY = (Unavailable("away"), InDoubt("the answer is lost"))
A_WHILE = timedelta(minutes=1)


class Pay:
    """Has charged it; or takes nothing now."""

    def __init__(self, busy=False):
        self.busy = busy

    async def request(self, _):
        if self.busy:
            raise Unavailable("later", timedelta(seconds=7))
        return Approved(payment_id=9)

    async def find(self, _):
        return Approved(payment_id=9)

    def pace(self):
        return 1.0


class Away:
    """Before a store: while there is an `error` nothing is written."""

    error = None

    async def change(self, *what):
        if self.error:
            raise self.error
        return await super().change(*what)

    async def change_once(self, *what):
        if self.error:
            raise self.error
        return await super().change_once(*what)


class BookingsAway(Away, MemoryBookings):
    pass


class PaymentsAway(Away, MemoryPaymentBook):
    pass


def held(clock):
    """A store, and the booking in it that waits for its money."""
    bookings = BookingsAway(db := MemoryDatabase(clock, RandomIds()))
    db.sales[3] = sale(held=1, capacity=2)
    db.bookings[1] = booking(id=BookingId(1), created_at=NOON)
    return bookings, db.bookings[1]


@pytest.mark.parametrize("error", AWAY, ids=repr)
async def test_a_charge_that_cannot_be_stored_at_booking_is_in_doubt_and_confirmed_later(error):
    bookings, mine = held(clock := Clock())
    bookings.error = error
    answer = await CollectPayment(bookings, Pay(), clock)(mine, CAUSE)
    assert (answer.booking.status, answer.pay_later) == (Booked.PENDING, None)
    bookings.error = None
    clock.time += A_WHILE
    await ReconcilePayments(bookings, Pay(), clock, RandomIds(), concurrently)()
    assert (await bookings.get(mine.id, EVERYTHING)).status is Booked.BOOKED


@pytest.mark.parametrize("error", AWAY, ids=repr)
async def test_whose_place_in_line_cannot_be_stored_still_has_a_seat_and_is_told_when_to_pay(error):
    bookings, mine = held(clock := Clock())
    bookings.error = error
    answer = await CollectPayment(bookings, Pay(busy=True), clock)(mine, CAUSE)
    assert answer.booking == mine
    assert answer.pay_later >= timedelta(seconds=7)


@pytest.mark.parametrize("error", AWAY, ids=repr)
async def test_a_charge_that_cannot_be_stored_at_payment_is_in_doubt_and_approved_later(error):
    clock, bank = Clock(), MemoryProvider()
    payments = PaymentsAway(MemoryDatabase(clock, RandomIds()))

    async def charge(*asked):
        payments.error = error
        return await MemoryProvider.charge(bank, *asked)

    bank.charge = charge
    asked = await ApprovePayment(payments, bank, clock)(Approve(booking_id=1, price=1500), CAUSE)
    assert asked.state.status is Status.REQUESTED
    payments.error = None
    clock.time += A_WHILE
    await SettlePayments(payments, bank, clock, RandomIds(), concurrently)()
    assert (await payments.get(asked.state.id, EVERYTHING)).status is Status.APPROVED


async def test_where_it_is_not_known_whether_the_question_is_stored_nothing_is_charged():
    clock, bank = Clock(), MemoryProvider()
    payments = PaymentsAway(MemoryDatabase(clock, RandomIds()))
    payments.error = InDoubt("the answer is lost")
    with pytest.raises(Unavailable):
        await ApprovePayment(payments, bank, clock)(Approve(booking_id=1, price=1500), CAUSE)
    assert await bank.find("booking-1") is None
