"""A refund's decisions follow their table, which is total; and what a payment tells of it."""

from datetime import timedelta
from itertools import product

import pytest

from myticket_core.booking.events import BookCanceled
from myticket_core.errors import NotFound, Rejected
from myticket_core.payment.cancel import PaymentCanceler
from myticket_core.payment.events import PaymentCanceled, RefundFailed
from myticket_core.payment.model import Refund, RefundStatus, Status
from myticket_core.payment.policies import WHENEVER
from myticket_core.payment.ports import GivenBack, GivingBack, NotGivenBack
from myticket_core.payment.refund import GIVE_UP_AFTER, LONGEST_WAIT, TABLE, RefundStep
from myticket_core.payment.retry import RefundRetrier, RetryRefund
from myticket_core.payment.settle import missed, repaid
from tests.domain.examples import CAUSE, NOON, payment

STEPS = {
    RefundStep.ACCEPT: lambda it: it.accepted("r", it, NOON),
    RefundStep.SUCCEED: lambda it: it.succeeded("r"),
    RefundStep.FAIL: lambda it: it.failed("closed"),
    RefundStep.RETRY: Refund.retried,
}


def canceling(price: int = 1500, **members):
    return payment(price=price, status=Status.CANCELING, version=1, refund=Refund(**({"amount": price} | members)))


def test_every_cell_is_decided():
    assert TABLE.keys() == set(product(RefundStatus, RefundStep)) == set(product(RefundStatus, STEPS))


@pytest.mark.parametrize("status, step", TABLE)
def test_decisions_follow_the_table(status, step):
    before = Refund(amount=9, status=status, round=3, reason="before")
    after = STEPS[step](before)
    assert (after.status, after.amount) == (TABLE[status, step], 9)
    assert after.round == 3 + (status is RefundStatus.FAILED and step is RefundStep.RETRY)
    if after.status is status and step is not RefundStep.ACCEPT:
        assert after == before


def test_what_has_succeeded_is_never_asked_for_again():
    assert {after for (status, _), after in TABLE.items() if status is RefundStatus.SUCCEEDED} == {
        RefundStatus.SUCCEEDED
    }


@pytest.mark.parametrize("attempts, seconds", [(0, 1), (1, 2), (2, 4), (8, 256), (9, 300), (200, 300)])
def test_it_is_put_off_longer_each_time(attempts, seconds):
    for before in (Refund(amount=9, attempts=attempts), Refund(amount=9, attempts=attempts, status="PENDING")):
        missed = before.missed("no answer", before, NOON)
        assert (missed.due_at - NOON, missed.attempts) == (timedelta(seconds=seconds), attempts + 1)
        assert missed.due_at - NOON <= LONGEST_WAIT


def test_one_that_nobody_takes_on_is_given_up_and_one_that_is_pending_never():
    tired = Refund(amount=9, attempts=GIVE_UP_AFTER - 1)
    assert tired.missed("no answer", tired, NOON).status is RefundStatus.FAILED
    pending = Refund(amount=9, attempts=GIVE_UP_AFTER - 1, status=RefundStatus.PENDING)
    assert pending.missed("no answer", pending, NOON).status is RefundStatus.PENDING
    done = Refund(amount=9, status=RefundStatus.SUCCEEDED)
    assert done.missed("no answer", done, NOON) is done


def test_of_many_looks_at_once_one_counts():
    due, pending = canceling(attempts=4), canceling(attempts=4, status=RefundStatus.PENDING)
    for it, heard in (
        (due, missed("no answer", due.refund, NOON)),
        (pending, missed("no answer", pending.refund, NOON)),
        (pending, repaid(GivingBack("r"), pending.refund, NOON)),
    ):
        once, _ = heard(it, it.id)
        assert (once.refund.attempts, heard(once, it.id)) == (5, (once, ()))


@pytest.mark.parametrize("member, since", [("round", 2), ("attempts", 2), ("status", RefundStatus.PENDING)])
def test_a_miss_does_not_count_against_what_was_heard_since_that_look(member, since):
    later = canceling(**({"attempts": 1} | {member: since}))
    assert later.refund_missed("no answer", Refund(amount=1500, attempts=1), NOON) == (later, ())


@pytest.mark.parametrize("said, amount", [(None, 1500), (1350, 1350), (0, 0), (1501, 1500), (-1, 0)])
async def test_booking_says_how_much_and_it_is_never_more_than_was_paid(said, amount):
    order = WHENEVER[BookCanceled](BookCanceled(id=5, price=1500, refund=said))
    approved = payment(status=Status.APPROVED, version=1)
    canceled, events = approved.canceled(order.reason, "cancel", order.refund, NOON)
    assert (canceled.status, canceled.refund, events) == (Status.CANCELING, Refund(amount=amount, since=NOON), ())
    back, (event,) = canceled.refunded("r")
    assert (back.status, back.refund.status) == (Status.CANCELED, RefundStatus.SUCCEEDED)
    assert event == PaymentCanceled(
        id=2, version=2, book_id=5, price=1500, company_id=7, customer_id=6, status="CANCELED",
        reason="the booking was canceled", refunded=amount,
    )  # fmt: skip


async def test_the_canceler_hands_the_amount_on():
    class Book:
        async def change(self, booking_id, decide, cause):
            return decide(payment(status=Status.APPROVED), 2)[0]

    order = WHENEVER[BookCanceled](BookCanceled(id=5, refund=7))
    canceled = await PaymentCanceler(Book(), Noon())(order, CAUSE)
    assert canceled.refund.amount == 7


class Noon:
    def now(self):
        return NOON


def test_late_money_goes_back_whole_whatever_the_cancel_said():
    void, _ = payment().canceled("gone", "cancel", 1, NOON)
    late, _ = void.approved("charge-1", NOON)
    assert (void.refund, late.refund) == (None, Refund(amount=1500, since=NOON))
    declined, _ = payment().declined("no money", NOON)
    assert declined.approved("charge-1", NOON)[0].refund == Refund(amount=1500, since=NOON)


def test_a_failure_is_told_once_and_a_success_after_it_too():
    failed, (event,) = canceling(amount=1350).refund_failed("closed", 1)
    assert event == RefundFailed(
        id=2, version=2, book_id=5, price=1500, company_id=7, customer_id=6, status="CANCELING", amount=1350,
        reason="closed",
    )  # fmt: skip
    assert failed.refund_failed("closed", 1) == (failed, ())
    again, events = failed.refund_retried()
    assert (again.refund, events) == (Refund(amount=1350, round=2, reason="closed"), ())
    back, (event,) = again.refunded("r")
    assert (type(event), event.version, event.refunded, back.status) == (PaymentCanceled, 3, 1350, Status.CANCELED)


def test_what_was_said_of_an_earlier_round_fails_no_later_one():
    again, _ = canceling().refund_failed("closed", 1)[0].refund_retried()
    assert again.refund_failed("closed", 1) == (again, ())
    assert again.refund_failed("closed", 2)[0].refund.status is RefundStatus.FAILED


@pytest.mark.parametrize("status, attempts", [("REQUESTED", 5), ("PENDING", 5), ("PENDING", GIVE_UP_AFTER)])
def test_that_it_is_under_way_is_old_news_of_what_the_provider_has_said_has_failed(status, attempts):
    seen = canceling(status=RefundStatus(status), attempts=attempts)
    failed, _ = seen.refund_failed("closed", 1)
    assert failed.refund_accepted("r", seen.refund, NOON) == (failed, ())


def test_what_was_under_way_in_an_earlier_round_is_not_in_a_later_one():
    pending = canceling(status=RefundStatus.PENDING)
    again, _ = pending.refund_failed("closed", 1)[0].refund_retried()
    assert again.refund_accepted("r", pending.refund, NOON) == (again, ())
    assert again.refund_accepted("r", again.refund, NOON)[0].refund.status is RefundStatus.PENDING


def test_what_was_given_up_may_be_under_way_after_all():
    seen = canceling(attempts=GIVE_UP_AFTER - 1)
    given_up, _ = seen.refund_missed("no answer", seen.refund, NOON)
    assert given_up.refund_accepted("r", seen.refund, NOON)[0].refund.status is RefundStatus.PENDING


def test_giving_up_is_told():
    tired = canceling(attempts=GIVE_UP_AFTER - 1)
    failed, (event,) = tired.refund_missed("no answer", tired.refund, NOON)
    assert (failed.refund.status, event.reason) == (RefundStatus.FAILED, "no answer")


def test_what_is_retried_after_it_was_given_up_has_all_its_attempts_again():
    tired = canceling(attempts=GIVE_UP_AFTER - 1)
    again, _ = tired.refund_missed("no answer", tired.refund, NOON)[0].refund_retried()
    missed, events = again.refund_missed("no answer", again.refund, NOON)
    assert (missed.refund.status, missed.refund.attempts, events) == (RefundStatus.REQUESTED, 1, ())


@pytest.mark.parametrize("status", [it for it in RefundStatus if it is not RefundStatus.FAILED])
def test_only_what_has_failed_is_retried(status):
    for it in (canceling(status=status), payment(status=Status.APPROVED)):
        with pytest.raises(Rejected) as refused:
            it.refund_retried()
        assert refused.value.code == "not_failed"


async def test_there_is_nothing_to_retry_where_there_is_no_payment():
    class Empty:
        async def change(self, booking_id, decide, cause):
            decide(None, 1)

    with pytest.raises(NotFound):
        await RefundRetrier(Empty())(RetryRefund(booking_id=5), CAUSE)


@pytest.mark.parametrize(
    "outcome, status",
    [
        (GivenBack("r"), RefundStatus.SUCCEEDED),
        (GivingBack("r"), RefundStatus.PENDING),
        (NotGivenBack("closed"), RefundStatus.FAILED),
    ],
)
def test_what_the_provider_says_is_stored(outcome, status):
    after, _ = repaid(outcome, Refund(amount=1500), NOON)(canceling(), 2)
    assert after.refund.status is status
