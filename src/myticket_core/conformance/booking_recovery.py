"""Bookings that were told of and are lost, or not as far as was told: as after a store was put back."""

from __future__ import annotations

from typing import Final

from attrs import evolve

from myticket_core.access import EVERYTHING
from myticket_core.booking.events import BackOnSale, SoldOut
from myticket_core.booking.model import Booking, BookingId, Status
from myticket_core.conformance.base import Conformance
from myticket_core.conformance.booking_store import (
    BookingStore,
    booked,
    called_off,
    canceled,
    confirmed,
    counts,
    held,
    on_sale,
    pending,
)
from myticket_core.conformance.builders import cause, told
from myticket_core.errors import Rejected
from myticket_core.messages import Event

LOST: Final = BookingId(1_000)


def _told(id: BookingId = LOST, customer_id: int = 1) -> tuple[Booking, Event]:
    """A booking nobody has any more, and what was told of it."""
    booking, (said,) = confirmed(evolve(pending(customer_id=customer_id), id=id, price=15_000, company_id=1))
    return booking, said


class Recovering(Conformance[BookingStore]):
    async def test_what_is_lost_is_there_again_counted_and_told_to_nobody(self) -> None:
        store, (booking, said) = await self.new(), _told()
        for known in (False, True):
            await store.bookings.recover(booking, said, cause(consumer="book"))
            self.assertEqual(booking, await store.bookings.get(LOST, EVERYTHING))
            self.assertEqual(((0, 1), []), (await counts(store), await told(store.outbox)), known)
        over, (ended,) = called_off(booking)
        await store.bookings.recover(over, ended, cause(consumer="book"))
        self.assertEqual(over, await store.bookings.get(LOST, EVERYTHING))
        self.assertEqual(((0, 0), []), (await counts(store), await told(store.outbox)))

    async def test_its_number_is_given_to_nobody_else(self) -> None:
        store = await self.new()
        await on_sale(store)
        await held(store)
        await store.bookings.recover(*_told(), cause(consumer="book"))
        self.assertGreater((await held(store)).id, LOST)

    async def test_a_hold_that_was_paid_is_booked(self) -> None:
        store = await self.new()
        await on_sale(store)
        hold = await held(store)
        paid, (said,) = confirmed(hold)
        await store.bookings.recover(paid, said, cause(consumer="book"))
        self.assertEqual(paid, await store.bookings.get(hold.id, EVERYTHING))
        self.assertEqual(((0, 1), []), (await counts(store), await told(store.outbox)))

    async def test_what_is_as_far_or_anothers_stays_as_it_is(self) -> None:
        store = await self.new()
        await on_sale(store)
        mine = await booked(store)
        over = await store.bookings.change(mine.id, canceled, cause())
        for customer_id, version in ((mine.customer_id, 2), (mine.customer_id + 1, 9)):
            other, said = _told(mine.id, customer_id)
            await store.bookings.recover(evolve(other, version=version), said, cause(consumer="book"))
            self.assertEqual(over, await store.bookings.get(mine.id, EVERYTHING))
        self.assertEqual((0, 0), await counts(store))

    async def test_it_has_its_seat_though_that_was_sold_anew(self) -> None:
        store = await self.new()
        await on_sale(store, capacity=1)
        again = await booked(store)
        await store.bookings.recover(*_told(), cause(consumer="book"))
        self.assertEqual((0, 2), await counts(store))
        await store.bookings.change(again.id, canceled, cause())
        self.assertEqual(Status.BOOKED, (await store.bookings.get(LOST, EVERYTHING)).status)
        await self.check_refused(held(store), Rejected, "sold_out")
        self.assertEqual([("SoldOut", 1), ("Booked", 1), ("BookCanceled", 2)], await told(store.outbox))

    async def test_what_was_told_of_a_sale_is_not_told_again(self) -> None:
        store = await self.new()
        await on_sale(store, capacity=1)
        for version, kind in ((1, SoldOut), (2, BackOnSale), (1, SoldOut)):
            await store.sales.recover(version, kind(id=1, version=version), cause(consumer="book"))
        self.assertEqual((2, []), ((await store.sales.get(1)).version, await told(store.outbox)))
        await held(store)
        self.assertEqual([("SoldOut", 3)], await told(store.outbox))

    async def test_what_was_not_told_any_more_is_told_with_the_next_change(self) -> None:
        store = await self.new()
        await on_sale(store, capacity=2)
        await booked(store)
        await store.bookings.recover(*_told(), cause(consumer="book"))
        self.assertEqual([("Booked", 1)], await told(store.outbox))
        await on_sale(store, capacity=2, version=2)
        self.assertEqual([("Booked", 1), ("SoldOut", 1)], await told(store.outbox))
