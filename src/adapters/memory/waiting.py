"""Who waits for seats, in the database of the bookings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from adapters.memory.database import MemoryDatabase
from adapters.memory.lists import page
from myticket_core.access import Scope
from myticket_core.booking.model import Booking, BookingId
from myticket_core.booking.model import Status as BookingStatus
from myticket_core.booking.ports import Give, Join, Move
from myticket_core.booking.sale import Sale
from myticket_core.booking.waiting import Place, Seen, Status, Waiting
from myticket_core.errors import NotFound
from myticket_core.messages import Cause
from myticket_core.paging import Page, Paging

SORTABLE = ("id", "ticket_id", "status", "joined_at")


class MemoryWaitingList:
    def __init__(self, database: MemoryDatabase) -> None:
        self._db = database
        self._seen = database.called.fired

    async def join(self, place: Place, take: Join, cause: Cause) -> Waiting:
        before = self._db.waiting.get(place)
        lines = sum(it.live and it.customer_id == place.customer_id for it in self._db.waiting.values())
        sale, (after, events) = take(Seen(self._sale(place), before, len(self._db.waiting) + 1, lines))
        self._db.commit(cause, events, (self._db.waiting, place, after), (self._db.sales, place.ticket_id, sale))
        return after

    async def move(self, place: Place, move: Move, cause: Cause) -> Waiting:
        sale, (after, events) = move(self._sale(place), await self.get(place))
        self._db.commit(cause, events, (self._db.waiting, place, after), (self._db.sales, place.ticket_id, sale))
        return after

    async def offer(self, place: Place, give: Give, cause: Cause) -> Booking:
        id, waiting = BookingId(self._db.number(self._db.bookings)), await self.get(place)
        sale, waiting, (booking, events) = give(self._sale(place), waiting, id)
        rows = ((self._db.waiting, place, waiting), (self._db.sales, place.ticket_id, sale))
        self._db.commit(cause, events, (self._db.bookings, id, booking), *rows)
        return booking

    async def get(self, place: Place) -> Waiting:
        if place not in self._db.waiting:
            raise NotFound("place in the line of ticket", place.ticket_id)
        return self._db.waiting[place]

    async def ahead(self, waiting: Waiting) -> int:
        return sum(it.number < waiting.number for it in self._waiting(waiting.ticket_id))

    async def list(self, owner: Scope, paging: Paging) -> Page[Waiting]:
        every = self._db.waiting.values()
        return page((it for it in every if owner.covers(customer_id=it.customer_id)), paging, SORTABLE)

    async def first(self, ticket_id: int, limit: int) -> Sequence[Waiting]:
        return sorted(self._waiting(ticket_id), key=lambda it: it.number)[:limit]

    async def settled(self, limit: int) -> Sequence[tuple[Waiting, Booking]]:
        offered = (it for it in self._db.waiting.values() if it.status is Status.OFFERED)
        known = ((it, self._db.bookings[BookingId(it.booking_id or 0)]) for it in offered)
        over = [(it, booking) for it, booking in known if booking.status is not BookingStatus.PENDING]
        return sorted(over, key=lambda pair: pair[0].id)[:limit]

    async def wait(self, at_most: timedelta) -> None:
        await self._db.called.wait(at_most, self._seen)
        self._seen = self._db.called.fired

    def _sale(self, place: Place) -> Sale:
        if place.ticket_id not in self._db.sales:
            raise NotFound("ticket", place.ticket_id)
        return self._db.sales[place.ticket_id]

    def _waiting(self, ticket_id: int) -> Sequence[Waiting]:
        every = self._db.waiting.values()
        return [it for it in every if it.ticket_id == ticket_id and it.status is Status.WAITING]
