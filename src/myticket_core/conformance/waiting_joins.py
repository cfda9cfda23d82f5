"""Who joins a line: one place each, in so many lines, at its end."""

from __future__ import annotations

from myticket_core.access import EVERYTHING
from myticket_core.booking.waiting import MOST, Place, Status, leave
from myticket_core.conformance.base import Conformance, race
from myticket_core.conformance.booking_store import on_sale
from myticket_core.conformance.builders import NOW, Boom, boom, cause
from myticket_core.conformance.waiting_store import WaitingStore, give, joined, offered_to, sold, sold_out, waited
from myticket_core.errors import NotFound, Rejected
from myticket_core.paging import Paging


class Joining(Conformance[WaitingStore]):
    async def test_what_is_joined_is_read_again_in_every_member(self) -> None:
        store = await sold_out(await self.new())
        waiting = await joined(store, 7)
        self.assertEqual(
            (1, 7, 1, Status.WAITING), (waiting.ticket_id, waiting.customer_id, waiting.number, waiting.status)
        )
        self.assertEqual((NOW, "of-7", None), (waiting.joined_at, waiting.correlation_id, waiting.booking_id))
        self.assertEqual(waiting, await store.line.get(waiting.place))
        self.assertEqual((1, 1), await waited(store))

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
        self.assertEqual((0, 0), await waited(store))
        self.assertEqual(0, (await store.line.list(EVERYTHING, Paging())).total)

    async def test_a_customer_has_one_place_in_a_line_however_often_they_join(self) -> None:
        store = await sold_out(await self.new())
        places, refusals = await race(joined(store, 7) for _ in range(30))
        self.assertEqual(([], 1, (1, 1)), (refusals, len({it.id for it in places}), await waited(store)))

    async def test_who_left_joins_again_at_the_end(self) -> None:
        store = await sold_out(await self.new())
        for customer in (1, 2):
            await joined(store, customer)
        left = await store.line.move(Place(1, 1), leave, cause())
        self.assertEqual((Status.LEFT, (1, 2)), (left.status, await waited(store)))
        again = await joined(store, 1)
        self.assertEqual((left.id, 3, Status.WAITING), (again.id, again.number, again.status))
        self.assertEqual([2, 1], [it.customer_id for it in await store.line.first(1, 10)])
        self.assertEqual(
            (1, 0), (await store.line.ahead(again), await store.line.ahead(await store.line.get(Place(1, 2))))
        )

    async def test_a_line_is_of_one_ticket_and_of_those_who_wait_still(self) -> None:
        store = await self.new()
        for ticket in (1, 2):
            await sold(store, ticket)
        for place in (Place(2, 8), Place(2, 9), *(Place(1, customer) for customer in (4, 3, 2, 1))):
            await joined(store, place.customer_id, place.ticket_id)
        await store.line.move(Place(1, 4), leave, cause())
        await offered_to(store, 3)
        for ticket, customers in ((1, [2, 1]), (2, [8, 9]), (3, [])):
            first = await store.line.first(ticket, 10)
            self.assertEqual(customers, [it.customer_id for it in first], f"who waits for ticket {ticket}")
            self.assertEqual([0, 1][: len(first)], [await store.line.ahead(it) for it in first])

    async def test_many_at_once_stand_in_one_line(self) -> None:
        store = await sold_out(await self.new())
        places, refusals = await race(joined(store, customer) for customer in range(1, 41))
        self.assertEqual(([], list(range(1, 41))), (refusals, sorted(it.number for it in places)))
        self.assertEqual((40, 40), await waited(store))
        first = await store.line.first(1, 3)
        self.assertEqual([1, 2, 3], [it.number for it in first])

    async def test_a_customer_stands_in_so_many_lines(self) -> None:
        store = await self.new()
        for ticket in range(1, MOST + 5):
            await sold(store, ticket)
        stood, refusals = await race(joined(store, 7, ticket) for ticket in range(1, MOST + 5))
        self.assertEqual((MOST, 4), (len(stood), len(refusals)))
        self.assertEqual({"too_many_places"}, {getattr(it, "code", None) for it in refusals})
        await store.line.move(stood[0].place, leave, cause())
        missing = next(it for it in range(1, MOST + 5) if it not in {one.ticket_id for one in stood})
        self.assertEqual(Status.WAITING, (await joined(store, 7, missing)).status)

    async def test_two_processes_let_a_customer_stand_in_so_many_lines(self) -> None:
        store = await self.new()
        other = await self.second(store)
        tickets = range(1, MOST + 11)
        for ticket in tickets:
            await sold(store, ticket)
        stood, refusals = await race(joined((store, other)[ticket % 2], 7, ticket) for ticket in tickets)
        self.assertEqual((MOST, 10), (len(stood), len(refusals)))
