"""Looking at bookings, and at how a sale stands. Reads skip the domain."""

from __future__ import annotations

from attrs import frozen

from myticket_core.access import Scope
from myticket_core.booking.model import Booking, BookingId
from myticket_core.booking.ports import Bookings, Sales
from myticket_core.booking.sale import Sale
from myticket_core.paging import Page, Paging


@frozen
class BrowseBookings:
    """One's own bookings, or those of one's own tickets; what is not yours is NotFound."""

    bookings: Bookings
    sales: Sales

    async def one(self, id: BookingId, owner: Scope) -> Booking:
        return await self.bookings.get(id, owner)

    async def list(self, owner: Scope, paging: Paging) -> Page[Booking]:
        return await self.bookings.list(owner, paging)

    async def sale(self, ticket_id: int) -> Sale:
        """Capacity, held, booked, remaining, and the campaign of a deleted ticket. Raises NotFound."""
        return await self.sales.get(ticket_id)
