"""R2. An organizer deletes a ticket. Its bookings are canceled by booking, which hears of it (R12)."""

from __future__ import annotations

from attrs import frozen

from myticket_core.access import Scope
from myticket_core.messages import Cause, command
from myticket_core.ticket.model import Ticket, TicketId
from myticket_core.ticket.ports import Tickets


@command
class Delete:
    id: TicketId


@frozen
class DeleteTicket:
    """Not found from now on. Deleting it again, or somebody else's, raises NotFound."""

    tickets: Tickets

    async def __call__(self, order: Delete, owner: Scope, cause: Cause) -> Ticket:
        return await self.tickets.change(order.id, lambda ticket: ticket.owned(owner).deleted(), cause)
