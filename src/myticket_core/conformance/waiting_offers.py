"""Seats offered to those who wait: each once, to nobody else, and what has become of it."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from myticket_core.access import EVERYTHING, Scope
from myticket_core.booking.model import Booking
from myticket_core.booking.model import Status as BookingStatus
from myticket_core.booking.waiting import Place, Status, join, leave, offer, settle
from myticket_core.conformance.base import Conformance, race
from myticket_core.conformance.booking_store import confirmed, counted, counts, held, on_sale, pending
from myticket_core.conformance.builders import NOW, Boom, boom, cause, said, told
from myticket_core.conformance.waiting_store import (
    UNTIL,
    WaitingStore,
    freed,
    give,
    joined,
    offered_to,
    sold_out,
    waited,
)
from myticket_core.errors import Rejected


class Offering(Conformance[WaitingStore]):
    async def test_what_a_place_is_for_its_offer_is_for(self) -> None:
        store = await sold_out(await self.new())
        place, starts, ends = Place(1, 7), NOW, NOW + timedelta(days=3)
        take = partial(join, place=place, now=NOW, correlation_id="of-7", starts=starts, ends=ends)
        waiting = await store.line.join(place, take, cause())
        self.assertEqual(waiting, await store.line.get(place))
        await freed(store)
        booking = await store.line.offer(place, give, cause())
        self.assertEqual((starts, ends), (booking.starts, booking.ends))

    async def test_an_offer_is_place_booking_count_and_news_together(self) -> None:
        store = await sold_out(await self.new())
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
        self.assertEqual(((1, 0), (1, 0), (0, 1)), (await counts(store), await counted(store), await waited(store)))
        (due,) = (it for it in await said(store.outbox) if it.type == "PaymentDue")
        self.assertEqual(("WAITED", str(booking.id), 1), (due.data["occasion"], due.key, due.version))
        types = [type for type, _ in await told(store.outbox)]
        self.assertEqual(["SoldOut", "BookCanceled", "PaymentDue"], types, "nobody else can have the seat meanwhile")

    async def test_a_failed_offer_leaves_nothing(self) -> None:
        store = await sold_out(await self.new())
        waiting = await joined(store, 7)
        await self.check_refused(store.line.offer(Place(1, 7), give, cause()), Rejected, "sold_out")
        with self.assertRaises(Boom):
            await store.line.offer(Place(1, 7), boom, cause())
        self.assertEqual((waiting, (1, 0)), (await store.line.get(Place(1, 7)), await counted(store)))

    async def test_who_was_first_and_joined_again_is_behind_those_who_waited_meanwhile(self) -> None:
        store = await sold_out(await self.new())
        for customer in (7, 8):
            await joined(store, customer)
        await freed(store)
        (first,) = await store.line.first(1, 1)
        await store.line.move(first.place, leave, cause())
        again = await joined(store, 7)
        as_seen = partial(offer, number=first.number, now=NOW, until=UNTIL)
        await self.check_refused(store.line.offer(first.place, as_seen, cause()), Rejected, "not_waiting")
        self.assertEqual((again, (0, 0)), (await store.line.get(first.place), await counted(store)))
        self.assertEqual([8, 7], [it.customer_id for it in await store.line.first(1, 10)])

    async def test_newcomers_do_not_get_the_seat_of_those_who_wait(self) -> None:
        store = await sold_out(await self.new())
        await joined(store, 7)
        await freed(store)
        won, refusals = await race(held(store, pending(customer_id=number + 100)) for number in range(50))
        self.assertEqual(([], {"sold_out"}), (won, {getattr(it, "code", None) for it in refusals}))
        offered, _ = await race(
            [store.line.offer(Place(1, 7), give, cause()), *(held(store, pending(customer_id=9)) for _ in range(20))]
        )
        self.assertEqual([7], [it.customer_id for it in offered])

    async def test_a_seat_is_offered_once_however_many_offer(self) -> None:
        store = await sold_out(await self.new())
        for customer in range(1, 6):
            await joined(store, customer)
        await freed(store)
        offers = (store.line.offer(Place(1, number % 5 + 1), give, cause()) for number in range(25))
        offered, refusals = await race(offers)
        self.assertEqual((1, 24, (1, 0)), (len(offered), len(refusals), await counted(store)))

    async def test_two_processes_offer_a_seat_once_and_give_a_customer_one_place(self) -> None:
        store = await sold_out(await self.new())
        other = await self.second(store)
        places, refusals = await race(joined(one, 7) for one in (store, other) * 10)
        self.assertEqual(([], 1, (1, 1)), (refusals, len({it.id for it in places}), await waited(other)))
        await freed(store)
        offered, refusals = await race(one.line.offer(Place(1, 7), give, cause()) for one in (store, other) * 10)
        self.assertEqual((1, 19, (1, 0)), (len(offered), len(refusals), await counted(other)))

    async def test_settled_are_the_offers_whose_booking_is_not_pending_any_more(self) -> None:
        store = await self.new()
        await on_sale(store, capacity=4)
        for _ in range(4):
            await held(store)
        for customer in (5, 4, 3, 2):
            await joined(store, customer)
        offers = [await offered_to(store, customer) for customer in (5, 4, 3)]
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
