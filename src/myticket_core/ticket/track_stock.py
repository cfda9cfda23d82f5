"""Whether seats are left, as booking says; kept so that a search can leave out what is sold out (docs/adr)."""

from __future__ import annotations

from attrs import frozen

from myticket_core.errors import NotFound
from myticket_core.messages import Cause, command
from myticket_core.ticket.model import TicketId
from myticket_core.ticket.ports import Tickets


@command
class TrackStock:
    id: TicketId
    available: bool
    version: int


@frozen
class StockTracker:
    """Applies newer news only; of a ticket that is gone or unknown there is nothing to remember."""

    tickets: Tickets

    async def __call__(self, order: TrackStock, cause: Cause) -> None:
        try:
            await self.tickets.change(order.id, lambda ticket: ticket.stocked(order.available, order.version), cause)
        except NotFound:
            return
