"""What keeps failing is passed over: those behind it have their turn, and it has its own again in the next round."""

import asyncio
from datetime import timedelta

import pytest

from adapters.memory import MemoryBookings, MemoryDatabase, MemoryPaymentBook
from adapters.system import RandomIds, concurrently
from myticket_core.access import EVERYTHING
from myticket_core.booking.model import BookingId
from myticket_core.booking.model import Status as Booked
from myticket_core.booking.ports import Approved
from myticket_core.booking.reconcile import ReconcilePayments
from myticket_core.errors import Incomplete, NotFound, Unavailable
from myticket_core.payment.approve import DOUBT
from myticket_core.payment.cancel import CancelPayment, PaymentCanceler
from myticket_core.payment.model import PaymentId, Refund, RefundStatus, Status
from myticket_core.payment.ports import Charged, GivenBack
from myticket_core.payment.refund import GIVE_UP_AFTER
from myticket_core.payment.settle import SettlePayment, SettlePayments
from tests.domain.examples import CAUSE, NOON, Clock, booking, payment, sale


class Noon:
    def now(self):
        return NOON + timedelta(hours=1)

    async def sleep(self, duration):
        raise AssertionError("nobody waits")


class Bank:
    """Knows nothing of the first charge."""

    async def refund(self, key, amount, round):
        if key == "booking-1":
            raise NotFound("charge", key)
        return GivenBack(f"refund-{key}")


class Later(Noon):
    def now(self):
        return super().now() + timedelta(minutes=1)


class HasCharged:
    """Each booking, before."""

    async def find(self, key):
        return Charged("charge-1")

    async def refund(self, key, amount, round):
        return GivenBack(f"refund-{key}")


class KnowsNothing:
    async def find_refund(self, key):
        return None


class Pay:
    """Cannot say what became of the first booking."""

    async def find(self, booking):
        if booking.id == 1:
            raise Unavailable("pay does not answer")
        return Approved(booking.id)


@pytest.mark.parametrize("price, asks", [(1500, True), (0, False)])
async def test_the_provider_is_asked_for_what_was_paid_and_pay_has_lost(price, asks):
    """As after pay was put back to an older state: book says which payment it was."""
    payments = MemoryPaymentBook(MemoryDatabase(Noon(), RandomIds()))
    over = CancelPayment(booking_id=5, reason="the buyer canceled", price=price, payment_id=3, refund=price)
    lost = await PaymentCanceler(payments, Noon())(over, CAUSE)
    assert (lost.status, lost.in_doubt) == (Status.VOID, asks)
    for _ in range(2):
        await SettlePayments(payments, HasCharged(), Later(), RandomIds(), concurrently)()
    found = await payments.of_booking(5, EVERYTHING)
    assert (found.status, found.refund and found.refund.amount) == (
        (Status.CANCELED, 1500) if asks else (Status.VOID, None)
    )


async def test_of_what_was_never_paid_nobody_is_asked():
    payments = MemoryPaymentBook(MemoryDatabase(Noon(), RandomIds()))
    void = await PaymentCanceler(payments, Noon())(CancelPayment(booking_id=5, reason="expired", price=1500), CAUSE)
    assert (void.status, void.in_doubt) == (Status.VOID, False)


async def test_a_refund_that_fails_holds_up_no_other():
    payments = MemoryPaymentBook(MemoryDatabase(Noon(), RandomIds()))
    for id in (1, 2, 3):
        due = payment(id=PaymentId(id), booking_id=id, status=Status.CANCELING, refund=Refund(amount=1500))
        await payments.change(id, lambda _, __, due=due: (due, ()), CAUSE)
    settle = SettlePayments(payments, Bank(), Noon(), RandomIds(), concurrently, batch=2)
    with pytest.raises(Incomplete) as some:
        await settle()
    assert (some.value.onward, type(some.value.failure), some.value.done) == (2, NotFound, 1)
    assert await settle(PaymentId(some.value.onward)) == 0
    became = [(await payments.of_booking(id, EVERYTHING)).status for id in (1, 2, 3)]
    assert became == [Status.CANCELING, Status.CANCELED, Status.CANCELED]


@pytest.mark.parametrize("replicas", [1, 2, 3])
async def test_a_refund_is_given_up_after_as_many_looks_however_many_replicas_look_at_once(replicas):
    payments = MemoryPaymentBook(MemoryDatabase(Noon(), RandomIds()))
    owed = payment(booking_id=1, status=Status.CANCELING, refund=Refund(amount=1500))
    await payments.change(1, lambda *_: (owed, ()), CAUSE)
    settle, looks = SettlePayment(payments, Bank(), Noon(), RandomIds()), 0
    while (seen := await payments.of_booking(1, EVERYTHING)).refund.open:
        await asyncio.gather(*(settle(seen) for _ in range(replicas)), return_exceptions=True)
        looks += 1
    assert (seen.refund.status, looks) == (RefundStatus.FAILED, GIVE_UP_AFTER)


async def test_a_booking_in_doubt_holds_up_no_other():
    bookings = MemoryBookings(db := MemoryDatabase(Noon(), RandomIds()))
    db.sales[3] = sale(held=3, capacity=3)
    db.bookings |= {id: booking(id=BookingId(id)) for id in (1, 2, 3)}
    reconcile = ReconcilePayments(bookings, Pay(), Noon(), RandomIds(), concurrently, batch=2)
    with pytest.raises(Incomplete) as some:
        await reconcile()
    assert some.value.done == 1
    assert await reconcile(BookingId(some.value.onward)) == 0
    assert [db.bookings[id].status for id in (1, 2, 3)] == [Booked.PENDING, Booked.BOOKED, Booked.BOOKED]


@pytest.mark.parametrize("seconds, over", [(5, False), (6, True)])
async def test_what_was_asked_for_just_now_is_left_to_who_asked(seconds, over):
    clock = Clock()
    clock.time += timedelta(seconds=seconds)
    bookings = MemoryBookings(db := MemoryDatabase(clock, RandomIds()))
    db.sales[3], db.bookings[2] = sale(held=1), booking(id=BookingId(2))
    await ReconcilePayments(bookings, Pay(), clock, RandomIds(), concurrently)()
    assert db.bookings[2].status is (Booked.BOOKED if over else Booked.PENDING)
    payments, asked = MemoryPaymentBook(db), payment().asked(None, NOON, NOON + DOUBT)
    await payments.change(5, lambda *_: asked, CAUSE)
    await SettlePayments(payments, HasCharged(), clock, RandomIds(), concurrently)()
    assert (await payments.of_booking(5, EVERYTHING)).status is (Status.APPROVED if over else Status.REQUESTED)


async def test_that_nothing_is_known_of_a_refund_that_was_given_up_is_no_news():
    """As a provider's message about it has it looked at: it goes on waiting for an operator."""
    payments = MemoryPaymentBook(MemoryDatabase(Noon(), RandomIds()))
    refund = Refund(amount=1500, status=RefundStatus.FAILED, attempts=GIVE_UP_AFTER, reason="no answer")
    given_up = payment(status=Status.CANCELING, refund=refund)
    await payments.change(5, lambda *_: (given_up, ()), CAUSE)
    await SettlePayment(payments, KnowsNothing(), Noon(), RandomIds())(given_up)
    assert await payments.of_booking(5, EVERYTHING) == given_up
