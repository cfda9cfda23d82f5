"""Changing a booking as its sale stands in the same commit."""

from __future__ import annotations

from typing import Final

from myticket_core.access import EVERYTHING
from myticket_core.booking.model import Booking
from myticket_core.booking.sale import Sale
from myticket_core.conformance.base import Conformance, race
from myticket_core.conformance.booking_store import (
    BookingStore,
    booked,
    claim,
    closed,
    confirmed,
    counts,
    every,
    held,
    held_on,
    on_sale,
    pending,
)
from myticket_core.conformance.builders import Boom, boom, cause, told
from myticket_core.messages import Decision, as_it_is

GONE: Final = "the sale was over"


class Judging(Conformance[BookingStore]):
    async def test_who_judges_sees_what_was_decided_and_the_sale_and_has_the_last_word(self) -> None:
        for over, reason in ((False, "changed my mind"), (True, GONE)):
            store = await self.new()
            await on_sale(store)
            booking = await held(store)
            if over:
                await closed(store)
            after = await store.bookings.change(booking.id, confirmed, cause(), _ended)
            self.assertEqual((booking.id + 1000, reason), (after.payment_id, after.reason))
            self.assertEqual(after, await store.bookings.get(booking.id, EVERYTHING))
            self.assertEqual(
                ((0, 0), [("Booked", 1), ("BookCanceled", 2)]), (await counts(store), await told(store.outbox))
            )

    async def test_a_repeated_key_is_judged_as_well(self) -> None:
        store = await self.new()
        await on_sale(store)
        booking = await held(store, why=cause("held"))
        await store.bookings.change_once(booking.id, held_on, cause("changed"), _only_if_over)
        self.assertTrue(
            (await store.bookings.change_once(booking.id, boom, cause("changed"), _only_if_over)).state.live
        )
        self.assertTrue((await store.bookings.hold(1, boom, cause("held"), judge=_only_if_over)).state.live)
        other = await held(store, why=cause("other"))
        await closed(store)
        changed = await store.bookings.change_once(booking.id, boom, cause("changed"), _only_if_over)
        again = await store.bookings.hold(1, boom, cause("other"), judge=_only_if_over)
        self.assertEqual(((True, GONE),) * 2, tuple((it.repeated, it.state.reason) for it in (changed, again)))
        self.assertEqual([changed.state, again.state], await every(store))
        self.assertEqual([booking.id, other.id], [it.id for it in await every(store)])
        self.assertEqual(((0, 0), [("BookCanceled", 1)] * 2), (await counts(store), await told(store.outbox)))

    async def test_a_first_hold_is_not_judged_as_its_claim_has_seen_the_sale(self) -> None:
        store = await self.new()
        await on_sale(store)
        kept = await store.bookings.hold(1, claim(pending()), cause("k"), judge=_ended)
        self.assertEqual((True, False), (kept.state.live, kept.repeated))

    async def test_what_a_judge_refuses_leaves_nothing_and_its_key_free(self) -> None:
        store = await self.new()
        await on_sale(store)
        booking = await held(store)
        with self.assertRaises(Boom):
            await store.bookings.change(booking.id, confirmed, cause(), boom)
        with self.assertRaises(Boom):
            await store.bookings.change_once(booking.id, confirmed, cause("k"), boom)
        self.assertEqual([booking], await every(store))
        self.assertEqual(((1, 0), []), (await counts(store), await told(store.outbox)))
        self.assertFalse((await store.bookings.change_once(booking.id, held_on, cause("k"))).repeated)

    async def test_an_event_that_was_handled_is_not_judged_again(self) -> None:
        store = await self.new()
        await on_sale(store)
        booking, why = await held(store), cause(consumer="book")
        once = await store.bookings.change(booking.id, held_on, why, _only_if_over)
        self.assertEqual(once, await store.bookings.change(booking.id, boom, why, boom))

    async def test_a_deletion_at_once_comes_before_and_is_seen_or_afterwards(self) -> None:
        store = await self.new()
        await self._check_race(store, store)

    async def test_a_deletion_by_another_process_comes_before_and_is_seen_or_afterwards(self) -> None:
        store = await self.new()
        await self._check_race(store, await self.second(store))

    async def _check_race(self, store: BookingStore, other: BookingStore) -> None:
        """A campaign counts the bookings that it finds: those of which each judge saw that the sale was over."""
        await on_sale(store)
        made = [await booked(store) for _ in range(30)]
        ends = [store.bookings.change(it.id, as_it_is, cause(), _ended) for it in made]
        await race([*ends[:10], _closed(other), *ends[10:]])
        campaign = (await store.sales.get(1)).campaign
        assert campaign is not None, "it was deleted"
        self.assertEqual(campaign.total, sum(it.reason == GONE for it in await every(store)))


async def _closed(store: BookingStore) -> Booking | None:
    await closed(store)
    return None


def _ended(booking: Booking, sale: Sale) -> Decision[Booking]:
    return booking.canceled(GONE if sale.deleted else "changed my mind")


def _only_if_over(booking: Booking, sale: Sale) -> Decision[Booking]:
    return booking.canceled(GONE) if sale.deleted else (booking, ())
