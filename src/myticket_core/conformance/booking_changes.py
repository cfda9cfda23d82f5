"""Changing a booking: its state, its events and the sale's counts in one commit, once per cause."""

from __future__ import annotations

from datetime import timedelta

from myticket_core.access import EVERYTHING
from myticket_core.booking.model import Booking, BookingId, Status
from myticket_core.conformance.base import Conformance, race
from myticket_core.conformance.booking_store import (
    BookingStore,
    booked,
    called_off,
    canceled,
    confirmed,
    counted,
    counts,
    every,
    held,
    held_on,
    on_sale,
)
from myticket_core.conformance.builders import Boom, boom, cause, said, told
from myticket_core.errors import NotFound


class Changing(Conformance[BookingStore]):
    async def test_what_is_not_there_cannot_be_changed(self) -> None:
        store = await self.new()
        await self.check_refused(store.bookings.change(BookingId(999), confirmed, cause()), NotFound)
        self.assertEqual([], await told(store.outbox))

    async def test_state_events_and_counts_change_together(self) -> None:
        store = await self.new()
        await on_sale(store, capacity=2)
        booking = await held(store)
        now = await store.bookings.change(booking.id, confirmed, cause())
        self.assertEqual((Status.BOOKED, booking.id + 1000), (now.status, now.payment_id))
        self.assertEqual(now, await store.bookings.get(booking.id, EVERYTHING))
        self.assertEqual(((0, 1), [("Booked", 1)]), (await counts(store), await told(store.outbox)))
        over = await store.bookings.change(booking.id, called_off, cause())
        self.assertEqual(13_500, over.refund)
        self.assertEqual(over, await store.bookings.get(booking.id, EVERYTHING))
        self.assertEqual(
            ((0, 0), [("Booked", 1), ("BookCanceled", 2)]), (await counts(store), await told(store.outbox))
        )

    async def test_what_it_does_to_the_sale_is_told_with_it(self) -> None:
        store = await self.new()
        await on_sale(store, capacity=1)
        booking = await booked(store)
        await store.bookings.change(booking.id, canceled, cause())
        self.assertEqual(
            [("SoldOut", 1), ("Booked", 1), ("BookCanceled", 2), ("BackOnSale", 2)], await told(store.outbox)
        )
        self.assertEqual(2, (await store.sales.get(1)).version)

    async def test_what_changes_nothing_tells_nobody(self) -> None:
        store = await self.new()
        await on_sale(store, capacity=2)
        booking = await booked(store)
        self.assertEqual(booking, await store.bookings.change(booking.id, confirmed, cause()))
        self.assertEqual(((0, 1), [("Booked", 1)]), (await counts(store), await told(store.outbox)))

    async def test_an_envelope_carries_correlation_cause_and_key(self) -> None:
        store = await self.new()
        await on_sale(store)
        booking, why = await held(store), cause()
        await store.bookings.change(booking.id, confirmed, why)
        (envelope,) = await said(store.outbox)
        self.assertEqual((why.correlation_id, why.id), (envelope.correlation_id, envelope.causation_id))
        self.assertEqual((str(booking.id), "book", 1), (envelope.key, envelope.source, envelope.version))
        self.assertEqual((booking.id + 1000, "BOOKED"), (envelope.data["paymentId"], envelope.data["status"]))

    async def test_an_event_is_handled_once_by_each_consumer(self) -> None:
        store = await self.new()
        await on_sale(store)
        booking, why = await held(store), cause(consumer="book")
        await race(store.bookings.change(booking.id, held_on, why) for _ in range(20))
        once = await store.bookings.get(booking.id, EVERYTHING)
        self.assertEqual(booking.expires_at + timedelta(minutes=1), once.expires_at)
        self.assertEqual(once, await store.bookings.change(booking.id, boom, why), "the decision is not even asked")
        other = await store.bookings.change(booking.id, held_on, cause(consumer="book"))
        self.assertEqual(booking.expires_at + timedelta(minutes=2), other.expires_at)

    async def test_no_change_is_lost_in_a_race(self) -> None:
        store = await self.new()
        await on_sale(store)
        booking = await held(store)
        await race(store.bookings.change(booking.id, held_on, cause()) for _ in range(50))
        after = await store.bookings.get(booking.id, EVERYTHING)
        self.assertEqual(booking.expires_at + timedelta(minutes=50), after.expires_at)

    async def test_confirming_and_canceling_at_once_tell_one_story(self) -> None:
        store = await self.new()
        await on_sale(store, capacity=1)
        booking = await held(store)
        decisions = (confirmed, canceled) * 10
        await race(store.bookings.change(booking.id, decide, cause()) for decide in decisions)
        self.assertEqual(Status.CANCELED, (await store.bookings.get(booking.id, EVERYTHING)).status)
        self.assertEqual((0, 0), await counts(store))
        mine = [envelope.version for envelope in await said(store.outbox) if envelope.type.startswith("Book")]
        self.assertEqual(list(range(1, len(mine) + 1)), mine)

    async def test_a_failed_decision_leaves_nothing_and_harms_no_other(self) -> None:
        store = await self.new()
        await on_sale(store)
        booking, why = await held(store), cause(consumer="book")
        others = [await held(store) for _ in range(10)]

        async def fails() -> Booking:
            with self.assertRaises(Boom):
                await store.bookings.change(booking.id, boom, why)
            return booking

        good = [store.bookings.change(it.id, confirmed, cause()) for it in others]
        await race([*good[:5], fails(), *good[5:], fails()])
        self.assertEqual(booking, await store.bookings.get(booking.id, EVERYTHING))
        self.assertEqual(((1, 10), (1, 10)), (await counts(store), await counted(store)))
        self.assertEqual([("Booked", 1)] * 10, await told(store.outbox))
        now = await store.bookings.change(booking.id, confirmed, why)
        self.assertEqual(Status.BOOKED, now.status, "the failed event can be handled again")

    async def test_nothing_is_lost_in_a_restart(self) -> None:
        store = await self.new()
        await on_sale(store, capacity=5)
        first, why = await held(store, why=cause("k")), cause(consumer="book")
        await store.bookings.change(first.id, confirmed, why)
        before = await every(store), await counts(store), await said(store.outbox)
        store = await self.restarted(store)
        self.assertEqual(before, (await every(store), await counts(store), await said(store.outbox)))
        again = await store.bookings.hold(1, boom, cause("k"))
        self.assertEqual((True, Status.BOOKED), (again.repeated, again.state.status))
        self.assertEqual(again.state, await store.bookings.change(first.id, boom, why))
        self.assertNotEqual(first.id, (await held(store)).id)
