"""Any store of those who wait for seats. Subclass WaitingListConformance; `new` gives a WaitingStore."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from attrs import frozen

from myticket_core.access import EVERYTHING, Scope
from myticket_core.booking.model import Booking, BookingId
from myticket_core.booking.model import Status as BookingStatus
from myticket_core.booking.ports import WaitingList
from myticket_core.booking.sale import Sale
from myticket_core.booking.waiting import MOST, Place, Seen, Status, Stood, Waiting, end, join, leave, offer, settle
from myticket_core.conformance.base import SOON, Conformance, race, soon, started
from myticket_core.conformance.booking_store import (
    BookingStore,
    canceled,
    closed,
    confirmed,
    counted,
    counts,
    every,
    held,
    on_sale,
    pending,
)
from myticket_core.conformance.booking_store import offer as terms
from myticket_core.conformance.builders import NOW, Boom, boom, cause, said, told
from myticket_core.errors import NotFound, Rejected
from myticket_core.messages import Decision
from myticket_core.paging import Paging

UNTIL = NOW + timedelta(minutes=15)


@frozen
class WaitingStore(BookingStore):
    """All on one database."""

    line: WaitingList


class WaitingListConformance(Conformance[WaitingStore]):
    """All that a list of those who wait guarantees."""

    async def test_what_is_joined_is_read_again_in_every_member(self) -> None:
        store = await self._sold_out()
        waiting = await joined(store, 7)
        self.assertEqual(
            (1, 7, 1, Status.WAITING), (waiting.ticket_id, waiting.customer_id, waiting.number, waiting.status)
        )
        self.assertEqual((NOW, "of-7", None), (waiting.joined_at, waiting.correlation_id, waiting.booking_id))
        self.assertEqual(waiting, await store.line.get(waiting.place))
        self.assertEqual((1, 1), await self._waited(store))

    async def test_what_a_place_is_for_its_offer_is_for(self) -> None:
        store = await self._sold_out()
        place, starts, ends = Place(1, 7), NOW, NOW + timedelta(days=3)
        take = partial(join, place=place, now=NOW, correlation_id="of-7", starts=starts, ends=ends)
        waiting = await store.line.join(place, take, cause())
        self.assertEqual(waiting, await store.line.get(place))
        await freed(store)
        booking = await store.line.offer(place, give, cause())
        self.assertEqual((starts, ends), (booking.starts, booking.ends))

    async def test_what_is_not_there_is_not_found(self) -> None:
        store = await self.new()
        await self.check_refused(joined(store, 1), NotFound)
        await on_sale(store, capacity=1)
        for asked in (
            store.line.get(Place(1, 1)),
            store.line.move(Place(1, 1), leave, cause()),
            store.line.offer(Place(1, 1), give, cause()),
        ):
            await self.check_refused(asked, NotFound)

    async def test_what_is_refused_leaves_nothing(self) -> None:
        store = await self.new()
        await on_sale(store, capacity=1)
        await self.check_refused(joined(store, 1), Rejected, "seats_left")
        with self.assertRaises(Boom):
            await store.line.join(Place(1, 1), boom, cause())
        self.assertEqual((0, 0), await self._waited(store))
        self.assertEqual(0, (await store.line.list(EVERYTHING, Paging())).total)

    async def test_a_customer_has_one_place_in_a_line_however_often_they_join(self) -> None:
        store = await self._sold_out()
        places, refusals = await race(joined(store, 7) for _ in range(30))
        self.assertEqual(([], 1, (1, 1)), (refusals, len({it.id for it in places}), await self._waited(store)))

    async def test_who_left_joins_again_at_the_end(self) -> None:
        store = await self._sold_out()
        for customer in (1, 2):
            await joined(store, customer)
        left = await store.line.move(Place(1, 1), leave, cause())
        self.assertEqual((Status.LEFT, (1, 2)), (left.status, await self._waited(store)))
        again = await joined(store, 1)
        self.assertEqual((left.id, 3, Status.WAITING), (again.id, again.number, again.status))
        self.assertEqual([2, 1], [it.customer_id for it in await store.line.first(1, 10)])
        self.assertEqual(
            (1, 0), (await store.line.ahead(again), await store.line.ahead(await store.line.get(Place(1, 2))))
        )

    async def test_many_at_once_stand_in_one_line(self) -> None:
        store = await self._sold_out()
        places, refusals = await race(joined(store, customer) for customer in range(1, 41))
        self.assertEqual(([], list(range(1, 41))), (refusals, sorted(it.number for it in places)))
        self.assertEqual((40, 40), await self._waited(store))
        first = await store.line.first(1, 3)
        self.assertEqual([1, 2, 3], [it.number for it in first])

    async def test_a_customer_stands_in_so_many_lines(self) -> None:
        store = await self.new()
        for ticket in range(1, MOST + 5):
            await self._sold(store, ticket)
        stood, refusals = await race(joined(store, 7, ticket) for ticket in range(1, MOST + 5))
        self.assertEqual((MOST, 4), (len(stood), len(refusals)))
        self.assertEqual({"too_many_places"}, {getattr(it, "code", None) for it in refusals})
        await store.line.move(stood[0].place, leave, cause())
        missing = next(it for it in range(1, MOST + 5) if it not in {one.ticket_id for one in stood})
        self.assertEqual(Status.WAITING, (await joined(store, 7, missing)).status)

    async def test_an_offer_is_place_booking_count_and_news_together(self) -> None:
        store = await self._sold_out()
        await joined(store, 7)
        await freed(store)
        booking = await store.line.offer(Place(1, 7), give, cause())
        self.assertEqual(
            (BookingStatus.PENDING, 7, 15_000, 1), (booking.status, booking.customer_id, booking.price, booking.version)
        )
        self.assertEqual((UNTIL, "of-7"), (booking.expires_at, booking.correlation_id))
        self.assertEqual(booking, await store.bookings.get(booking.id, Scope(customer_id=7)))
        waiting = await store.line.get(Place(1, 7))
        self.assertEqual((Status.OFFERED, booking.id), (waiting.status, waiting.booking_id))
        self.assertEqual(
            ((1, 0), (1, 0), (0, 1)), (await counts(store), await counted(store), await self._waited(store))
        )
        (due,) = (it for it in await said(store.outbox) if it.type == "PaymentDue")
        self.assertEqual(("WAITED", str(booking.id), 1), (due.data["occasion"], due.key, due.version))
        types = [type for type, _ in await told(store.outbox)]
        self.assertEqual(["SoldOut", "BookCanceled", "PaymentDue"], types, "nobody else can have the seat meanwhile")

    async def test_a_failed_offer_leaves_nothing(self) -> None:
        store = await self._sold_out()
        waiting = await joined(store, 7)
        await self.check_refused(store.line.offer(Place(1, 7), give, cause()), Rejected, "sold_out")
        with self.assertRaises(Boom):
            await store.line.offer(Place(1, 7), boom, cause())
        self.assertEqual((waiting, (1, 0)), (await store.line.get(Place(1, 7)), await counted(store)))

    async def test_newcomers_do_not_get_the_seat_of_those_who_wait(self) -> None:
        store = await self._sold_out()
        await joined(store, 7)
        await freed(store)
        won, refusals = await race(held(store, pending(customer_id=number + 100)) for number in range(50))
        self.assertEqual(([], {"sold_out"}), (won, {getattr(it, "code", None) for it in refusals}))
        offered, _ = await race(
            [store.line.offer(Place(1, 7), give, cause()), *(held(store, pending(customer_id=9)) for _ in range(20))]
        )
        self.assertEqual([7], [it.customer_id for it in offered])

    async def test_a_seat_is_offered_once_however_many_offer(self) -> None:
        store = await self._sold_out()
        for customer in range(1, 6):
            await joined(store, customer)
        await freed(store)
        offers = (store.line.offer(Place(1, number % 5 + 1), give, cause()) for number in range(25))
        offered, refusals = await race(offers)
        self.assertEqual((1, 24, (1, 0)), (len(offered), len(refusals), await counted(store)))

    async def test_two_processes_offer_a_seat_once_and_give_a_customer_one_place(self) -> None:
        store = await self._sold_out()
        other = await self.second(store)
        places, refusals = await race(joined(one, 7) for one in (store, other) * 10)
        self.assertEqual(([], 1, (1, 1)), (refusals, len({it.id for it in places}), await self._waited(other)))
        await freed(store)
        offered, refusals = await race(one.line.offer(Place(1, 7), give, cause()) for one in (store, other) * 10)
        self.assertEqual((1, 19, (1, 0)), (len(offered), len(refusals), await counted(other)))

    async def test_two_processes_let_a_customer_stand_in_so_many_lines(self) -> None:
        store = await self.new()
        other = await self.second(store)
        tickets = range(1, MOST + 11)
        for ticket in tickets:
            await self._sold(store, ticket)
        stood, refusals = await race(joined((store, other)[ticket % 2], 7, ticket) for ticket in tickets)
        self.assertEqual((MOST, 10), (len(stood), len(refusals)))

    async def test_settled_are_the_offers_whose_booking_is_not_pending_any_more(self) -> None:
        store = await self.new()
        await on_sale(store, capacity=4)
        for _ in range(4):
            await held(store)
        for customer in (5, 4, 3, 2):
            await joined(store, customer)
        offers = [await self._offered(store, customer) for customer in (5, 4, 3)]
        await store.bookings.change(offers[0].id, confirmed, cause())
        await store.bookings.change(offers[2].id, Booking.expired, cause())
        over = await store.line.settled(10)
        became = [await store.bookings.get(offers[it].id, EVERYTHING) for it in (0, 2)]
        self.assertEqual(([5, 3], became), ([it.customer_id for it, _ in over], [booking for _, booking in over]))
        self.assertEqual(over[:1], await store.line.settled(1))
        for waiting, booking in over:
            await store.line.move(waiting.place, partial(settle, offered=waiting, booking=booking), cause())
        self.assertEqual([], list(await store.line.settled(10)))
        stands = [(await store.line.get(Place(1, it))).status for it in (5, 4, 3, 2)]
        self.assertEqual([Status.TAKEN, Status.OFFERED, Status.LAPSED, Status.WAITING], stands)

    async def test_lines_are_those_with_a_free_seat_or_at_their_end_by_id(self) -> None:
        store = await self.new()
        for ticket in range(1, 7):
            await self._sold(store, ticket)
            if ticket != 3:
                await joined(store, 7, ticket)
        for ticket in (2, 3):  # nobody waits for 3
            await freed(store, ticket)
        await closed(store, 4)
        ended = terms(1, version=2, ends=NOW)
        await store.sales.change(5, lambda sale: sale.offered(ended), cause())
        await on_sale(store, 6, capacity=None, version=2)
        lines = await store.sales.lines(NOW, 0, 10)
        self.assertEqual([2, 4, 5, 6], [sale.ticket_id for sale in lines])
        self.assertEqual([2, 4], [sale.ticket_id for sale in await store.sales.lines(NOW - timedelta(1), 0, 2)])
        self.assertEqual([6], [sale.ticket_id for sale in await store.sales.lines(NOW - timedelta(1), 4, 10)])
        over = await store.line.move(Place(4, 7), partial(end, now=NOW), cause())
        self.assertEqual((Status.LAPSED, 0), (over.status, (await store.sales.get(4)).waiting))

    async def test_lists_are_ones_own_and_their_pages_never_overlap(self) -> None:
        store = await self.new()
        for ticket in range(1, 9):
            await self._sold(store, ticket)
            await joined(store, 7, ticket, NOW - timedelta(minutes=ticket % 3))
        await joined(store, 8)
        mine = await store.line.list(Scope(customer_id=7), Paging())
        self.assertEqual((8, {7}), (mine.total, {it.customer_id for it in mine.items}))
        self.assertEqual(0, (await store.line.list(Scope(customer_id=9), Paging())).total)
        await store.line.move(Place(2, 7), leave, cause())
        sortable = ("id", "ticket_id", "status", "joined_at")
        await self.check_lists(lambda paging: store.line.list(EVERYTHING, paging), sortable)

    async def test_waiting_ends_when_a_seat_comes_free_that_somebody_waits_for(self) -> None:
        store = await self._sold_out()
        await joined(store, 7)
        calls = await started(store.line.wait(SOON * 2))
        self.assertFalse(calls.done(), "there was no seat")
        await freed(store)
        await soon(calls)
        await on_sale(store, capacity=9, version=2)
        await soon(store.line.wait(SOON * 2))

    async def test_waiting_ends_in_time_when_nobody_waits_for_what_comes_free(self) -> None:
        store = await self._sold_out()
        await freed(store)
        calls = await started(store.line.wait(timedelta(milliseconds=20)))
        self.assertFalse(calls.done())
        await soon(calls)

    async def test_nothing_is_lost_in_a_restart(self) -> None:
        store = await self._sold_out()
        for customer in (1, 2):
            await joined(store, customer)
        await freed(store)
        await store.line.offer(Place(1, 1), give, cause())
        before = [await store.line.get(Place(1, it)) for it in (1, 2)], await store.sales.get(1), await every(store)
        store = await self.restarted(store)
        after = [await store.line.get(Place(1, it)) for it in (1, 2)], await store.sales.get(1), await every(store)
        self.assertEqual(before, after)

    async def _sold_out(self) -> WaitingStore:
        store = await self.new()
        await self._sold(store, 1)
        return store

    async def _sold(self, store: WaitingStore, ticket: int) -> None:
        await on_sale(store, ticket, capacity=1)
        await held(store, pending(ticket, customer_id=999))

    async def _offered(self, store: WaitingStore, customer: int) -> Booking:
        await freed(store)
        return await store.line.offer(Place(1, customer), give, cause())

    async def _waited(self, store: WaitingStore, ticket: int = 1) -> tuple[int, int]:
        sale = await store.sales.get(ticket)
        return sale.waiting, sale.numbered


async def joined(store: WaitingStore, customer: int, ticket: int = 1, at: datetime = NOW) -> Waiting:
    place = Place(ticket, customer)

    def take(seen: Seen) -> Stood:
        return join(seen, place, at, f"of-{customer}")

    return await store.line.join(place, take, cause())


async def freed(store: WaitingStore, ticket: int = 1) -> None:
    """One of the seats that customer 999, or 1, has is given back."""
    mine = [it for it in await every(store) if it.live and it.ticket_id == ticket and it.customer_id in (1, 999)]
    await store.bookings.change(mine[0].id, canceled, cause())


def give(sale: Sale, waiting: Waiting, id: BookingId) -> tuple[Sale, Waiting, Decision[Booking]]:
    return offer(sale, waiting, id, NOW, UNTIL)
