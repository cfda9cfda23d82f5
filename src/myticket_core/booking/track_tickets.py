"""Booking's own copy of what is for sale, kept from what the ticket context says."""

from __future__ import annotations

from attrs import frozen

from myticket_core.booking.ports import Sales, TicketCatalog
from myticket_core.booking.sale import Sale
from myticket_core.booking.terms import Offer
from myticket_core.errors import NotFound
from myticket_core.messages import Cause, command


@command
class TrackTicket:
    ticket_id: int
    offer: Offer


@frozen
class TicketTracker:
    """Newer terms win whatever the order they are heard in; a deleted ticket stays deleted."""

    sales: Sales

    async def __call__(self, order: TrackTicket, cause: Cause) -> Sale:
        return await self.sales.change(order.ticket_id, lambda sale: sale.offered(order.offer), cause)


async def adopt(ticket_id: int, catalog: TicketCatalog, sales: Sales, cause: Cause) -> Sale:
    """Ask the ticket context about a ticket not heard of yet, or that an original sells. Raises NotFound: there is
    none, or none with a price; Unavailable.
    """
    offer = await catalog.offer(ticket_id)
    if offer.price is None:
        raise NotFound("ticket", ticket_id)
    return await sales.change(ticket_id, lambda sale: sale.offered(offer), cause)
