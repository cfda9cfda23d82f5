"""Looking at bookings: whose they are, which wait for something, and in what order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from attrs import evolve

from myticket_core.access import EVERYTHING, Scope
from myticket_core.booking.model import Booking, BookingId, Status
from myticket_core.conformance.base import Conformance, race
from myticket_core.conformance.booking_store import (
    BookingStore,
    booked,
    canceled,
    closed,
    confirmed,
    held,
    on_sale,
    pending,
    terms_with,
)
from myticket_core.conformance.builders import NOW, cause, told
from myticket_core.errors import NotFound
from myticket_core.paging import Paging

MINUTE = timedelta(minutes=1)
START = BookingId(0)


def ids(bookings: Sequence[Booking]) -> list[int]:
    return [booking.id for booking in bookings]


class Listing(Conformance[BookingStore]):
    async def test_what_is_not_yours_is_not_found(self) -> None:
        store = await self.new()
        await on_sale(store)
        booking = await held(store, pending(customer_id=7))
        for owner in (Scope(customer_id=7), Scope(company_id=1), Scope(1, 7)):
            self.assertEqual(booking, await store.bookings.get(booking.id, owner))
            self.assertEqual(1, (await store.bookings.list(owner, Paging())).total)
        for stranger in (Scope(customer_id=8), Scope(company_id=7), Scope(1, 8), Scope(7, 7)):
            await self.check_refused(store.bookings.get(booking.id, stranger), NotFound)
            self.assertEqual(0, (await store.bookings.list(stranger, Paging())).total)
        await self.check_refused(store.bookings.get(BookingId(booking.id + 1), EVERYTHING), NotFound)

    async def test_pages_never_overlap_however_sorted(self) -> None:
        store = await self.new()
        for ticket in (1, 2):
            terms = terms_with(None, price=ticket * 100)
            await store.sales.change(ticket, lambda sale, terms=terms: sale.sold_on(terms), cause())  # type: ignore[misc]
        for number in range(10):
            starts = NOW + (number % 3) * MINUTE if number % 4 else None
            asked = evolve(pending(number % 2 + 1), starts=starts, ends=starts, created_at=NOW - number * MINUTE)
            await (booked if number % 3 else held)(store, asked)
        sortable = ("id", "ticket_id", "price", "status", "starts", "ends", "created_at")
        await self.check_lists(lambda paging: store.bookings.list(EVERYTHING, paging), sortable)

    async def test_lapsed_are_the_holds_that_have_ended_the_oldest_first(self) -> None:
        store = await self.new()
        await on_sale(store)
        late = await held(store, pending(until=NOW - MINUTE))
        oldest = await held(store, pending(until=NOW - 2 * MINUTE))
        just = await held(store, pending(until=NOW))
        await held(store, pending(until=NOW + MINUTE))
        await booked(store, pending(until=NOW - MINUTE))
        over = await held(store, pending(until=NOW - MINUTE))
        await store.bookings.change(over.id, canceled, cause())
        self.assertEqual([oldest, late, just], list(await store.bookings.lapsed(NOW, 10)))
        self.assertEqual([oldest, late], list(await store.bookings.lapsed(NOW, 2)))

    async def test_pending_are_the_unpaid_ones_made_before_by_id(self) -> None:
        store = await self.new()
        await on_sale(store)
        made = [await held(store, evolve(pending(), created_at=NOW - age * MINUTE)) for age in (2, 9, 1, 0, 5)]
        await booked(store, evolve(pending(), created_at=NOW - 9 * MINUTE))
        expected = [made[0], made[1], made[4]]
        self.assertEqual(expected, list(await store.bookings.pending(NOW - MINUTE, START, 10)))
        self.assertEqual(expected[:2], list(await store.bookings.pending(NOW - MINUTE, START, 2)))
        self.assertEqual(expected[2:], list(await store.bookings.pending(NOW - MINUTE, made[1].id, 2)))

    async def test_in_line_are_the_unpaid_ones_that_were_put_off_by_id_as_soon_as_they_may(self) -> None:
        store = await self.new()
        await on_sale(store)
        waits = [
            await self._put_off(store, late, until)
            for late, until in (
                (0, 10),
                (2, 10),
                (0, 10),
                (0, 0),
                (0, 10),
            )  # may be told in so many minutes, is held for
        ]
        await held(store)
        asked = await store.bookings.change(waits[2].id, Booking.due, cause())
        paid = await store.bookings.change(waits[4].id, confirmed, cause())
        self.assertEqual((None, Status.BOOKED), (asked.due_from, paid.status))
        self.assertEqual(ids(waits[:1]), ids(await store.bookings.line(NOW, 10)))
        self.assertEqual(ids(waits[:2]), ids(await store.bookings.line(NOW + 2 * MINUTE, 10)))
        self.assertEqual(ids(waits[:1]), ids(await store.bookings.line(NOW + 2 * MINUTE, 1)))
        self.assertEqual(3, await store.bookings.in_line())
        self.assertEqual(waits[0], await store.bookings.get(waits[0].id, EVERYTHING))

    async def test_one_in_line_is_told_once_however_many_tell(self) -> None:
        store = await self.new()
        await on_sale(store)
        booking = await self._put_off(store, 0, 10)
        await race(store.bookings.change(booking.id, Booking.due, cause()) for _ in range(20))
        self.assertEqual([("PaymentDue", 1)], await told(store.outbox))
        self.assertEqual(([], 0), (list(await store.bookings.line(NOW, 10)), await store.bookings.in_line()))
        again = await store.bookings.change(booking.id, lambda it: it.put_off(NOW), cause())
        self.assertEqual([again], list(await store.bookings.line(NOW, 10)))

    async def test_nobody_stands_in_line_for_a_deleted_ticket(self) -> None:
        store = await self.new()
        for ticket in (1, 2, 3):
            await on_sale(store, ticket)
        mine = [await self._put_off(store, 0, 10, ticket) for ticket in (1, 2, 1, 3)]
        await closed(store, 1)
        self.assertEqual(ids([mine[1], mine[3]]), ids(await store.bookings.line(NOW, 10)))
        self.assertEqual(ids(mine[1:2]), ids(await store.bookings.line(NOW, 1)))
        self.assertEqual(2, await store.bookings.in_line())

    async def _put_off(self, store: BookingStore, late: int, until: int, ticket: int = 1) -> Booking:
        booking = await held(store, pending(ticket, until=NOW + until * MINUTE))
        return await store.bookings.change(booking.id, lambda it: it.put_off(NOW + late * MINUTE), cause())

    async def test_live_are_those_that_take_a_seat_of_the_ticket_by_id(self) -> None:
        store = await self.new()
        await on_sale(store, 1)
        await on_sale(store, 2)
        some = [await held(store), await booked(store), await held(store)]
        await held(store, pending(ticket_id=2))
        over = await booked(store)
        await store.bookings.change(over.id, canceled, cause())
        self.assertEqual(ids(some), ids(await store.bookings.live(1, START, 10)))
        self.assertEqual(ids(some[:2]), ids(await store.bookings.live(1, START, 2)))
        self.assertEqual(ids(some[2:]), ids(await store.bookings.live(1, some[1].id, 2)))
        self.assertEqual([], ids(await store.bookings.live(3, START, 2)))
