"""Booking's own copy of what is for sale, kept from what the ticket context says."""

from __future__ import annotations

from attrs import frozen

from myticket_core.booking.ports import Sales, TicketCatalog
from myticket_core.booking.sale import Sale
from myticket_core.booking.terms import Terms
from myticket_core.errors import NotFound
from myticket_core.messages import Cause, command


@command
class TrackTicket:
    ticket_id: int
    terms: Terms


@frozen
class TicketTracker:
    """Newer terms win whatever the order they are heard in; a deleted ticket stays deleted."""

    sales: Sales

    async def __call__(self, order: TrackTicket, cause: Cause) -> Sale:
        return await self.sales.change(order.ticket_id, lambda sale: sale.sold_on(order.terms), cause)


async def adopt(ticket_id: int, catalog: TicketCatalog, sales: Sales, cause: Cause) -> Sale:
    """Ask the ticket context about a ticket not heard of yet, or that an original sells. Raises NotFound: there is
    none, or none with a price; Unavailable.
    """
    terms = await catalog.terms(ticket_id)
    if terms.price is None:
        raise NotFound("ticket", ticket_id)
    return await sales.change(ticket_id, lambda sale: sale.sold_on(terms), cause)
