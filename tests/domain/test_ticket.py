"""A ticket's decisions follow the table, and the table is total."""

from datetime import timedelta
from itertools import product

import pytest

from myticket_core.access import Scope
from myticket_core.booking.events import BackOnSale, SoldOut
from myticket_core.errors import Invalid, NotFound, Rejected
from myticket_core.ticket.change import CHANGEABLE, Change, acceptable
from myticket_core.ticket.events import TicketChanged, TicketDeleted, TicketRegistered
from myticket_core.ticket.model import TABLE, Status, Step, Ticket, TicketId
from myticket_core.ticket.policies import WHENEVER
from myticket_core.ticket.ports import Search
from myticket_core.ticket.register import Register
from tests.domain.examples import NOON, ticket

STEPS = {Step.CHANGE: lambda it: it.changed(price=9), Step.DELETE: Ticket.deleted}
TOLD = {Step.CHANGE: TicketChanged, Step.DELETE: TicketDeleted}


@pytest.mark.parametrize("said, meant", [(None, None), ("", None), ("a" * 200, "a" * 200)])
def test_what_is_looked_for(said, meant):
    assert Search(text=said).text == meant


@pytest.mark.parametrize("said", ["a" * 201, "a\nb", "\0"])
def test_what_no_name_can_be_is_not_looked_for(said):
    with pytest.raises(Invalid) as refused:
        Search(text=said)
    assert (refused.value.member, refused.value.allowed) == ("text", "at most 200 printable characters")


def test_every_cell_is_decided():
    assert TABLE.keys() == set(product(Status, Step))
    assert STEPS.keys() == set(Step)


@pytest.mark.parametrize("status, step", TABLE)
def test_decisions_follow_the_table(status, step):
    before = ticket(status=status, version=3)
    if TABLE[status, step] is None:
        with pytest.raises(NotFound):
            STEPS[step](before)
        return
    after, (event,) = STEPS[step](before)
    assert after.status is TABLE[status, step]
    assert (type(event), event.version, after.version, event.status) == (TOLD[step], 4, 4, after.status)


def test_a_registered_ticket_is_told_in_all_its_members():
    order = Register(
        company_id=7, price=5, name="n", capacity=2, starts=NOON, ends=NOON, cancel_until=NOON, cancel_fee_percent=10
    )
    made, (event,) = order.decide(TicketId(3))
    assert (made.version, made.status, made.available) == (1, Status.ON_SALE, True)
    at = 1_795_348_800_000
    assert event == TicketRegistered(
        id=3, version=1, company_id=7, name="n", price=5, capacity=2, start_date=at, end_date=at, status="ON_SALE",
        cancel_until=at, cancel_fee_percent=10,
    )  # fmt: skip


def test_without_a_word_buyers_may_cancel_at_any_time_for_nothing():
    made, (event,) = Register(company_id=7, price=5).decide(TicketId(3))
    assert (made.cancel_until, made.cancel_fee_percent) == (None, 0)
    assert (event.cancel_until, event.cancel_fee_percent) == (None, 0)


def test_terms_of_cancellation_change_and_are_cleared():
    changed, (event,) = ticket(cancel_fee_percent=10).changed(cancel_until=NOON, cancel_fee_percent=None)
    assert (changed.cancel_until, changed.cancel_fee_percent) == (NOON, 0)
    assert (type(event), event.cancel_until, event.cancel_fee_percent) == (TicketChanged, 1_795_348_800_000, 0)


def test_changing_to_what_it_is_tells_nobody():
    assert ticket().changed(price=1500) == (ticket(), ())


@pytest.mark.parametrize(
    "wrong",
    [
        {"price": -1},
        {"capacity": -1},
        {"name": "x" * 201},
        {"starts": NOON + timedelta(1)},
        {"cancel_fee_percent": 101},
    ],
)
def test_a_changed_ticket_has_to_be_one_that_could_be_registered(wrong):
    with pytest.raises(Invalid):
        acceptable(ticket(ends=NOON), wrong)


@pytest.mark.parametrize("version", [None, 3])
def test_whoever_expects_it_as_it_is_has_it(version):
    assert ticket(version=3).expected(version) == ticket(version=3)


@pytest.mark.parametrize("version", [0, 2, 4])
def test_whoever_expects_another_is_refused_and_a_deleted_one_is_not_found(version):
    with pytest.raises(Rejected) as refused:
        ticket(version=3).expected(version)
    assert refused.value.code == "changed_meanwhile"
    with pytest.raises(NotFound):
        ticket(version=3, status=Status.DELETED).expected(version).changed(price=1)


@pytest.mark.parametrize("member", ["id", "company_id", "status", "version", "available"])
def test_only_some_members_change(member):
    assert member not in CHANGEABLE
    with pytest.raises(Invalid) as refused:
        Change(id=TicketId(3), to={member: 1})
    assert refused.value.member == member


@pytest.mark.parametrize(
    "wrong", [{"company_id": 0}, {"price": None}, {"price": True}, {"capacity": 2**53}, {"cancel_fee_percent": -1}]
)
def test_a_ticket_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(Invalid):
        Register(**({"company_id": 1, "price": 1} | wrong))


@pytest.mark.parametrize("version, applied", [(0, False), (1, False), (2, True), (9, True)])
def test_newer_news_of_the_stock_count(version, applied):
    after, events = ticket(stock_version=1).stocked(False, version)
    assert (after.available, after.version, events) == (not applied, 1, ())


def test_what_booking_says_of_seats_is_tracked():
    gone = WHENEVER[SoldOut](SoldOut(id=3, version=1))
    back = WHENEVER[BackOnSale](BackOnSale(id=3, version=2))
    assert [(it.id, it.available, it.version) for it in (gone, back)] == [(3, False, 1), (3, True, 2)]


def test_what_is_not_yours_is_not_found():
    assert ticket().owned(Scope(company_id=7)) == ticket()
    for stranger in (Scope(company_id=8), Scope(company_id=8, customer_id=6)):
        with pytest.raises(NotFound):
            ticket().owned(stranger)
