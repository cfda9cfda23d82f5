from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from adapters.memory.database import MemoryDatabase
from adapters.memory.lists import page
from adapters.memory.view import View
from myticket_core.access import Scope
from myticket_core.errors import NotFound
from myticket_core.mypage.days import by_day
from myticket_core.mypage.model import BookingPage, OrganizerPage, TicketPage
from myticket_core.mypage.ports import Differences, PageId, superseded
from myticket_core.mypage.summing import summed
from myticket_core.paging import Page, Paging

BOOKINGS_SORTABLE = ("booking_id", "ticket_id", "price", "status", "start_date")
TICKETS_SORTABLE = ("ticket_id", "name", "price", "status", "start_date")


class MemoryProjection:
    """Writes to whatever view is live, and to the one that has joined it."""

    def __init__(self, database: MemoryDatabase) -> None:
        self._db = database

    async def change_booking(self, booking_id: int, decide: Callable[[BookingPage], BookingPage]) -> None:
        for view in self._views():
            await view.change_booking(booking_id, decide)

    async def change_ticket(self, ticket_id: int, decide: Callable[[TicketPage], TicketPage]) -> None:
        for view in self._views():
            await view.change_ticket(ticket_id, decide)

    def _views(self) -> Sequence[View]:
        return (self._db.live, self._db.other) if self._db.joined else (self._db.live,)


class MemoryPages:
    def __init__(self, database: MemoryDatabase) -> None:
        self._db = database

    async def booking(self, booking_id: int, owner: Scope) -> BookingPage:
        found = self._db.live.bookings.get(booking_id)
        if found is None or not sees(owner, found):
            raise NotFound("page of book", booking_id)
        return found

    async def many(self, ids: Sequence[int]) -> Sequence[BookingPage]:
        """Those of the numbered bookings that there are pages of, whoever's."""
        return [page for id, page in self._db.live.bookings.items() if id in ids]

    async def bookings(self, owner: Scope, ticket_id: int | None, paging: Paging) -> Page[BookingPage]:
        every = self._db.live.bookings.values()
        own = (it for it in every if sees(owner, it) and ticket_id in (None, it.ticket_id))
        return page(own, paging, BOOKINGS_SORTABLE)

    async def behind(self, booking_id: int, limit: int) -> Sequence[BookingPage]:
        return [page for id, page in sorted(self._db.live.bookings.items()) if id > booking_id][:limit]

    async def ticket(self, ticket_id: int, owner: Scope) -> OrganizerPage:
        return self.summed(self._ticket(ticket_id, owner))

    async def days(self, ticket_id: int, owner: Scope) -> Mapping[date, int]:
        self._ticket(ticket_id, owner)
        return by_day(self._bookings_of(ticket_id))

    async def tickets(self, owner: Scope, paging: Paging) -> Page[OrganizerPage]:
        own = (self.summed(it) for it in self._db.live.tickets.values() if owner.covers(company_id=it.company_id))
        return page(own, paging, TICKETS_SORTABLE, lambda summed: summed.ticket)

    async def seen(self, page: PageId, owner: Scope) -> Mapping[str, int]:
        kind, id = page
        return dict((self._ticket(id, owner) if kind == "ticket" else await self.booking(id, owner)).seen)

    def _ticket(self, ticket_id: int, owner: Scope) -> TicketPage:
        found = self._db.live.tickets.get(ticket_id)
        if found is None or not owner.covers(company_id=found.company_id):
            raise NotFound("page of ticket", ticket_id)
        return found

    def summed(self, ticket: TicketPage) -> OrganizerPage:
        return summed(ticket, self._bookings_of(ticket.ticket_id))

    def _bookings_of(self, ticket_id: int) -> Sequence[BookingPage]:
        return [it for it in self._db.live.bookings.values() if it.ticket_id == ticket_id]


class MemoryViews:
    def __init__(self, database: MemoryDatabase) -> None:
        self._db = database
        self._built: View | None = None
        self._mark = 0  # the last change before it was begun

    async def blank(self) -> View:
        self._built = self._db.other = self._db.live.blank()
        self._db.joined, self._mark = False, self._built.counter.last
        return self._built

    async def clear(self) -> int:
        return 0

    async def differences(self, limit: int) -> Differences:
        self._mine()
        live, other = self._db.live, self._db.other
        bookings = [f"booking {id}" for id in differing(live.bookings, other.bookings)]
        told = [*bookings, *(f"ticket {id}" for id in differing(live.tickets, other.tickets))][:limit]
        gone = [page.changed for id, page in live.bookings.items() if id not in other.bookings]
        gone += [page.changed for id, page in live.tickets.items() if id not in other.tickets]
        return Differences(told, sum(changed <= self._mark for changed in gone))

    async def join(self) -> None:
        self._mine()
        self._db.joined = True

    async def swap(self) -> None:
        if self._built is self._db.live:
            return
        self._mine()
        self._db.live, self._db.other, self._db.joined = self._db.other, self._db.live, False

    def _mine(self) -> None:
        if self._built is not self._db.other:
            raise superseded()


def differing(some: Mapping[int, object], others: Mapping[int, object]) -> list[int]:
    return sorted(id for id in some.keys() | others.keys() if some.get(id) != others.get(id))


def sees(owner: Scope, booking: BookingPage) -> bool:
    return owner.covers(company_id=booking.company_id, customer_id=booking.customer_id)
