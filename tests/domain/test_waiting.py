"""The line of a sold-out ticket: who is next, what becomes of an offer, and who gets no seat meanwhile."""

from datetime import timedelta
from functools import partial
from itertools import product

import pytest
from attrs import evolve

from adapters.memory import MemoryBookings, MemoryDatabase, MemoryOutbox, MemorySales, MemoryWaitingList
from adapters.system import RandomIds, concurrently
from myticket_core.access import EVERYTHING, Scope
from myticket_core.booking.campaign import Outcome
from myticket_core.booking.close_sale import CloseSale, SaleCloser
from myticket_core.booking.events import BackOnSale, WaitingEnded
from myticket_core.booking.model import Booking, BookingId
from myticket_core.booking.model import Status as BookingStatus
from myticket_core.booking.offer import OfferSeats
from myticket_core.booking.sale import Sale
from myticket_core.booking.terms import Terms
from myticket_core.booking.wait import Wait, WaitForSeat
from myticket_core.booking.waiting import (
    LIVE,
    MOST,
    TABLE,
    Place,
    Seen,
    Status,
    Step,
    Waiting,
    end,
    join,
    leave,
    offer,
    settle,
)
from myticket_core.conformance.booking_store import BookingStore, canceled, confirmed, held, on_sale, pending
from myticket_core.conformance.builders import Boom, told
from myticket_core.errors import Incomplete, Invalid, NotFound, Rejected
from myticket_core.paging import Paging
from tests.domain.examples import CAUSE, NOON, Clock, booking, sale

MINUTE = timedelta(minutes=1)
BATCH, LINES = 20, 800


def waiting(**members) -> Waiting:
    said = {"id": 1, "ticket_id": 3, "customer_id": 6, "number": 1, "joined_at": NOON, "correlation_id": "case"}
    return Waiting(**(said | members))


def refused(call, code):
    with pytest.raises(Rejected) as caught:
        call()
    assert caught.value.code == code
    return caught.value.facts


def test_every_cell_is_decided():
    assert TABLE.keys() == set(product(Status, Step))


@pytest.mark.parametrize("status, step", TABLE)
def test_places_follow_the_table(status, step):
    before = waiting(status=status)
    after = before.stepped(step)
    assert after.status is TABLE[status, step]
    assert (after is before) is (after.status is status)


@pytest.mark.parametrize("paid", [None, 9])
@pytest.mark.parametrize("became", BookingStatus)
def test_an_offer_was_taken_when_it_was_paid_whatever_became_of_it(became, paid):
    over = Status.LAPSED if paid is None else Status.TAKEN
    expected = Status.OFFERED if became is BookingStatus.PENDING else over
    offered, as_it_is = waiting(status=Status.OFFERED), booking(status=became, payment_id=paid)
    assert offered.settled(as_it_is).status is expected
    assert settle(sale(1), offered, offered, as_it_is)[1][0].status is expected
    moved_on = waiting(number=2)
    assert settle(sale(1), moved_on, offered, as_it_is) == (sale(1), (moved_on, ())), "it has joined again"


def joined(line, before=None, lines=0, at=NOON):
    return join(Seen(line, before, 9, lines), Place(3, 6), at, "case")


def test_who_joins_has_the_next_number_and_the_sale_counts_them():
    full = sale(1, booked=1, waiting=2, numbered=7)
    after, (place, news) = joined(full)
    assert (after.waiting, after.numbered, after.remaining, news) == (3, 8, 0, ())
    assert place == waiting(id=9, number=8)


@pytest.mark.parametrize("status", Status)
def test_who_has_a_place_keeps_it_and_whose_is_over_joins_at_the_end(status):
    full, before = sale(1, booked=1, waiting=1, numbered=5), waiting(number=2, status=status, booking_id=4, version=3)
    after, (place, _) = joined(full, before)
    if status in LIVE:
        assert (after, place) == (full, before)
    else:
        assert (after.waiting, place) == (2, waiting(number=6, version=3))


def test_there_has_to_be_something_to_wait_for():
    assert refused(lambda: joined(sale(3, booked=1)), "seats_left") == {"remaining": 2}
    assert refused(lambda: joined(sale(None)), "seats_left") == {}
    assert refused(lambda: joined(sale(1, booked=1, deleted=True)), "closed") == {"ticket_id": 3}
    ended = sale(1, booked=1, terms=Terms(company_id=7, price=1, capacity=1, ends=NOON, version=1))
    refused(lambda: joined(ended), "closed")
    assert refused(lambda: joined(sale(1, booked=1), lines=MOST), "too_many_places") == {"limit": MOST}
    with pytest.raises(NotFound):
        joined(sale(0, terms=Terms(company_id=7, price=None, capacity=0)))


def test_who_leaves_may_leave_a_seat_to_everybody():
    after, (place, (event,)) = leave(sale(1, waiting=1), waiting())
    assert (after.waiting, after.remaining, place.status, type(event)) == (0, 1, Status.LEFT, BackOnSale)
    offered = waiting(status=Status.OFFERED, booking_id=4)
    assert leave(sale(1, held=1), offered) == (sale(1, held=1), (offered, ()))


def test_an_offer_is_a_hold_that_is_told_of():
    line, place = sale(1, waiting=1, terms=Terms(company_id=7, price=1500, capacity=1, version=1)), waiting()
    after, taken, (held_, (event,)) = offer(line, place, BookingId(5), 1, NOON, NOON + MINUTE)
    assert (after.waiting, after.held, taken.status, taken.booking_id) == (0, 1, Status.OFFERED, 5)
    assert (held_.status, held_.price, held_.customer_id, held_.version) == (BookingStatus.PENDING, 1500, 6, 1)
    assert (event.occasion, event.version, event.customer_id, event.expires_at) == ("WAITED", 1, 6, 1_795_348_860_000)


def test_no_seat_is_offered_that_is_not_there_nor_one_twice():
    offered = partial(offer, id=BookingId(5), number=1, now=NOON, until=NOON)
    refused(lambda: offered(sale(1, booked=1, waiting=1), waiting()), "sold_out")
    refused(lambda: offered(sale(1, waiting=1, deleted=True), waiting()), "closed")
    for status in set(Status) - {Status.WAITING}:
        refused(lambda status=status: offered(sale(1), waiting(status=status)), "not_waiting")
    refused(lambda: offered(sale(1), waiting(number=2)), "not_waiting")


def test_only_who_waits_at_what_is_over_is_let_go():
    gone, (place, (event,)) = end(sale(1, booked=1, waiting=1, deleted=True), waiting(), NOON)
    assert (gone.waiting, place.status, place.version) == (0, Status.LAPSED, 1)
    said = {"id": 1, "version": 1, "ticket_id": 3, "company_id": 7, "customer_id": 6}
    assert event == WaitingEnded(**said, reason="the organizer deleted the ticket")
    over = sale(1, booked=1, waiting=1, terms=Terms(company_id=7, price=1, capacity=1, ends=NOON, version=1))
    _, (again, (event,)) = end(over, waiting(version=1), NOON)
    assert (again.version, event.version, event.reason) == (2, 2, "its sale is over")
    offered = waiting(status=Status.OFFERED)
    assert end(sale(1, deleted=True), offered, NOON) == (sale(1, deleted=True), (offered, ()))
    assert end(sale(1, waiting=1), waiting(), NOON) == (sale(1, waiting=1), (waiting(), ()))


@pytest.mark.parametrize("wrong", [{"ticket_id": 0}, {"customer_id": None}, {"customer_id": "1"}])
def test_whose_place_it_is_has_to_be_said(wrong):
    with pytest.raises(Invalid) as refused:
        Wait(**({"ticket_id": 1, "customer_id": 1} | wrong))
    assert refused.value.member in wrong


class Pay:
    """Takes nothing for as long as it says."""

    shut_for = None

    def shut(self):
        return self.shut_for


class World:
    def __init__(self, of_line=MemoryWaitingList, batch=BATCH):
        self.clock = Clock()
        db = MemoryDatabase(self.clock, RandomIds())
        self.bookings, self.sales, self.outbox = MemoryBookings(db), MemorySales(db), MemoryOutbox(db)
        self.line = of_line(db)
        self.store = BookingStore(self.bookings, self.sales, self.outbox)
        self.wait = WaitForSeat(self.line, self.bookings, self.clock)
        self.payments, ids = Pay(), RandomIds()
        self.offers = OfferSeats(
            self.line, self.sales, self.payments, self.clock, ids, concurrently, 15 * MINUTE, batch
        )

    async def sold_out(self, *customers: int, capacity: int = 1):
        """Customer 9 has all seats, and these wait in this order."""
        await on_sale(self.store, capacity=capacity)
        self.seats = [await held(self.store, pending(customer_id=9)) for _ in range(capacity)]
        for customer in customers:
            await self.join(customer)
        return self

    async def calling(self, *tickets: int):
        """A seat of each of these has come free, which one waits for: the customer of the ticket's number."""
        for ticket in tickets:
            await on_sale(self.store, ticket, capacity=1)
            seat = await held(self.store, pending(ticket, customer_id=9))
            await self.wait.join(Wait(ticket_id=ticket, customer_id=ticket), CAUSE)
            await self.bookings.change(seat.id, canceled, CAUSE)

    async def join(self, customer: int):
        return await self.wait.join(Wait(ticket_id=1, customer_id=customer), CAUSE)

    async def leave(self, customer: int):
        await self.wait.leave(Wait(ticket_id=1, customer_id=customer), Scope(customer_id=customer), CAUSE)

    async def one(self, customer: int):
        return await self.wait.one(Wait(ticket_id=1, customer_id=customer), Scope(customer_id=customer))

    async def freed(self):
        await self.bookings.change(self.seats.pop().id, canceled, CAUSE)
        return await self.offers()

    async def stands(self, *customers: int):
        return [(await self.one(customer)).waiting.status.value for customer in customers]


async def test_a_freed_seat_goes_down_the_line_until_somebody_pays():
    world = await World().sold_out(1, 2, 3)
    assert [(await world.one(it)).position for it in (1, 2, 3)] == [1, 2, 3]
    assert await world.freed() == 1
    first = await world.one(1)
    assert (first.position, first.offer.expires_at, first.offer.customer_id) == (None, NOON + 15 * MINUTE, 1)
    assert [(await world.one(it)).position for it in (2, 3)] == [1, 2]
    assert await world.offers() == 0, "there is no other seat"

    await world.bookings.change(first.offer.id, Booking.expired, CAUSE)
    assert await world.stands(1) == ["LAPSED"], "seen at once"
    assert await world.offers() == 2, "that is stored, and the next one has the seat"
    second = await world.one(2)
    await world.bookings.change(second.offer.id, confirmed, CAUSE)
    assert await world.stands(1, 2, 3) == ["LAPSED", "TAKEN", "WAITING"]
    assert await world.offers() == 1
    kinds = [kind for kind, _ in await told(world.outbox)]
    assert kinds == ["SoldOut", "BookCanceled", "PaymentDue", "BookCanceled", "PaymentDue", "Booked"]


async def test_newcomers_get_what_nobody_waits_for():
    world = await World().sold_out(1, capacity=2)
    for seat in world.seats:
        await world.bookings.change(seat.id, canceled, CAUSE)
    await held(world.store, pending(customer_id=5))
    with pytest.raises(Rejected) as caught:
        await held(world.store, pending(customer_id=6))
    assert caught.value.code == "sold_out"
    assert await world.offers() == 1
    assert (await world.one(1)).offer.customer_id == 1


async def test_more_seats_serve_the_line_first_and_then_everybody():
    world = await World().sold_out(1, 2)
    await on_sale(world.store, capacity=4, version=2)
    assert (await world.sales.get(1)).remaining == 1
    assert await world.offers() == 2
    assert await world.stands(1, 2) == ["OFFERED", "OFFERED"]
    assert (await world.sales.get(1)).remaining == 1
    with pytest.raises(Rejected) as caught:
        await world.join(3)
    assert (caught.value.code, caught.value.facts) == ("seats_left", {"remaining": 1})


async def test_who_leaves_gives_the_place_or_the_offer_to_the_next():
    world = await World().sold_out(1, 2, 3)
    await world.leave(1)
    await world.leave(1)
    assert await world.freed() == 1
    await world.leave(2)
    assert await world.stands(1, 2, 3) == ["LEFT", "LAPSED", "WAITING"]
    assert await world.offers() == 1
    assert await world.stands(3) == ["OFFERED"]


async def test_an_offer_of_a_deleted_ticket_is_given_back_as_its_campaign_would_and_counts_as_its():
    world = await World().sold_out(1)
    await world.freed()
    offered = (await world.one(1)).offer
    await SaleCloser(world.sales)(CloseSale(ticket_id=1), CAUSE)
    await world.leave(1)
    assert (await world.bookings.get(offered.id, EVERYTHING)).outcome is Outcome.CANCELED
    assert await world.stands(1) == ["LAPSED"]


async def test_what_is_paid_is_not_given_back_by_leaving():
    world = await World().sold_out(1)
    await world.freed()
    offered = (await world.one(1)).offer
    await world.bookings.change(offered.id, confirmed, CAUSE)
    await world.leave(1)
    assert (await world.bookings.get(offered.id, EVERYTHING)).status is BookingStatus.BOOKED
    assert await world.stands(1) == ["TAKEN"]


async def test_whose_offer_has_lapsed_joins_again_at_the_end_though_that_was_not_stored_yet():
    world = await World().sold_out(1, 2)
    await world.freed()
    await world.bookings.change((await world.one(1)).offer.id, Booking.expired, CAUSE)
    again = await world.join(1)
    assert (again.waiting.status, again.position, again.waiting.number) == (Status.WAITING, 2, 3)
    assert await world.offers() == 1
    assert await world.stands(1, 2) == ["WAITING", "OFFERED"]


async def test_unpaid_bookings_do_not_keep_anybody_from_their_offer():
    world = await World().sold_out(1)
    await on_sale(world.store, 2)
    for _ in range(20):
        await held(world.store, pending(2, customer_id=1))
    assert await world.freed() == 1
    assert await world.stands(1) == ["OFFERED"]


@pytest.mark.parametrize("how", ["deleted", "ended"])
async def test_what_is_not_sold_any_more_has_no_line(how):
    world = await World().sold_out(1, 2, capacity=2)
    await world.freed()
    if how == "deleted":
        await SaleCloser(world.sales)(CloseSale(ticket_id=1), CAUSE)
    else:
        terms = evolve((await world.sales.get(1)).terms, ends=NOON, version=9)
        await world.sales.change(1, lambda it: it.sold_on(terms), CAUSE)
    assert await world.offers() == 1
    assert await world.stands(1, 2) == ["OFFERED", "LAPSED"]
    assert [kind for kind, _ in await told(world.outbox)].count("WaitingEnded") == 1
    assert (await world.sales.get(1)).waiting == 0
    with pytest.raises(Rejected) as caught:
        await world.join(2)
    assert caught.value.code == "closed"


async def test_what_an_original_sells_no_more_has_no_line_and_holds_up_no_other():
    world = World()
    await world.calling(2)
    terms = Terms(company_id=7, price=1500, capacity=1)
    await world.sales.change(1, lambda it: it.sold_on(terms), CAUSE)
    seat = await held(world.store, pending(customer_id=9))
    await world.join(3)
    await world.sales.change(1, Sale.withdrawn, CAUSE)
    await world.bookings.change(seat.id, canceled, CAUSE)
    assert await world.offers() == 2
    assert await world.stands(3) == ["LAPSED"]
    assert [kind for kind, _ in await told(world.outbox)].count("WaitingEnded") == 1
    assert await world.offers() == 0


async def test_a_round_does_so_much_and_all_lines_have_their_turn_in_the_next_ones():
    world = await World().sold_out(*range(1, 5 * BATCH + 1))
    await SaleCloser(world.sales)(CloseSale(ticket_id=1), CAUSE)
    await world.calling(*range(2, LINES + 1))
    circle = [await world.offers() for _ in range(LINES // BATCH)]
    assert circle == [BATCH] * len(circle)
    places = (await world.line.list(EVERYTHING, Paging(size=1000))).items
    assert {it.status for it in places if it.ticket_id != 1} == {Status.OFFERED}, "the long line did not hold them up"
    assert (await world.sales.get(1)).waiting == 5 * BATCH - 1
    alone = [await world.offers() for _ in range(6)]
    assert alone == [*[BATCH] * 4, BATCH - 1, 0], "nobody else waits for a turn"
    assert (await world.sales.get(1)).waiting == 0


async def test_many_ended_offers_are_stored_over_rounds_too():
    world = World()
    await world.calling(*range(1, 2 * BATCH + 2))
    while await world.offers():
        pass
    for id in range(2 * BATCH + 2, 4 * BATCH + 3):
        await world.bookings.change(BookingId(id), confirmed, CAUSE)
    assert [await world.offers() for _ in range(4)] == [BATCH, BATCH, 1, 0]


class Stuck(MemoryWaitingList):
    """Where the first line's offers fail."""

    async def offer(self, place, give, cause):
        if place.ticket_id == 1:
            raise Boom
        return await super().offer(place, give, cause)


async def test_a_line_that_fails_holds_up_no_other():
    world = World(Stuck, batch=2)
    await world.calling(1, 2, 3)
    with pytest.raises(Incomplete) as some:
        await world.offers()
    assert (type(some.value.failure), some.value.done) == (Boom, 1), "so that the others go on at once"
    assert [(await world.sales.get(ticket)).waiting for ticket in (1, 2, 3)] == [1, 0, 1]
    assert await world.offers() == 1
    assert (await world.sales.get(3)).waiting == 0


class Overtaken(MemoryWaitingList):
    """Where something happens once somebody has looked who is first."""

    meanwhile = ()

    async def first(self, ticket_id, limit):
        found = await super().first(ticket_id, limit)
        calls, self.meanwhile = self.meanwhile, ()
        for call in calls:
            await call
        return found


async def test_who_leaves_and_joins_again_while_the_line_is_served_is_served_last():
    world = await World(Overtaken).sold_out(1, 2)
    world.line.meanwhile = (world.leave(1), world.join(1))
    assert await world.freed() == 0
    assert await world.stands(1, 2) == ["WAITING", "WAITING"]
    assert await world.offers() == 1
    assert await world.stands(1, 2) == ["WAITING", "OFFERED"]


async def test_what_is_not_yours_is_not_found():
    world = await World().sold_out(1)
    asked = Wait(ticket_id=1, customer_id=1)
    for call in (
        lambda: world.wait.one(asked, Scope(customer_id=2)),
        lambda: world.wait.leave(asked, Scope(customer_id=2), CAUSE),
        lambda: world.one(2),
    ):
        with pytest.raises(NotFound):
            await call()
    assert (await world.wait.list(Scope(customer_id=2), Paging())).total == 0
    assert (await world.wait.list(Scope(customer_id=1), Paging())).total == 1


async def test_while_payment_takes_nothing_nobody_is_offered_what_they_could_not_pay():
    world = await World().sold_out(1, 2)
    world.payments.shut_for = MINUTE
    assert await world.freed() == 0
    assert await world.stands(1, 2) == ["WAITING", "WAITING"]
    world.payments.shut_for = None
    assert await world.offers() == 1
    assert await world.stands(1, 2) == ["OFFERED", "WAITING"]


async def test_what_is_free_is_offered_all_the_same():
    world = World()
    await on_sale(world.store, capacity=1)
    await world.sales.change(1, lambda sale: sale.sold_on(evolve(sale.terms, price=0, version=2)), CAUSE)
    seat = await held(world.store, pending(customer_id=9))
    await world.join(1)
    world.payments.shut_for = MINUTE
    await world.bookings.change(seat.id, canceled, CAUSE)
    assert await world.offers() == 1
