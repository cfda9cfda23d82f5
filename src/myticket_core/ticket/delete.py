"""R2. An organizer deletes a ticket. Its bookings are canceled by booking, which hears of it (R12)."""

from __future__ import annotations

from attrs import frozen

from myticket_core.access import Scope
from myticket_core.messages import Cause, Decision, command
from myticket_core.ticket.model import Ticket, TicketId
from myticket_core.ticket.ports import Tickets


@command
class Delete:
    """`expected`: the version that is to be deleted, None: whichever it is by then."""

    id: TicketId
    expected: int | None = None


@frozen
class DeleteTicket:
    """Not found from now on. Deleting it again, or somebody else's, raises NotFound.

    Rejected("changed_meanwhile"): it is not as `expected` any more.
    """

    tickets: Tickets

    async def __call__(self, order: Delete, owner: Scope, cause: Cause) -> Ticket:
        def decide(ticket: Ticket) -> Decision[Ticket]:
            return ticket.owned(owner).expected(order.expected).deleted()

        return await self.tickets.change(order.id, decide, cause)
