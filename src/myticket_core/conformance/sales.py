"""Any store of sales. Subclass SalesConformance; `new` gives a BookingStore."""

from __future__ import annotations

from datetime import timedelta

from attrs import evolve

from myticket_core.booking.sale import Sale
from myticket_core.conformance.base import Conformance, race
from myticket_core.conformance.booking_store import (
    BookingStore,
    booked,
    canceled,
    closed,
    counts,
    held,
    on_sale,
    pending,
    terms_with,
)
from myticket_core.conformance.builders import NOW, Boom, boom, cause, told
from myticket_core.errors import NotFound, Rejected
from myticket_core.messages import Decision

__all__ = ["BookingStore", "SalesConformance"]


def counted_on(sale: Sale) -> Decision[Sale]:
    """One version more, however often that happens."""
    return evolve(sale, version=sale.version + 1), ()


class SalesConformance(Conformance[BookingStore]):
    """All that a store of sales guarantees."""

    async def test_what_was_stored_is_read_again_in_every_member(self) -> None:
        store = await self.new()
        why, terms = cause(), terms_with(3, version=4, ends=NOW + timedelta(days=1))
        sale = await store.sales.change(5, lambda sale: sale.sold_on(terms), why)
        self.assertEqual((terms, 3, 5), (sale.terms, sale.ceiling, sale.ticket_id))
        self.assertEqual(sale, await store.sales.get(5))
        sale = await store.sales.change(5, lambda sale: sale.closed(why), why)
        self.assertEqual(sale, await store.sales.get(5))
        for decide in (lambda sale: sale.campaigned(3, NOW), lambda sale: sale.paused(True)):
            sale = await store.sales.change(5, decide, why)
            self.assertEqual(sale, await store.sales.get(5))
        assert sale.campaign is not None
        self.assertEqual((3, True, 1), (sale.campaign.failed, sale.campaign.paused, sale.campaign.rounds))

    async def test_what_nobody_spoke_of_is_not_found_but_can_be_spoken_of(self) -> None:
        store = await self.new()
        await self.check_refused(store.sales.get(1), NotFound)
        sale = await closed(store)
        self.assertEqual((True, None), (sale.deleted, sale.terms.price))
        self.assertEqual(sale, await store.sales.get(1))
        await self.check_refused(held(store), Rejected, "closed")

    async def test_the_first_to_speak_of_a_ticket_at_once_lose_nothing(self) -> None:
        store = await self.new()
        await race(store.sales.change(1, counted_on, cause()) for _ in range(30))
        self.assertEqual(30, (await store.sales.get(1)).version)

    async def test_an_event_is_handled_once_by_each_consumer(self) -> None:
        store = await self.new()
        why = cause(consumer="book")
        await race(store.sales.change(1, counted_on, why) for _ in range(20))
        once = await store.sales.get(1)
        self.assertEqual(1, once.version)
        self.assertEqual(once, await store.sales.change(1, boom, why), "the decision is not even asked")
        self.assertEqual(2, (await store.sales.change(1, counted_on, cause(consumer="book"))).version)

    async def test_a_failed_decision_leaves_nothing(self) -> None:
        store = await self.new()
        why = cause(consumer="book")
        with self.assertRaises(Boom):
            await store.sales.change(1, boom, why)
        await self.check_refused(store.sales.get(1), NotFound)
        self.assertEqual(1, (await store.sales.change(1, counted_on, why)).version)

    async def test_a_capacity_below_what_is_taken_takes_nothing_away_and_sells_nothing(self) -> None:
        store = await self.new()
        await on_sale(store, capacity=3)
        first = [await booked(store), await held(store)][0]
        await on_sale(store, capacity=1, version=2)
        self.assertEqual((1, 1), await counts(store))
        await self.check_refused(held(store), Rejected, "sold_out")
        await store.bookings.change(first.id, canceled, cause())
        await self.check_refused(held(store), Rejected, "sold_out")
        await on_sale(store, capacity=2, version=3)
        await held(store)
        self.assertEqual((2, 0), await counts(store))

    async def test_a_capacity_lowered_during_a_race_is_never_exceeded_by_a_claim(self) -> None:
        store = await self.new()
        await on_sale(store, capacity=20)
        lowered = store.sales.change(1, lambda sale: sale.sold_on(terms_with(5, version=2)), cause())
        await race([*(_taken(store) for _ in range(10)), lowered, *(_taken(store) for _ in range(20))])
        sale = await store.sales.get(1)
        self.assertEqual((5, max(5, sale.taken)), (sale.terms.capacity, sale.ceiling))
        await self.check_refused(held(store), Rejected, "sold_out")

    async def test_running_out_and_coming_back_are_told_in_order(self) -> None:
        store = await self.new()
        await on_sale(store, capacity=1)
        await held(store)
        await on_sale(store, capacity=2, version=2)
        await held(store)
        self.assertEqual([("SoldOut", 1), ("BackOnSale", 2), ("SoldOut", 3)], await told(store.outbox))

    async def test_campaigns_are_deleted_tickets_with_live_bookings_by_id(self) -> None:
        store = await self.new()
        for ticket in (5, 3, 1, 4, 2):
            await on_sale(store, ticket)
        last = await booked(store, pending(4))
        for ticket in (1, 3, 5):
            await held(store, pending(ticket))
        for ticket in (5, 4, 2, 1):  # 3 is not deleted, 2 has no booking
            await closed(store, ticket)
        self.assertEqual([1, 4, 5], [sale.ticket_id for sale in await store.sales.campaigns(0, 10)])
        self.assertEqual([1, 4], [sale.ticket_id for sale in await store.sales.campaigns(0, 2)])
        self.assertEqual([5], [sale.ticket_id for sale in await store.sales.campaigns(4, 2)])
        await store.bookings.change(last.id, canceled, cause())
        running = await store.sales.campaigns(0, 10)
        self.assertEqual([1, 5], [sale.ticket_id for sale in running])
        self.assertEqual([await store.sales.get(1), await store.sales.get(5)], list(running))

    async def test_nothing_is_lost_in_a_restart(self) -> None:
        store = await self.new()
        await on_sale(store, capacity=3)
        await held(store)
        sale = await closed(store)
        store = await self.restarted(store)
        self.assertEqual(sale, await store.sales.get(1))


async def _taken(store: BookingStore) -> Sale:
    await held(store)
    return await store.sales.get(1)
