"""What nobody could say is asked about again, more and more rarely, and at once when something has happened to it."""

from datetime import timedelta

from attrs import evolve

from adapters.memory import MemoryBookings, MemoryDatabase, MemoryPaymentBook
from adapters.system import RandomIds, concurrently
from myticket_core.access import EVERYTHING
from myticket_core.asking_again import AskAgain
from myticket_core.booking.collect import RARELY, CollectPayment
from myticket_core.booking.model import BookingId
from myticket_core.booking.ports import Unknown
from myticket_core.booking.reconcile import ReconcilePayments
from myticket_core.payment.model import PaymentId, Refund, Status
from myticket_core.payment.ports import GivenBack
from myticket_core.payment.settle import SettlePayments
from tests.domain.examples import CAUSE, NOON, booking, payment, sale

SECOND = timedelta(seconds=1)


class Clock:
    def __init__(self):
        self.time = NOON + timedelta(minutes=1)

    def now(self):
        return self.time


class Pay:
    """Has never heard of anything, until it does not answer the question in time."""

    def __init__(self):
        self.asked = []

    async def find(self, booking):
        self.asked.append(booking.id)

    async def request(self, booking):
        return Unknown()


class Bank:
    def __init__(self):
        self.asked = []

    async def find(self, key):
        self.asked.append(key)

    async def refund(self, key, amount, round):
        return GivenBack(key)


def seconds_asked(again, seconds):
    """When a worker that looks every second asks about number 1."""
    found = []
    for second in range(seconds):
        now = NOON + second * SECOND
        if again.due(1, now):
            again.unanswered(1, now)
            found.append(second)
    return found


def test_each_time_is_twice_as_far_away_as_the_last_one_at_most_the_longest():
    assert seconds_asked(AskAgain(8 * SECOND), 40) == [0, 1, 3, 7, 15, 23, 31, 39]


def test_what_something_has_happened_to_is_asked_about_at_once_and_often_again():
    again = AskAgain(60 * SECOND)
    assert seconds_asked(again, 20) == [0, 1, 3, 7, 15]
    again.soon(1)
    assert again.due(1, NOON + 16 * SECOND)
    again.unanswered(1, NOON + 16 * SECOND)
    assert again.due(1, NOON + 17 * SECOND)


def test_a_clock_that_was_put_back_puts_nothing_off():
    again = AskAgain(60 * SECOND)
    again.unanswered(1, NOON)
    assert not again.due(1, NOON)
    assert again.due(1, NOON - SECOND)
    again.unanswered(1, NOON - 3600 * SECOND)
    assert again.due(1, NOON - 3598 * SECOND)


def test_after_it_was_put_back_what_is_asked_about_no_more_is_forgotten_too():
    again = AskAgain(8 * SECOND)
    for number in range(100):
        again.unanswered(number, NOON)
    for second in range(100):
        again.unanswered(100 + second, NOON + (second - 3600) * SECOND)
    assert len(again) < 30


def test_what_is_asked_about_no_more_is_forgotten():
    again = AskAgain(8 * SECOND)
    for number in range(100):
        again.unanswered(number, NOON)
    again.unanswered(100, NOON + 60 * SECOND)
    assert len(again._next) == 1


async def test_thousands_that_wait_for_their_turn_are_not_asked_about_every_second():
    clock, pay, again = Clock(), Pay(), AskAgain(RARELY)
    bookings = MemoryBookings(db := MemoryDatabase(clock, RandomIds()))
    db.sales[3] = sale(held=2, capacity=2)
    db.bookings |= {id: booking(id=BookingId(id), created_at=NOON) for id in (1, 2)}
    reconcile = ReconcilePayments(bookings, pay, clock, RandomIds(), concurrently, again=again)
    for _ in range(60):
        await reconcile()
        clock.time += SECOND
    assert pay.asked == [1, 2] * 6
    resumed = await CollectPayment(bookings, pay, clock, again=again)(db.bookings[2], CAUSE)
    await reconcile()
    assert (resumed.pay_later, pay.asked[12:]) == (None, [2])


async def test_a_charge_the_bank_has_not_heard_of_is_asked_about_now_and_then_and_a_refund_when_it_is_due():
    clock, bank = Clock(), Bank()
    payments = MemoryPaymentBook(MemoryDatabase(clock, RandomIds()))
    doubted = payment(id=PaymentId(1), booking_id=1, status=Status.REQUESTED, asked_at=NOON)
    doubted = evolve(doubted, doubt_until=NOON + timedelta(minutes=9))
    due = payment(id=PaymentId(2), booking_id=2, status=Status.CANCELING, refund=Refund(amount=1500))
    settle = SettlePayments(payments, bank, clock, RandomIds(), concurrently)
    await payments.change(1, lambda _, __: (doubted, ()), CAUSE)
    for second in range(30):
        if second == 29:
            await payments.change(2, lambda _, __: (due, ()), CAUSE)
        await settle()
        clock.time += SECOND
    assert len(bank.asked) == 8
    assert (await payments.of_booking(2, EVERYTHING)).status is Status.CANCELED
