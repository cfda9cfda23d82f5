"""How many unpaid bookings a buyer may have at once."""

from __future__ import annotations

from collections.abc import Awaitable

from myticket_core.booking.buyer import Buyer
from myticket_core.booking.model import Booking
from myticket_core.conformance.base import Conformance, race
from myticket_core.conformance.booking_store import (
    BookingStore,
    canceled,
    claim,
    confirmed,
    counts,
    every,
    on_sale,
    pending,
)
from myticket_core.conformance.builders import cause, told
from myticket_core.errors import Rejected
from myticket_core.messages import Cause, Decision, Kept


class Buying(Conformance[BookingStore]):
    async def test_a_buyer_holds_so_many_and_what_is_more_leaves_nothing(self) -> None:
        store = await self._store()
        for _ in range(3):
            await _holds(store)
        with self.assertRaises(Rejected) as refused:
            await _holds(store, why=cause("k"))
        self.assertEqual(("too_many_holds", {"limit": 3}), (refused.exception.code, refused.exception.facts))
        self.assertEqual((3, (3, 0), []), (len(await every(store)), await counts(store), await told(store.outbox)))
        self.assertFalse((await _holds(store, customer=2, why=cause("k"))).repeated, "the key is free")

    async def test_whatever_becomes_of_a_booking_another_may_be_held(self) -> None:
        store = await self._store()
        for decide in (confirmed, _declined, _expired, canceled):
            held, refused = await race(_holds(store) for _ in range(4))
            self.assertEqual((3, 1), (len(held), len(refused)))
            for kept in held:
                await store.bookings.change(kept.state.id, decide, cause())

    async def test_of_all_tickets_together(self) -> None:
        store = await self._store()
        for ticket in (1, 2, 1):
            await _holds(store, ticket)
        await self.check_refused(_holds(store, 2), Rejected, "too_many_holds")

    async def test_nobody_else_is_counted_nor_who_holds_without_a_limit(self) -> None:
        store = await self._store()
        for _ in range(5):
            await store.bookings.hold(1, claim(pending()), cause())
            await _holds(store, customer=2, most=5)
        await self.check_refused(_holds(store, most=5), Rejected, "too_many_holds")
        await _holds(store, most=6)

    async def test_a_repeat_of_the_key_returns_the_booking_that_is_held(self) -> None:
        store = await self._store()
        first = await _holds(store, most=1, why=cause("k"))
        again = await _holds(store, most=1, why=cause("k"))
        self.assertEqual((first.state, True), (again.state, again.repeated))

    async def test_a_buyer_who_asks_for_many_at_once_gets_so_many(self) -> None:
        store = await self._store()
        held, refused = await race(_holds(store, number % 2 + 1, most=7) for number in range(50))
        self.assertEqual((7, 43), (len(held), len(refused)))
        self.assertEqual(7, len(await every(store)))

    async def test_many_buyers_at_once_get_so_many_each(self) -> None:
        store = await self._store()
        held, _ = await race(_holds(store, customer=number % 10 + 1) for number in range(100))
        buyers = [kept.state.customer_id for kept in held]
        self.assertEqual(dict.fromkeys(range(1, 11), 3), {it: buyers.count(it) for it in buyers})

    async def test_what_is_paid_meanwhile_makes_room_once(self) -> None:
        store = await self._store()
        held = [(await _holds(store)).state for _ in range(3)]
        moves: list[Awaitable[object]] = [store.bookings.change(it.id, confirmed, cause()) for it in held[:2]]
        await race([*moves, *(_holds(store) for _ in range(10))])
        await race(_holds(store) for _ in range(10))
        self.assertEqual((3, 2), await counts(store))

    async def test_they_are_still_counted_after_a_restart(self) -> None:
        store = await self._store()
        for _ in range(3):
            await _holds(store)
        store = await self.restarted(store)
        await self.check_refused(_holds(store), Rejected, "too_many_holds")

    async def test_two_processes_give_no_buyer_more(self) -> None:
        """Of different tickets, so that no two wait for one sale."""
        store = await self._store()
        other = await self.second(store)
        for customer in range(1, 41):
            held, refused = await race(
                _holds(one, ticket, customer, most=1) for one, ticket in ((store, 1), (other, 2))
            )
            self.assertEqual((1, 1), (len(held), len(refused)))
        self.assertEqual(40, len(await every(other)))

    async def _store(self) -> BookingStore:
        store = await self.new()
        for ticket in (1, 2):
            await on_sale(store, ticket)
        return store


async def _holds(
    store: BookingStore, ticket: int = 1, customer: int = 1, most: int = 3, why: Cause | None = None
) -> Kept[Booking]:
    booking = pending(ticket, customer)
    return await store.bookings.hold(ticket, claim(booking), why or cause(), Buyer(customer, most))


def _declined(booking: Booking) -> Decision[Booking]:
    return booking.declined("no")


def _expired(booking: Booking) -> Decision[Booking]:
    return booking.expired()
