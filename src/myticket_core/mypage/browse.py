"""R8, R7. A buyer sees their own bookings and state; an organizer the tickets and what became of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from attrs import frozen

from myticket_core.access import Scope
from myticket_core.mypage.model import BookingPage, OrganizerPage
from myticket_core.mypage.ports import Pages
from myticket_core.paging import Page, Paging


@frozen
class BrowsePages:
    """What is not yours is NotFound."""

    pages: Pages

    async def booking(self, booking_id: int, owner: Scope) -> BookingPage:
        return await self.pages.booking(booking_id, owner)

    async def bookings(self, owner: Scope, ticket_id: int | None, paging: Paging) -> Page[BookingPage]:
        return await self.pages.bookings(owner, ticket_id, paging)

    async def ticket(self, ticket_id: int, owner: Scope) -> OrganizerPage:
        return await self.pages.ticket(ticket_id, owner)

    async def knows_ticket(self, ticket_id: int, owner: Scope) -> None:
        """Whether there is a page of it, cheap however many bookings it would sum up. Raises NotFound."""
        await self.pages.seen(("ticket", ticket_id), owner)

    async def days(self, ticket_id: int, owner: Scope) -> Mapping[date, int]:
        return await self.pages.days(ticket_id, owner)

    async def tickets(self, owner: Scope, paging: Paging) -> Page[OrganizerPage]:
        return await self.pages.tickets(owner, paging)
