"""Cancels by a buyer: in time, for the fee of the terms it was held on; and the preview says just that."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from myticket_core.access import EVERYTHING, Scope
from myticket_core.booking.campaign import REASON, Outcome
from myticket_core.booking.cancel import Cancel, CancelBooking, foreseen
from myticket_core.booking.model import Booking, Status
from myticket_core.errors import Invalid, Rejected
from myticket_core.values import millis
from tests.domain.examples import NOON, booking, sale

BUYER, SECOND = Scope(customer_id=6), timedelta(seconds=1)
TERMS = {"cancel_until": NOON, "cancel_fee": 150}


def booked(**members):
    return booking(status=Status.BOOKED, payment_id=9, version=1, **(TERMS | members))


@pytest.mark.parametrize("now", [NOON - SECOND, NOON])
def test_in_time_it_costs_the_fee(now):
    over, (said,) = booked().called_off("changed my mind", now)
    assert (over.status, over.refund, over.version) == (Status.CANCELED, 1350, 2)
    assert (said.refund, said.cancel_fee, said.cancel_until, said.price) == (1350, 150, millis(NOON), 1500)


def test_afterwards_it_is_too_late_and_says_until_when_it_was_not():
    with pytest.raises(Rejected) as refused:
        booked().called_off("changed my mind", NOON + SECOND)
    assert (refused.value.code, refused.value.facts) == ("too_late", {"cancel_until": NOON})


def test_without_a_deadline_it_is_never_too_late():
    over, _ = booked(cancel_until=None).called_off("changed my mind", NOON + timedelta(days=9999))
    assert over.refund == 1350


def test_a_hold_is_called_off_at_any_time_and_keeps_nothing():
    over, (said,) = booking(**TERMS).called_off("changed my mind", NOON + SECOND)
    assert (over.status, over.refund, said.refund) == (Status.CANCELED, 1500, 1500)


@pytest.mark.parametrize("status", [Status.CANCELED, Status.EXPIRED, Status.DECLINED])
def test_what_is_over_is_canceled_again_without_a_word_also_when_it_is_late(status):
    over = booked(refund=1350) if status is Status.CANCELED else booking(**TERMS)
    over = Booking(**{name: getattr(over, name) for name in Booking.__annotations__} | {"status": status})
    assert over.called_off("again", NOON + SECOND) == (over, ())


def test_the_organizer_an_operator_and_an_expiry_give_everything_back():
    for over, events in (booked().canceled(REASON), booking(**TERMS).expired()):
        assert (over.refund, events[0].refund) == (1500, 1500)


def test_a_booking_of_before_there_were_terms_is_canceled_for_nothing():
    over, (said,) = booking(status=Status.BOOKED, cancel_until=None, cancel_fee=None).called_off("why", NOON)
    assert (over.refund, said.refund, said.cancel_fee) == (1500, 1500, 0)


@pytest.mark.parametrize("agreed", [None, 150, 151])
def test_what_costs_no_more_than_was_agreed_to_is_called_off(agreed):
    over, _ = booked().called_off("changed my mind", NOON, agreed)
    assert over.refund == 1350


@pytest.mark.parametrize("agreed", [0, 149])
def test_what_costs_more_than_was_agreed_to_is_not_and_says_what_it_costs(agreed):
    with pytest.raises(Rejected) as refused:
        booked().called_off("changed my mind", NOON, agreed)
    assert (refused.value.code, refused.value.facts) == ("fee_changed", {"fee": 150})


def test_what_is_over_costs_nothing_more():
    over, _ = booked().called_off("changed my mind", NOON)
    assert over.called_off("again", NOON, 0) == (over, ())


@pytest.mark.parametrize("fee", [-1, "0", 1.5, True])
def test_what_is_no_amount_is_not_agreed_to(fee):
    with pytest.raises(Invalid) as refused:
        Cancel(id=5, fee=fee)
    assert refused.value.member == "fee"


class OneBooking:
    """The ports, as far as a cancel needs them."""

    def __init__(self, one, deleted=False):
        self.one, self.sale = one, sale(deleted=deleted)

    def cancel(self, now=NOON):
        return CancelBooking(self, OneSale(self.sale), At(now))

    async def get(self, id, owner):
        return self.one.owned(owner)

    async def change(self, id, decide, cause, judge):
        one, before = decide(self.one)
        self.one, after = judge(one, self.sale)
        self.said = (*before, *after)
        return self.one


class OneSale:
    def __init__(self, one):
        self.one = one

    async def get(self, ticket_id):
        assert ticket_id == self.one.ticket_id
        return self.one


class At:
    def __init__(self, now):
        self.time = now

    def now(self):
        return self.time


PRICES = st.integers(0, 10_000)
BOOKINGS = st.builds(
    lambda status, price, percent, until: booking(
        status=status,
        price=price,
        cancel_fee=price * percent // 100,
        cancel_until=until,
        payment_id=9 if status is Status.BOOKED else None,
    ),
    st.sampled_from([Status.PENDING, Status.BOOKED, Status.DECLINED]),
    PRICES,
    st.integers(0, 100),
    st.sampled_from([None, NOON - SECOND, NOON, NOON + SECOND]),
)


@given(BOOKINGS, st.sampled_from([BUYER, EVERYTHING]), st.booleans())
async def test_the_preview_is_what_the_cancel_then_does(one, owner, deleted):
    store = OneBooking(one, deleted)
    cancel = store.cancel()
    order = Cancel(id=one.id)
    before = await cancel.preview(order, owner)
    assert (before.booking, store.one) == (one, one), "a preview changes nothing"
    if owner is BUYER and one.too_late(NOON) and not deleted:
        assert (before.possible, before.refund) == (False, 0)
        with pytest.raises(Rejected, match="could be canceled until"):
            await cancel(order, owner, None)
        return
    over = await cancel(Cancel(id=one.id, fee=before.fee if one.live else 0), owner, None)
    assert before.possible == one.live
    if one.live:
        assert (before.refund, before.fee) == (over.refund, one.price - over.refund)
        assert over.refund == one.price or not (deleted or owner is EVERYTHING)
    after = foreseen(over, store.sale, owner, NOON)
    paid = one.payment_id is not None
    assert (after.possible, after.fee + after.refund) == (False, one.price if paid else 0)
    assert not paid or (after.fee, after.refund) == (before.fee, before.refund)


async def test_an_operator_cancels_late_and_for_nothing_and_it_says_who_did():
    cancel = OneBooking(booked(cancel_until=NOON - SECOND)).cancel()
    assert (await cancel.preview(Cancel(id=5), EVERYTHING)).possible
    over = await cancel(Cancel(id=5), EVERYTHING, None)
    assert (over.refund, over.reason) == (1500, "canceled by an operator")


WITHDRAWN = [
    booked(),
    booked(cancel_fee=1500),
    booked(cancel_until=NOON - SECOND),
    booked(checked_in_at=NOON - SECOND),
    booking(**TERMS),
]


@pytest.mark.parametrize("one", WITHDRAWN, ids=["fee", "all of it", "late", "used", "held"])
async def test_of_a_deleted_ticket_a_buyer_gets_everything_back_and_it_counts_as_the_campaigns(one):
    store = OneBooking(one, deleted=True)
    before = await store.cancel().preview(Cancel(id=5), BUYER)
    assert (before.possible, before.fee, before.refund) == (True, 0, 1500)
    over = await store.cancel()(Cancel(id=5, fee=0), BUYER, None)
    assert (over, store.said) == one.canceled(REASON)
    assert (over.refund, over.outcome) == (1500, Outcome.CANCELED)
    assert await store.cancel()(Cancel(id=5), BUYER, None) == over


async def test_what_its_buyer_canceled_before_the_ticket_was_deleted_stays_on_the_terms_of_then():
    store = OneBooking(booked())
    over = await store.cancel()(Cancel(id=5), BUYER, None)
    store.sale = sale(deleted=True)
    assert (await store.cancel()(Cancel(id=5), BUYER, None), over.refund) == (over, 1350)
    assert (await store.cancel().preview(Cancel(id=5), BUYER)).fee == 150


async def test_of_a_deleted_ticket_too_an_operators_cancel_says_who_did():
    over = await OneBooking(booked(), deleted=True).cancel()(Cancel(id=5), EVERYTHING, None)
    assert (over.refund, over.reason) == (1500, "canceled by an operator")
