"""The guard of a ticket's capacity: no sequence of claims and moves lets taken exceed it."""

from datetime import timedelta
from functools import partial

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from myticket_core.booking.events import BackOnSale, SoldOut
from myticket_core.booking.model import TABLE, BookingId, Status, Step
from myticket_core.booking.sale import hold, unknown
from myticket_core.booking.terms import Terms
from myticket_core.errors import NotFound, Rejected
from myticket_core.ticket.events import TicketChanged, TicketDeleted, TicketRegistered
from myticket_core.values import millis
from tests.domain.examples import CAUSE, NOON, booking, sale


def refused(claim, code):
    with pytest.raises(Rejected) as caught:
        claim()
    assert caught.value.code == code
    return caught.value.facts


def test_a_claim_takes_a_seat_at_the_price_of_the_offer():
    left, (held, events) = hold(sale(2), BookingId(1), booking(price=0, company_id=None), 1500)
    assert (left.held, left.booked, left.remaining, left.available) == (1, 0, 1, True)
    assert (held.id, held.price, held.company_id, held.status, events) == (1, 1500, 7, Status.PENDING, ())


def test_a_booking_keeps_the_terms_it_was_held_on():
    terms = evolve(sale(2).terms, cancel_until=NOON, cancel_fee_percent=10)
    _, (held, _) = hold(sale(2, terms=terms), BookingId(1), booking(price=0), None)
    assert (held.cancel_until, held.cancel_fee) == (NOON, 150)


@pytest.mark.parametrize(
    "price, percent, fee",
    [
        (1500, None, 0),
        (1500, 0, 0),
        (1500, 100, 1500),
        (99, 10, 9),
        (1, 99, 0),
        (0, 50, 0),
        (2**53 - 1, 33, 2972375754064527),
        (None, 10, 0),
        (100, 101, 100),
        (100, -1, 0),
        (100, 2**62, 100),
    ],
)
def test_a_fee_is_the_percentage_rounded_down_whatever_others_say(price, percent, fee):
    said = TicketRegistered(id=3, price=price, cancel_fee_percent=percent)
    assert Terms.of(said, None).cancel_fee == fee


def test_whoever_says_no_price_pays_what_it_costs():
    assert sale(2).claim(booking(), None)[0].held == 1


def test_refusals_say_why_and_with_what():
    assert refused(partial(sale(0).claim, booking(), 1500), "sold_out") == {"remaining": 0}
    assert refused(partial(sale(2, held=1, booked=1).claim, booking(), None), "sold_out") == {"remaining": 0}
    assert refused(partial(sale(2).claim, booking(), 1499), "price_changed") == {"price": 1500}
    assert refused(partial(sale(2, deleted=True).claim, booking(), 1499), "closed") == {"ticket_id": 3}


def test_a_ticket_nobody_knows_the_terms_of_is_not_found():
    with pytest.raises(NotFound):
        unknown(3).claim(booking(), None)


def test_a_free_ticket_is_sold_too():
    free = sale(1, terms=Terms(company_id=7, price=0, capacity=1, version=1))
    assert free.claim(booking(), 0)[0].held == 1


@pytest.mark.parametrize("seconds, open_", [(-1, True), (0, False), (1, False)])
def test_it_is_open_until_it_ends(seconds, open_):
    on_sale = sale(2, terms=evolve(sale().terms, ends=NOON))
    ordered = booking(created_at=NOON + timedelta(seconds=seconds))
    if open_:
        assert on_sale.claim(ordered, None)[0].held == 1
    else:
        refused(partial(on_sale.claim, ordered, None), "closed")


def test_a_deleted_ticket_is_closed_once_with_a_campaign():
    closed, events = sale(None, held=1, booked=2).closed(CAUSE)
    assert (closed.deleted, closed.available, closed.left, events) == (True, False, 3, ())
    assert (closed.campaign.total, closed.campaign.cause) == (3, CAUSE)
    assert closed.closed(evolve(CAUSE, id="other")) == (closed, ())
    assert closed.sold_on(Terms(company_id=7, price=1, capacity=9, version=9)) == (closed, ())


@pytest.mark.parametrize(
    "known, said, wins",
    [(None, None, True), (None, 1, True), (1, 2, True), (2, 2, False), (2, 1, False), (1, None, False)],
)
def test_newer_terms_win(known, said, wins):
    before = unknown(3) if known is None else evolve(sale(5), terms=evolve(sale(5).terms, version=known))
    after, _ = before.sold_on(Terms(company_id=7, price=99, capacity=5, version=said))
    assert (after.terms.price == 99) is wins


def test_a_lowered_capacity_stops_sales_takes_nothing_away_and_sinks():
    full = sale(5, booked=5)
    lowered, events = full.sold_on(Terms(company_id=7, price=1500, capacity=3, version=2))
    assert (lowered.taken, lowered.ceiling, lowered.remaining, events) == (5, 5, 0, ())
    ceilings = []
    for _ in range(4):
        lowered, _ = lowered.moved(Status.BOOKED, Status.CANCELED)
        ceilings.append((lowered.taken, lowered.ceiling))
    assert ceilings == [(4, 4), (3, 3), (2, 3), (1, 3)]


def test_unlimited_and_back():
    limited = sale(1, held=1)
    unlimited, (event,) = limited.sold_on(Terms(company_id=7, price=1500, capacity=None, version=2))
    assert (unlimited.ceiling, unlimited.remaining, type(event)) == (None, None, BackOnSale)
    _, (event,) = unlimited.sold_on(Terms(company_id=7, price=1500, capacity=1, version=3))
    assert type(event) is SoldOut


def test_an_offer_is_read_from_what_the_ticket_context_says():
    members = {"id": 3, "version": 2, "company_id": 7, "name": "n", "price": 5, "capacity": 1, "end_date": millis(NOON)}
    expected = Terms(company_id=7, name="n", price=5, capacity=1, ends=NOON, version=2)
    for kind in (TicketRegistered, TicketChanged):
        said = kind(**members)
        assert Terms.of(said, said.version) == expected, "an event of before there were terms of cancellation"
        said = evolve(said, cancel_until=millis(NOON), cancel_fee_percent=30)
        assert Terms.of(said, said.version) == evolve(expected, cancel_until=NOON, cancel_fee_percent=30)
    assert TicketDeleted(id=3).version is None


MOVES = sorted({(a.value, b.value) for (a, _), b in TABLE.items() if a is not b})
DOINGS = st.one_of(
    st.just(("claim",)),
    st.tuples(st.just("move"), st.integers(0, 30), st.sampled_from(list(Step))),
    st.tuples(st.just("terms"), st.one_of(st.none(), st.integers(0, 4))),
    st.just(("close",)),
    st.sampled_from((("join",), ("let go",), ("give",))),
)


@given(st.one_of(st.none(), st.integers(0, 4)), st.lists(DOINGS, max_size=40))
def test_taken_never_exceeds_the_capacity_and_news_are_told_exactly_on_flips(capacity, doings):
    now, bookings, told, version, line = sale(capacity), [], [], 1, 0
    said = now.version
    first = now.available
    for doing in doings:
        before, events = now, ()
        match doing:
            case ("claim",):
                try:
                    now, events = now.claim(booking(), None)
                except Rejected:
                    assert before.deleted or before.remaining == 0
                    continue
                bookings.append(Status.PENDING)
                assert now.terms.capacity is None or now.taken + line <= now.terms.capacity
            case ("join",) if not before.deleted and before.remaining == 0:
                (now, events), line = now.joined(NOON), line + 1
            case ("let go",) if line:
                (now, events), line = now.let_go(), line - 1
            case ("give",) if line and not before.deleted and before.free != 0:
                (now, events), line = now.given(NOON), line - 1
                bookings.append(Status.PENDING)
            case ("move", which, step) if bookings:
                which %= len(bookings)
                after = TABLE[bookings[which], step]
                now, events = now.moved(bookings[which], after)
                bookings[which] = after
            case ("terms", anew):
                version += 1
                now, events = now.sold_on(Terms(company_id=7, price=1500, capacity=anew, version=version))
            case ("close",):
                now, events = now.closed(CAUSE)
        told += events
        assert (now.held, now.booked) == (bookings.count(Status.PENDING), bookings.count(Status.BOOKED))
        assert now.waiting == line
        capacity = now.terms.capacity
        assert now.ceiling == (None if capacity is None else max(capacity, now.taken))
        flipped = before.available != now.available and not now.deleted
        assert [type(event) for event in events] == ([BackOnSale if now.available else SoldOut] if flipped else [])
    assert [event.version for event in told] == list(range(said + 1, said + len(told) + 1))
    kinds = [SoldOut, BackOnSale] if first else [BackOnSale, SoldOut]
    assert [type(event) for event in told] == [kinds[index % 2] for index in range(len(told))]
