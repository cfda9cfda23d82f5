"""Changing a booking for a caller who may ask again: once per key."""

from __future__ import annotations

from datetime import timedelta

from myticket_core.access import EVERYTHING
from myticket_core.booking.model import Booking, BookingId, Status
from myticket_core.conformance.base import Conformance, race
from myticket_core.conformance.booking_store import (
    BookingStore,
    booked,
    confirmed,
    counts,
    held,
    held_on,
    on_sale,
)
from myticket_core.conformance.builders import Boom, boom, cause, told
from myticket_core.errors import NotFound, Rejected
from myticket_core.messages import Decision

MINUTE = timedelta(minutes=1)


class ChangingOnce(Conformance[BookingStore]):
    async def test_a_repeated_key_changes_nothing_and_returns_the_booking_as_it_is_now(self) -> None:
        store, booking = await self._held()
        first = await store.bookings.change_once(booking.id, confirmed, cause("k"))
        now = await store.bookings.change(booking.id, held_on, cause())
        again = await store.bookings.change_once(booking.id, boom, cause("k"))
        self.assertEqual((False, True, now), (first.repeated, again.repeated, again.state))
        self.assertEqual(((0, 1), [("Booked", 1)]), (await counts(store), await told(store.outbox)))

    async def test_a_key_is_remembered_of_what_changed_nothing(self) -> None:
        store, _ = await self._held()
        booking = await booked(store)
        first = await store.bookings.change_once(booking.id, _as_it_is, cause("k"))
        again = await store.bookings.change_once(booking.id, _as_it_is, cause("k"))
        self.assertEqual((booking, False), (first.state, first.repeated))
        self.assertEqual((booking, True), (again.state, again.repeated))

    async def test_a_key_cannot_change_something_else(self) -> None:
        store, booking = await self._held()
        other = await held(store, why=cause("holding"))
        booking = (await store.bookings.change_once(booking.id, held_on, cause("k"))).state
        for which, key in ((booking, "k"), (other, "k"), (booking, "holding")):
            changing = store.bookings.change_once(which.id, held_on, cause(key, "other"))
            await self.check_refused(changing, Rejected, "key_reused")
            self.assertEqual(which, await store.bookings.get(which.id, EVERYTHING))

    async def test_what_is_refused_leaves_its_key_free(self) -> None:
        store, booking = await self._held()
        with self.assertRaises(Boom):
            await store.bookings.change_once(booking.id, boom, cause("k"))
        await self.check_refused(store.bookings.change_once(BookingId(999), confirmed, cause("k")), NotFound)
        self.assertFalse((await store.bookings.change_once(booking.id, held_on, cause("k"))).repeated)

    async def test_equal_keys_at_once_change_it_once(self) -> None:
        store, booking = await self._held()
        calls = (store.bookings.change_once(booking.id, held_on, cause("k")) for _ in range(50))
        kept, refusals = await race(calls)
        self.assertEqual(([], 49), (refusals, sum(one.repeated for one in kept)))
        self.assertEqual({booking.expires_at + MINUTE}, {one.state.expires_at for one in kept})

    async def test_without_a_key_and_with_another_each_call_counts(self) -> None:
        store, booking = await self._held()
        for key in (None, None, "k", "l"):
            self.assertFalse((await store.bookings.change_once(booking.id, held_on, cause(key))).repeated)
        after = await store.bookings.get(booking.id, EVERYTHING)
        self.assertEqual(booking.expires_at + 4 * MINUTE, after.expires_at)

    async def test_what_follows_from_a_request_neither_needs_nor_takes_its_key(self) -> None:
        store, booking = await self._held()
        why = cause("k")
        for _ in range(2):
            await store.bookings.change(booking.id, held_on, why)
        first = await store.bookings.change_once(booking.id, held_on, why)
        after = await store.bookings.change(booking.id, held_on, why)
        self.assertEqual((False, booking.expires_at + 4 * MINUTE), (first.repeated, after.expires_at))

    async def test_a_key_is_not_lost_in_a_restart(self) -> None:
        store, booking = await self._held()
        kept = await store.bookings.change_once(booking.id, held_on, cause("k"))
        store = await self.restarted(store)
        again = await store.bookings.change_once(booking.id, boom, cause("k"))
        self.assertEqual((kept.state, True), (again.state, again.repeated))

    async def test_two_processes_change_it_once_for_one_key(self) -> None:
        store, booking = await self._held()
        other = await self.second(store)
        calls = (one.bookings.change_once(booking.id, held_on, cause("k")) for one in (store, other) * 10)
        kept, refusals = await race(calls)
        self.assertEqual(([], 19), (refusals, sum(one.repeated for one in kept)))
        after = await other.bookings.get(booking.id, EVERYTHING)
        self.assertEqual(booking.expires_at + MINUTE, after.expires_at)

    async def test_what_can_be_done_once_is_repeated_by_its_key_wherever_it_was_done(self) -> None:
        store = await self.new()
        await on_sale(store)
        other = await self.second(store)
        for number in range(20):
            booking = await held(store)
            why = cause(f"k{number}")
            kept, refusals = await race(
                one.bookings.change_once(booking.id, _unless_booked, why) for one in (store, other)
            )
            self.assertEqual(([], [False, True]), (refusals, sorted(one.repeated for one in kept)))

    async def _held(self) -> tuple[BookingStore, Booking]:
        store = await self.new()
        await on_sale(store)
        return store, await held(store)


def _unless_booked(booking: Booking) -> Decision[Booking]:
    if booking.status is Status.BOOKED:
        raise Rejected("booked", "it is already")
    return confirmed(booking)


def _as_it_is(booking: Booking) -> Decision[Booking]:
    return booking, ()
