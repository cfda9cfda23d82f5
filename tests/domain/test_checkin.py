"""Letting in who brings a booking: of one that stands, once; and what that means for canceling it."""

from datetime import timedelta

import pytest
from attrs import evolve

from myticket_core.access import EVERYTHING, Scope
from myticket_core.booking.campaign import REASON
from myticket_core.booking.cancel import Cancel, foreseen
from myticket_core.booking.model import Status
from myticket_core.errors import Rejected
from tests.domain.examples import NOON, booking, sale
from tests.domain.test_cancellation import OneBooking

BUYER, LATER = Scope(customer_id=6), NOON + timedelta(minutes=5)


def used(**members):
    return booking(status=Status.BOOKED, payment_id=9, version=1, checked_in_at=NOON, **members)


def refusal(decide, *facts):
    with pytest.raises(Rejected) as refused:
        decide(*facts)
    return refused.value.code, refused.value.facts


def test_who_has_booked_is_let_in_and_no_event_tells_of_it():
    before = booking(status=Status.BOOKED, version=1)
    assert before.checked_in(NOON) == (evolve(before, checked_in_at=NOON), ())


@pytest.mark.parametrize("status", sorted(set(Status) - {Status.BOOKED}))
def test_what_is_not_paid_or_over_lets_nobody_in_and_says_what_it_is(status):
    expected = ("not_booked", {"book_status": status.value})
    assert refusal(booking(status=status).checked_in, NOON) == expected
    assert refusal(booking(status=status, checked_in_at=NOON).checked_in, LATER) == expected


def test_the_second_time_it_says_when_it_was_used_first():
    assert refusal(used().checked_in, LATER) == ("checked_in", {"checked_in_at": NOON})


@pytest.mark.parametrize("until", [None, NOON - timedelta(seconds=1), LATER])
async def test_its_buyer_cannot_cancel_what_is_used_and_is_told_so_before(until):
    store = OneBooking(used(cancel_until=until, cancel_fee=150))
    cancel, order = store.cancel(), Cancel(id=5)
    told = await cancel.preview(order, BUYER)
    assert (told.possible, told.refund) == (False, 0)
    with pytest.raises(Rejected) as refused:
        await cancel(order, BUYER, None)
    assert (refused.value.code, store.one) == ("checked_in", used(cancel_until=until, cancel_fee=150))


async def test_an_operator_and_the_organizers_deletion_give_everything_back_all_the_same():
    cancel = OneBooking(used(cancel_fee=150)).cancel()
    assert (await cancel.preview(Cancel(id=5), EVERYTHING)).possible
    over = await cancel(Cancel(id=5), EVERYTHING, None)
    gone, _ = used(cancel_fee=150).canceled(REASON)
    assert over.refund == gone.refund == 1500
    assert gone.checked_in_at == NOON, "that somebody had come is not forgotten"
    assert gone.called_off("again", LATER) == (gone, ())
    assert not foreseen(gone, sale(deleted=True), BUYER, LATER).possible
