"""Any store of those who wait for seats. Subclass WaitingListConformance; `new` gives a WaitingStore."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from myticket_core.access import EVERYTHING, Scope
from myticket_core.booking.sale import Sale
from myticket_core.booking.waiting import Place, Status, end, leave
from myticket_core.conformance.base import SOON, soon, started
from myticket_core.conformance.booking_store import closed, every, on_sale, terms_with
from myticket_core.conformance.builders import NOW, cause
from myticket_core.conformance.waiting_joins import Joining
from myticket_core.conformance.waiting_offers import Offering
from myticket_core.conformance.waiting_store import WaitingStore, freed, give, joined, originals, sold, sold_out
from myticket_core.paging import Paging

__all__ = ["WaitingListConformance", "WaitingStore"]


class WaitingListConformance(Joining, Offering):
    """All that a list of those who wait guarantees."""

    async def test_lines_are_those_with_a_free_seat_or_at_their_end_by_id(self) -> None:
        store = await self.new()
        for ticket in (6, 4, 1, 5, 2, 3):
            await sold(store, ticket)
            if ticket != 3:
                await joined(store, 7, ticket)
        for ticket in (2, 3):  # nobody waits for 3
            await freed(store, ticket)
        await closed(store, 4)
        ended = terms_with(1, version=2, ends=NOW)
        await store.sales.change(5, lambda sale: sale.sold_on(ended), cause())
        await on_sale(store, 6, capacity=None, version=2)
        lines = await store.sales.lines(NOW, 0, 10)
        self.assertEqual([2, 4, 5, 6], [sale.ticket_id for sale in lines])
        self.assertEqual([2, 4], [sale.ticket_id for sale in await store.sales.lines(NOW - timedelta(1), 0, 2)])
        self.assertEqual([6], [sale.ticket_id for sale in await store.sales.lines(NOW - timedelta(1), 4, 10)])
        over = await store.line.move(Place(4, 7), partial(end, now=NOW), cause())
        self.assertEqual((Status.LAPSED, 0), (over.status, (await store.sales.get(4)).waiting))

    async def test_the_line_of_what_is_withdrawn_is_at_its_end_though_no_seat_is_free(self) -> None:
        store = await self.new()
        for ticket in (1, 2):
            await originals(store, ticket)
            await joined(store, 7, ticket)
        calls = await started(store.line.wait(SOON * 2))
        self.assertFalse(calls.done(), "nothing has happened yet")
        await store.sales.change(2, Sale.withdrawn, cause())
        await soon(calls)
        self.assertEqual([2], [sale.ticket_id for sale in await store.sales.lines(NOW, 0, 10)])

    async def test_lists_are_ones_own_and_their_pages_never_overlap(self) -> None:
        store = await self.new()
        for ticket in range(1, 9):
            await sold(store, ticket)
            await joined(store, 7, ticket, NOW - timedelta(minutes=ticket % 3))
        await joined(store, 8)
        mine = await store.line.list(Scope(customer_id=7), Paging())
        self.assertEqual((8, {7}), (mine.total, {it.customer_id for it in mine.items}))
        for stranger in (Scope(customer_id=9), Scope(company_id=1), Scope(1, 7)):
            self.assertEqual(0, (await store.line.list(stranger, Paging())).total)
        await store.line.move(Place(2, 7), leave, cause())
        sortable = ("id", "ticket_id", "status", "joined_at")
        await self.check_lists(lambda paging: store.line.list(EVERYTHING, paging), sortable)

    async def test_waiting_ends_when_a_seat_comes_free_that_somebody_waits_for(self) -> None:
        store = await sold_out(await self.new())
        await joined(store, 7)
        calls = await started(store.line.wait(SOON * 2))
        self.assertFalse(calls.done(), "there was no seat")
        await freed(store)
        await soon(calls)
        await on_sale(store, capacity=9, version=2)
        await soon(store.line.wait(SOON * 2))

    async def test_waiting_ends_in_time_when_nobody_waits_for_what_comes_free(self) -> None:
        store = await sold_out(await self.new())
        await freed(store)
        calls = await started(store.line.wait(timedelta(milliseconds=20)))
        self.assertFalse(calls.done())
        await soon(calls)

    async def test_nothing_is_lost_in_a_restart(self) -> None:
        store = await sold_out(await self.new())
        for customer in (1, 2):
            await joined(store, customer)
        await freed(store)
        await store.line.offer(Place(1, 1), give, cause())
        before = [await store.line.get(Place(1, it)) for it in (1, 2)], await store.sales.get(1), await every(store)
        store = await self.restarted(store)
        after = [await store.line.get(Place(1, it)) for it in (1, 2)], await store.sales.get(1), await every(store)
        self.assertEqual(before, after)
