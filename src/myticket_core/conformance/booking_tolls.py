"""What a deletion costs, and what has become of each booking of it."""

from __future__ import annotations

from functools import partial
from typing import Final

from attrs import evolve

from myticket_core.booking.campaign import REASON, Outcome, Part, Toll
from myticket_core.booking.model import Booking
from myticket_core.conformance.base import Conformance, race
from myticket_core.conformance.booking_store import BookingStore, booked, canceled, held, on_sale, pending, terms_with
from myticket_core.conformance.builders import cause
from myticket_core.errors import Invalid
from myticket_core.paging import Order, Paging

PRICE: Final = 15_000
WHOLE: Final = partial(Booking.canceled, reason=REASON)
STUCK: Final = partial(Booking.stuck, failure="it is locked: '\"서울")


class Tolls(Conformance[BookingStore]):
    async def test_a_toll_counts_live_bookings_and_what_the_campaign_has_done(self) -> None:
        store = await self.new()
        self.assertEqual(Toll(), await store.bookings.toll(1), "nobody has heard of it")
        for ticket in (1, 2):
            await on_sale(store, ticket)
        mine = [await booked(store) for _ in range(5)] + [await held(store) for _ in range(3)]
        await booked(store, pending(2))
        self.assertEqual(Toll(booked=Part(5, 5 * PRICE), held=Part(3, 3 * PRICE)), await store.bookings.toll(1))
        for one in (mine[0], mine[1], mine[5]):  # two that were paid, and a hold that was not
            await store.bookings.change(one.id, WHOLE, cause())
        await store.bookings.change(mine[2].id, canceled, cause())  # by its buyer
        for one in (mine[3], mine[6]):
            await store.bookings.change(one.id, STUCK, cause())
        left = Toll(
            booked=Part(2, 2 * PRICE), held=Part(2, 2 * PRICE), failed=Part(2, 2 * PRICE), canceled=Part(3, 2 * PRICE)
        )
        self.assertEqual(left, await store.bookings.toll(1))

    async def test_a_toll_holds_beyond_64_bits(self) -> None:
        store = await self.new()
        await store.sales.change(1, lambda sale: sale.sold_on(terms_with(None, price=2**62)), cause())
        for one in [await booked(store) for _ in range(4)][:2]:
            await store.bookings.change(one.id, WHOLE, cause())
        self.assertEqual(Toll(booked=Part(2, 2**63), canceled=Part(2, 2**63)), await store.bookings.toll(1))

    async def test_outcomes_are_listed_each_apart_by_id_and_in_pages(self) -> None:
        store = await self.new()
        await on_sale(store)
        mine = [await booked(store) for _ in range(9)]
        await race(store.bookings.change(one.id, WHOLE, cause()) for one in mine[:4])
        await store.bookings.change(mine[4].id, canceled, cause())
        await race(store.bookings.change(one.id, STUCK, cause()) for one in mine[5:7])
        found = {it: await self._ids(store, it) for it in Outcome}
        expected = {Outcome.CANCELED: mine[:4], Outcome.FAILED: mine[5:7], Outcome.LEFT: mine[7:]}
        self.assertEqual({it: [one.id for one in ones] for it, ones in expected.items()}, found)
        page = await store.bookings.outcomes(1, Outcome.CANCELED, Paging(number=1, size=3))
        self.assertEqual(([mine[3].id], 4), ([one.id for one in page.items], page.total))
        down = await store.bookings.outcomes(1, Outcome.LEFT, Paging(order=(Order("id", descending=True),)))
        self.assertEqual([mine[8].id, mine[7].id], [one.id for one in down.items])
        await self.check_refused(store.bookings.outcomes(1, Outcome.LEFT, Paging(order=(Order("price"),))), Invalid)
        self.assertEqual(0, (await store.bookings.outcomes(2, Outcome.LEFT, Paging())).total)

    async def test_a_failure_is_kept_as_it_was_told_until_it_gives_way(self) -> None:
        store = await self.new()
        await on_sale(store)
        one = await booked(store)
        stuck = await store.bookings.change(one.id, STUCK, cause())
        self.assertEqual([stuck], list((await store.bookings.outcomes(1, Outcome.FAILED, Paging())).items))
        self.assertEqual(evolve(one, failure="it is locked: '\"서울"), stuck)
        over = await store.bookings.change(one.id, WHOLE, cause())
        self.assertEqual((None, PRICE), (over.failure, over.refund))
        self.assertEqual([over], list((await store.bookings.outcomes(1, Outcome.CANCELED, Paging())).items))

    async def _ids(self, store: BookingStore, outcome: Outcome) -> list[int]:
        return [one.id for one in (await store.bookings.outcomes(1, outcome, Paging())).items]
