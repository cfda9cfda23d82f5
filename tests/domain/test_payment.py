"""A payment's decisions follow the table, and the table is total."""

from datetime import timedelta
from itertools import product

import pytest
from attrs import evolve

from adapters.memory import MemoryDatabase, MemoryPaymentBook, MemoryProvider
from adapters.system import RandomIds
from myticket_core.access import EVERYTHING, Scope
from myticket_core.booking.events import BookCanceled
from myticket_core.errors import Invalid, NotFound, Rejected
from myticket_core.payment.approve import DOUBT, Approve, ApprovePayment, concluded
from myticket_core.payment.events import PaymentApproved, PaymentCanceled
from myticket_core.payment.model import TABLE, PaymentId, Refund, Status, Step
from myticket_core.payment.policies import WHENEVER
from myticket_core.payment.ports import Charged, Refused
from tests.domain.examples import CAUSE, NOON, Clock, payment

STEPS = {
    Step.APPROVE: lambda it: it.approved("charge-1", NOON),
    Step.DECLINE: lambda it: it.declined("no money", NOON),
    Step.CANCEL: lambda it: it.canceled("the booking was canceled", "cancel", None, NOON),
    Step.REFUND: lambda it: it.refunded("refund-1"),
}
TOLD = {Status.APPROVED: PaymentApproved, Status.CANCELED: PaymentCanceled}


REFUNDING = (Status.CANCELING, Status.CANCELED)
REFUND = Refund(amount=1500)
SECOND = timedelta(seconds=1)


def test_every_cell_is_decided():
    assert TABLE.keys() == set(product(Status, Step))
    assert STEPS.keys() == set(Step)


@pytest.mark.parametrize("status, step", TABLE)
def test_decisions_follow_the_table(status, step):
    before = payment(status=status, version=3, refund=REFUND if status in REFUNDING else None)
    after, events = STEPS[step](before)
    assert after.status is TABLE[status, step]
    if after.status is status:
        assert (evolve(after, correlation_id="case"), events) == (before, ())
    else:
        assert [type(event) for event in events] == [TOLD[it] for it in (after.status,) if it in TOLD]
        assert after.version == 3 + len(events)
        assert all((event.version, event.status) == (after.version, after.status) for event in events)


def test_money_is_kept_only_where_it_was_asked_for_and_not_canceled_since():
    assert {status for status, step in TABLE if TABLE[status, step] is Status.APPROVED} == {
        Status.REQUESTED,
        Status.APPROVED,
    }


def test_a_late_charge_of_a_void_payment_is_given_back_and_told_under_the_cancel():
    void, _ = payment().canceled("gone", "cancel", None, NOON)
    late, events = void.approved("charge-1", NOON)
    assert (void.status, late.status, events) == (Status.VOID, Status.CANCELING, ())
    back, (event,) = late.refunded("refund-1")
    assert (back.status, event.reason, event.version, back.correlation_id) == (Status.CANCELED, "gone", 1, "cancel")


def test_a_refund_belongs_to_the_case_of_the_cancel():
    approved, _ = payment(correlation_id="booking").approved("c", NOON)
    assert approved.correlation_id == "booking"
    assert approved.canceled("gone", "cancel", None, NOON)[0].correlation_id == "cancel"


def test_so_does_that_of_late_money_which_was_declined_before():
    declined, _ = payment(correlation_id="booking").declined("no", NOON)[0].canceled("gone", "cancel", None, NOON)
    assert (declined.status, declined.reason, declined.correlation_id) == (Status.DECLINED, "no", "cancel")
    over = [payment(status=it) for it in (Status.VOID, *REFUNDING)]
    assert [it.canceled("gone", "cancel", None, NOON)[0] for it in over] == over


@pytest.mark.parametrize("status", Status)
def test_only_what_is_due_is_asked_for_again(status):
    before = payment(status=status, method="a")
    after, events = before.asked("b", NOON, NOON + DOUBT)
    if status is Status.REQUESTED:
        assert after == evolve(before, method="b", asked_at=NOON, doubt_until=NOON + DOUBT)
        assert after.asked(None, NOON, NOON + DOUBT)[0].method == "b"
    else:
        assert after == before
    assert events == ()


def test_a_repeat_within_the_same_instant_is_none_the_less_one():
    asked, _ = payment().asked("a", NOON, NOON + DOUBT)
    again, _ = asked.asked("b", NOON, NOON + DOUBT)
    assert (payment().asked_once, asked.asked_once, again.asked_once) == (False, True, False)


@pytest.mark.parametrize("seconds, doubted", [(-1, True), (0, False), (1, False)])
def test_doubt_ends(seconds, doubted):
    asked, _ = payment().asked(None, NOON - DOUBT, NOON)
    after, _ = asked.undoubted(NOON + timedelta(seconds=seconds))
    assert (after.doubt_until is not None) is doubted


async def test_a_repeat_of_a_key_that_is_sent_again_is_in_doubt_for_as_long_as_the_first():
    clock = Clock()
    payments = MemoryPaymentBook(MemoryDatabase(clock, RandomIds()))
    approve, keyed = ApprovePayment(payments, MemoryProvider(), clock), evolve(CAUSE, key="k")
    for wait in (timedelta(0), DOUBT - SECOND):
        clock.time += wait
        late = await approve(Approve(booking_id=5, price=1500, method="late"), keyed)
    assert (late.repeated, late.state.doubt_until) == (True, clock.time + DOUBT)


def test_what_the_provider_answered_ends_the_doubt():
    asked, _ = payment().asked(None, NOON, NOON + DOUBT)
    for outcome, status in ((Charged("c"), Status.APPROVED), (Refused("no"), Status.DECLINED)):
        after, _ = concluded(outcome, NOON)(asked, asked.id)
        assert (after.status, after.doubt_until) == (status, None)


def test_a_cancel_keeps_the_doubt_and_whatever_the_provider_says_then_ends_it():
    asked, _ = payment().asked(None, NOON, NOON + DOUBT)
    void, _ = asked.canceled("gone", "cancel", None, NOON)
    assert (void.status, void.doubt_until) == (Status.VOID, NOON + DOUBT)
    declined, _ = void.declined("no", NOON)
    assert (declined.status, declined.doubt_until) == (Status.VOID, None)
    assert (void.approved("c", NOON)[0].status, void.approved("c", NOON)[0].doubt_until) == (Status.CANCELING, None)


@pytest.mark.parametrize("status", [Status.REQUESTED, Status.VOID])
def test_a_decline_of_one_attempt_leaves_the_others_in_doubt(status):
    asked, _ = payment().asked("a", NOON, NOON + DOUBT)
    again, _ = asked.asked("b", NOON + SECOND, NOON + SECOND + DOUBT)
    over = NOON + SECOND + DOUBT
    for now, doubted in ((over - SECOND, over), (over, None)):
        declined, _ = evolve(again, status=status).declined("no", now)
        assert (declined.status, declined.doubt_until) == (TABLE[status, Step.DECLINE], doubted)
        assert declined.declined("no", over)[0].doubt_until is None
        assert declined.approved("c", now)[0].refund == Refund(amount=1500, since=now)


def test_a_canceled_booking_that_was_never_asked_for_leaves_a_tombstone():
    said = BookCanceled(id=5, ticket_id=3, price=9, customer_id=6, company_id=7, start_date=0, reason="gone")
    order = WHENEVER[BookCanceled](said)
    tombstone = order.tombstone(PaymentId(1), NOON, CAUSE)
    assert (tombstone.status, tombstone.booking_id, tombstone.reason) == (Status.VOID, 5, "gone")
    assert (tombstone.customer_id, tombstone.company_id, tombstone.price) == (6, 7, 9)
    assert WHENEVER[BookCanceled](BookCanceled(id=5)).reason == "the booking was canceled"


@pytest.mark.parametrize(
    "owner, mine", [(EVERYTHING, True), (Scope(customer_id=6), True), (Scope(company_id=1), False)]
)
def test_what_is_not_yours_is_not_found(owner, mine):
    if mine:
        assert payment().owned(owner) == payment()
    else:
        with pytest.raises(NotFound):
            payment().owned(owner)


@pytest.mark.parametrize(
    "wrong", [{"booking_id": 0}, {"price": -1}, {"price": None}, {"ticket_id": 0}, {"method": "\n"}]
)
def test_an_order_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(Invalid):
        Approve(**({"booking_id": 1, "price": 0} | wrong))


def test_a_booking_is_not_paid_for_on_other_terms():
    known = payment(price=100, customer_id=6, ticket_id=3)
    same = {"booking_id": known.booking_id, "price": 100}
    assert Approve(**same).same_as(known) is known, "who pays, and for what, may be left out"
    for other in ({"price": 99}, {"customer_id": 7}, {"ticket_id": 4}):
        with pytest.raises(Rejected) as refused:
            Approve(**{**same, **other}).same_as(known)
        assert refused.value.code == "another_payment"
        assert str(refused.value) == f"booking {known.booking_id} has a payment of 100 by customer 6 for ticket 3"


@pytest.mark.parametrize(
    "known, told",
    [
        ({"price": 100, "customer_id": None, "ticket_id": None}, "of 100"),
        ({"price": None, "customer_id": 6, "ticket_id": None}, "by customer 6"),
        ({"price": 0, "customer_id": None, "ticket_id": 3}, "of 0 for ticket 3"),
    ],
)
def test_of_a_payment_only_what_is_known_is_told(known, told):
    assert payment(**known).terms == told
