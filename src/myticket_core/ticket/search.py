"""R3. A buyer searches tickets, or looks at one."""

from __future__ import annotations

from attrs import frozen

from myticket_core.paging import Page, Paging
from myticket_core.ticket.model import Ticket, TicketId
from myticket_core.ticket.ports import Search, Tickets


@frozen
class SearchTickets:
    """Tickets on sale, the deleted never among them."""

    tickets: Tickets

    async def __call__(self, search: Search, paging: Paging) -> Page[Ticket]:
        return await self.tickets.search(search, paging)

    async def one(self, id: TicketId) -> Ticket:
        """Raises NotFound."""
        return await self.tickets.get(id)
