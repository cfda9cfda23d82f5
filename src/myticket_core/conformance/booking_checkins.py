"""Letting in who brings a booking: once, however many doors there are."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from itertools import count

from myticket_core.access import EVERYTHING
from myticket_core.booking.model import Booking, Status
from myticket_core.conformance.base import Conformance, race
from myticket_core.conformance.booking_store import BookingStore, booked, called_off, canceled, every, on_sale, pending
from myticket_core.conformance.builders import NOW, cause, told
from myticket_core.errors import Rejected
from myticket_core.messages import Decision
from myticket_core.paging import Order, Paging


def let_in(booking: Booking, minutes: int = 0) -> Decision[Booking]:
    return booking.checked_in(NOW + timedelta(minutes=minutes))


class CheckingIn(Conformance[BookingStore]):
    async def test_who_was_let_in_is_kept_and_nobody_is_told(self) -> None:
        store, booking = await self._booked()
        before = await told(store.outbox)
        inside = await store.bookings.change(booking.id, let_in, cause())
        self.assertEqual((NOW, booking.version), (inside.checked_in_at, inside.version))
        self.assertEqual(inside, await store.bookings.get(booking.id, EVERYTHING))
        self.assertEqual(before, await told(store.outbox))
        store = await self.restarted(store)
        self.assertEqual([inside], await every(store))

    async def test_of_all_doors_at_once_one_lets_in_and_the_others_hear_when(self) -> None:
        store, booking = await self._booked()
        await self._raced(booking, store)

    async def test_so_it_is_with_doors_of_two_processes(self) -> None:
        store, booking = await self._booked()
        await self._raced(booking, store, await self.second(store))

    async def test_a_buyer_who_cancels_at_the_door_has_either_come_or_canceled(self) -> None:
        store, _ = await self._booked()
        ends = set()
        for number in range(20):
            booking = await booked(store)
            both = (called_off, let_in) if number % 2 else (let_in, called_off)
            done, refused = await race(store.bookings.change(booking.id, it, cause()) for it in both)
            over = await store.bookings.get(booking.id, EVERYTHING)
            self.assertEqual((1, 1), (len(done), len(refused)))
            self.assertEqual(over.status is Status.BOOKED, over.checked_in_at is not None)
            ends.add(over.status)
        self.assertEqual({Status.BOOKED, Status.CANCELED}, ends, "it never was a race")

    async def test_a_tickets_guests_are_listed_also_when_it_is_over(self) -> None:
        store, _ = await self._booked()
        await on_sale(store, 2)
        for ticket in (1,) * 8 + (2,):
            await booked(store, pending(ticket))
        late, (_, *others) = count(9, -1), await every(store)
        for one in others:
            await store.bookings.change(one.id, partial(let_in, minutes=next(late)), cause())
        await store.bookings.change(others[0].id, canceled, cause())
        await self.check_lists(partial(store.bookings.checked_in, 1), ("id", "checked_in_at"))
        mine = (await store.bookings.checked_in(1, Paging(order=(Order("checked_in_at"),)))).items
        self.assertEqual([one.id for one in reversed(others[:8])], [one.id for one in mine])
        self.assertEqual(0, (await store.bookings.checked_in(3, Paging())).total)

    async def _booked(self) -> tuple[BookingStore, Booking]:
        store = await self.new()
        await on_sale(store)
        return store, await booked(store)

    async def _raced(self, booking: Booking, *doors: BookingStore) -> None:
        doors = doors * (20 // len(doors))
        calls = (
            door.bookings.change_once(booking.id, partial(let_in, minutes=number), cause(f"door-{number}"))
            for number, door in enumerate(doors)
        )
        inside, refused = await race(calls)
        self.assertEqual((1, 19), (len(inside), len(refused)))
        at = inside[0].state.checked_in_at
        said = {(it.code, it.facts["checked_in_at"]) for it in refused if isinstance(it, Rejected)}
        self.assertEqual({("checked_in", at)}, said)
        self.assertEqual(at, (await doors[0].bookings.get(booking.id, EVERYTHING)).checked_in_at)
