"""A booking's decisions follow the table, and the table is total."""

from datetime import timedelta
from itertools import product

import pytest
from attrs import evolve

from myticket_core.access import EVERYTHING, Scope
from myticket_core.booking.book import Book
from myticket_core.booking.campaign import REASON
from myticket_core.booking.events import BookCanceled, Booked
from myticket_core.booking.model import LIVE, TABLE, Booking, Status, Step
from myticket_core.booking.resume import paid_by
from myticket_core.errors import Invalid, NotFound
from tests.domain.examples import NOON, booking

STEPS = {
    Step.CONFIRM: lambda it: it.confirmed(9),
    Step.DECLINE: lambda it: it.declined("no money"),
    Step.EXPIRE: Booking.expired,
    Step.CANCEL: lambda it: it.canceled("changed my mind"),
}
TOLD = {Status.BOOKED: Booked, Status.CANCELED: BookCanceled, Status.EXPIRED: BookCanceled, Status.DECLINED: None}


def test_every_cell_is_decided():
    assert TABLE.keys() == set(product(Status, Step))
    assert STEPS.keys() == set(Step)


@pytest.mark.parametrize("status, step", TABLE)
def test_decisions_follow_the_table(status, step):
    before = booking(status=status, version=3)
    after, events = STEPS[step](before)
    assert after.status is TABLE[status, step]
    if after.status is status:
        assert (after, events) == (before, ())
    else:
        told = BookCanceled if status is Status.PENDING and step is Step.DECLINE else TOLD[after.status]
        assert [type(event) for event in events] == ([told] if told else [])
        assert after.version == 3 + len(events)
        assert all((event.version, event.status) == (after.version, after.status) for event in events)


def test_who_heard_nothing_of_a_hold_hears_nothing_of_its_refusal():
    assert booking().declined("no money") == (booking(status=Status.DECLINED, reason="no money"), ())


def test_what_is_over_never_moves_again():
    over = set(Status) - LIVE
    assert all(TABLE[status, step] is status for status, step in product(over, Step))


def test_a_confirmed_booking_tells_all_there_is():
    after, (event,) = booking(starts=NOON, ends=NOON + timedelta(days=1)).confirmed(9)
    assert after.payment_id == event.payment_id == 9
    assert (event.id, event.ticket_id, event.customer_id, event.company_id, event.price) == (5, 3, 6, 7, 1500)
    assert (event.start_date, event.end_date) == (1_795_348_800_000, 1_795_435_200_000)


def test_a_cancel_says_why_and_what_was_paid():
    paid, _ = booking().confirmed(9)
    after, (event,) = paid.canceled(REASON)
    assert (event.reason, event.payment_id, event.version) == (REASON, 9, 2)
    assert after.reason == REASON


OWNERS = [
    (EVERYTHING, True),
    (Scope(customer_id=6), True),
    (Scope(company_id=7), True),
    (Scope(company_id=7, customer_id=6), True),
    (Scope(customer_id=7), False),
    (Scope(company_id=6), False),
    (Scope(company_id=7, customer_id=1), False),
]


@pytest.mark.parametrize("owner, mine", OWNERS)
def test_what_is_not_yours_is_not_found(owner, mine):
    if mine:
        assert booking().owned(owner) == booking()
    else:
        with pytest.raises(NotFound):
            booking().owned(owner)


@pytest.mark.parametrize("status", Status)
def test_the_way_to_pay_changes_only_while_the_money_is_due(status):
    before = booking(status=status, method="a")
    assert paid_by(before, None) == (before, ())
    expected = "b" if status is Status.PENDING else "a"
    assert paid_by(before, "b") == (evolve(before, method=expected), ())


GOOD = {"ticket_id": 1, "customer_id": 2}


@pytest.mark.parametrize(
    "wrong",
    [
        {"ticket_id": 0},
        {"ticket_id": "1"},
        {"ticket_id": True},
        {"ticket_id": 2**53},
        {"customer_id": None},
        {"price": -1},
        {"price": 1.0},
        {"method": "x" * 101},
        {"method": "a\0b"},
        {"starts": NOON, "ends": NOON - timedelta(seconds=1)},
    ],
)
def test_an_order_that_makes_no_sense_is_refused_by_its_member(wrong):
    with pytest.raises(Invalid) as refused:
        Book(**(GOOD | wrong))
    assert refused.value.member in (*wrong, "end_date")


def test_an_order_becomes_a_hold():
    held = Book(**GOOD, price=9, method="card").pending(NOON, NOON + timedelta(minutes=10), "case")
    assert (held.status, held.version, held.price, held.method) == (Status.PENDING, 0, 0, "card")
