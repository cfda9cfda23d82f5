"""Holding a seat: both rows or neither, once per key, and never one seat too many."""

from __future__ import annotations

from datetime import timedelta

from attrs import evolve

from myticket_core.access import EVERYTHING
from myticket_core.booking.model import Booking, BookingId, Status
from myticket_core.booking.sale import Sale
from myticket_core.conformance.base import Conformance, race
from myticket_core.conformance.booking_store import (
    UNTIL,
    BookingStore,
    canceled,
    claim,
    closed,
    confirmed,
    counted,
    counts,
    every,
    held,
    on_sale,
    pending,
)
from myticket_core.conformance.builders import NOW, Boom, boom, cause, told
from myticket_core.errors import NotFound, Rejected
from myticket_core.messages import Decision


class Holding(Conformance[BookingStore]):
    async def test_what_is_held_is_read_again_in_every_member(self) -> None:
        store = await self.new()
        await on_sale(store, capacity=5)
        asked = evolve(pending(customer_id=7), starts=NOW, ends=NOW + timedelta(days=3), method="카드 '1'")
        booking = await held(store, asked)
        self.assertEqual((15_000, 1, Status.PENDING), (booking.price, booking.company_id, booking.status))
        self.assertEqual((UNTIL, 1_500), (booking.cancel_until, booking.cancel_fee))
        self.assertGreater(booking.id, 0)
        self.assertEqual(booking, await store.bookings.get(booking.id, EVERYTHING))
        self.assertEqual((1, 0), await counts(store))

    async def test_what_is_not_for_sale_here_is_not_found(self) -> None:
        store = await self.new()
        await self.check_refused(held(store), NotFound)
        self.assertEqual([], await every(store))

    async def test_what_is_refused_leaves_nothing_not_even_its_key(self) -> None:
        store = await self.new()
        await on_sale(store, capacity=1)
        wrong = store.bookings.hold(1, claim(pending(), asked_price=1), cause("k"))
        await self.check_refused(wrong, Rejected, "price_changed")
        with self.assertRaises(Boom):
            await store.bookings.hold(1, boom, cause("k"))
        self.assertEqual(([], (0, 0), []), (await every(store), await counts(store), await told(store.outbox)))
        self.assertFalse((await store.bookings.hold(1, claim(pending()), cause("k"))).repeated)

    async def test_a_repeated_key_returns_the_booking_as_it_is_now(self) -> None:
        store = await self.new()
        await on_sale(store, capacity=1)
        first = await store.bookings.hold(1, claim(pending()), cause("k"))
        now = await store.bookings.change(first.state.id, confirmed, cause())
        await closed(store)
        again = await store.bookings.hold(1, boom, cause("k"))  # neither sold out nor closed: it has its seat
        self.assertEqual((False, True, now), (first.repeated, again.repeated, again.state))
        self.assertEqual((0, 1), await counts(store))

    async def test_a_key_cannot_be_used_for_something_else(self) -> None:
        store = await self.new()
        await on_sale(store)
        booking = await held(store, why=cause("k"))
        await self.check_refused(held(store, why=cause("k", "other")), Rejected, "key_reused")
        self.assertEqual([booking], await every(store))

    async def test_equal_keys_at_once_hold_one_seat(self) -> None:
        store = await self.new()
        await on_sale(store)
        kept, _ = await race(store.bookings.hold(1, claim(pending()), cause("k")) for _ in range(100))
        self.assertEqual((1, 99), (len({one.state.id for one in kept}), sum(one.repeated for one in kept)))
        self.assertEqual(((1, 0), (1, 0)), (await counts(store), await counted(store)))

    async def test_different_keys_are_different_bookings(self) -> None:
        store = await self.new()
        await on_sale(store)
        bookings, _ = await race(held(store, why=cause(f"k{number}")) for number in range(20))
        self.assertEqual(20, len({booking.id for booking in bookings}))

    async def test_who_comes_later_has_a_larger_number_whatever_was_asked_before(self) -> None:
        """Also in another process, and behind many who asked for a number and needed none: those are not kept."""
        store = await self.new()
        await on_sale(store)
        await race(held(store, why=cause("k")) for _ in range(10))
        first = await held(await self.second(store))
        self.assertLess(first.id, (await held(store)).id)


class Racing(Conformance[BookingStore]):
    async def test_the_last_seat_has_one_winner(self) -> None:
        store = await self.new()
        await on_sale(store, capacity=1)
        await self._race_for(store, 50, winners=1)
        self.assertEqual([("SoldOut", 1)], await told(store.outbox))

    async def test_seven_seats_have_seven_winners(self) -> None:
        store = await self.new()
        await on_sale(store, capacity=7)
        await self._race_for(store, 50, winners=7)

    async def test_an_unlimited_ticket_refuses_nobody(self) -> None:
        store = await self.new()
        await on_sale(store, capacity=None)
        await self._race_for(store, 50, winners=50)

    async def test_two_tickets_do_not_take_each_others_seats(self) -> None:
        store = await self.new()
        await on_sale(store, 1, capacity=3)
        await on_sale(store, 2, capacity=5)
        winners, _ = await race(held(store, pending(number % 2 + 1, number)) for number in range(40))
        self.assertEqual(8, len(winners))
        self.assertEqual(((3, 0), (5, 0)), (await counts(store, 1), await counts(store, 2)))
        self.assertEqual(((3, 0), (5, 0)), (await counted(store, 1), await counted(store, 2)))

    async def test_seats_given_back_meanwhile_are_given_out_once(self) -> None:
        store = await self.new()
        await on_sale(store, capacity=5)
        bookings = [await held(store) for _ in range(5)]
        moves = [store.bookings.change(booking.id, canceled, cause()) for booking in bookings[:3]]
        moves += [store.bookings.change(booking.id, confirmed, cause()) for booking in bookings[3:]]
        await race([*moves, *(held(store) for _ in range(20))])
        await race(held(store) for _ in range(20))
        self.assertEqual(((3, 2), (3, 2)), (await counts(store), await counted(store)))

    async def test_a_failure_among_many_harms_no_other(self) -> None:
        store = await self.new()
        await on_sale(store, capacity=10)

        def fails(sale: Sale, id: BookingId) -> tuple[Sale, Decision[Booking]]:
            raise Rejected("not_this_one", "as arranged")

        failing = (store.bookings.hold(1, fails, cause()) for _ in range(5))
        winners, refusals = await race([*(held(store) for _ in range(5)), *failing, *(held(store) for _ in range(5))])
        self.assertEqual((10, 5), (len(winners), len(refusals)))
        self.assertEqual(((10, 0), (10, 0)), (await counts(store), await counted(store)))

    async def test_two_processes_do_not_sell_one_seat_twice(self) -> None:
        store = await self.new()
        other = await self.second(store)
        await on_sale(store, capacity=7)
        winners, refusals = await race(held(one) for one in (store, other) * 15)
        self.assertEqual((7, 23), (len(winners), len(refusals)))
        self.assertEqual(((7, 0), (7, 0)), (await counts(other), await counted(store)))

    async def _race_for(self, store: BookingStore, callers: int, winners: int) -> None:
        """So many win, all others are told it is sold out, and the sale's counts are what the bookings say."""
        won, refusals = await race(held(store, pending(customer_id=number + 1)) for number in range(callers))
        self.assertEqual(winners, len({booking.id for booking in won}), "seats given out")
        codes = [getattr(refusal, "code", refusal) for refusal in refusals]
        self.assertEqual(["sold_out"] * (callers - winners), codes)
        self.assertEqual(((winners, 0), (winners, 0)), (await counts(store), await counted(store)))
