"""R8, R7. A buyer sees their own bookings and state; an organizer the tickets and what became of them."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from datetime import date
from typing import TypeVar

from attrs import frozen

from myticket_core.access import Scope
from myticket_core.errors import NotFound
from myticket_core.mypage.model import BookingPage, OrganizerPage, TicketPage
from myticket_core.mypage.ports import Pages
from myticket_core.paging import Page, Paging

Found = TypeVar("Found")


@frozen
class BrowsePages:
    """What is not yours is NotFound. Until the pages have `caught_up` with who asks, what they do not know is blank:
    what was said of it may still be on its way.
    """

    pages: Pages

    async def booking(self, booking_id: int, owner: Scope, caught_up: bool = True) -> BookingPage:
        return await _found(self.pages.booking(booking_id, owner), caught_up, BookingPage(booking_id=booking_id))

    async def bookings(self, owner: Scope, ticket_id: int | None, paging: Paging) -> Page[BookingPage]:
        return await self.pages.bookings(owner, ticket_id, paging)

    async def ticket(self, ticket_id: int, owner: Scope, caught_up: bool = True) -> OrganizerPage:
        return await _found(self.pages.ticket(ticket_id, owner), caught_up, _blank(ticket_id))

    async def knows_ticket(self, ticket_id: int, owner: Scope, caught_up: bool = True) -> None:
        """Whether there is a page of it, cheap however many bookings it would sum up. Raises NotFound."""
        await _found(self.pages.seen(("ticket", ticket_id), owner), caught_up, None)

    async def days(self, ticket_id: int, owner: Scope, caught_up: bool = True) -> Mapping[date, int]:
        return await _found(self.pages.days(ticket_id, owner), caught_up, {})

    async def tickets(self, owner: Scope, paging: Paging) -> Page[OrganizerPage]:
        return await self.pages.tickets(owner, paging)


async def _found(looked: Awaitable[Found], caught_up: bool, blank: Found) -> Found:
    try:
        return await looked
    except NotFound:
        if caught_up:
            raise
        return blank


def _blank(ticket_id: int) -> OrganizerPage:
    return OrganizerPage(ticket=TicketPage(ticket_id=ticket_id), booked=0, canceled=0, captured=0, refunded=0)
