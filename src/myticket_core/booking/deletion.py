"""R12, seen by the organizer: what deleting a ticket would do, how far it is, what became of each booking."""

from __future__ import annotations

from enum import StrEnum

from attrs import frozen

from myticket_core.access import Scope
from myticket_core.booking.campaign import Outcome, Toll
from myticket_core.booking.model import Booking
from myticket_core.booking.ports import Bookings, Sales
from myticket_core.booking.sale import Sale
from myticket_core.messages import Cause, command
from myticket_core.paging import Page, Paging


class Stage(StrEnum):
    """How far a deletion is; PREVIEW: the ticket is on sale, and this is what deleting it would do."""

    PREVIEW = "preview"
    RUNNING = "running"
    PAUSED = "paused"
    OVER = "over"


@frozen
class Deletion:
    """Before a ticket is deleted `sale.campaign` is None, and the toll says what it would be."""

    sale: Sale
    toll: Toll

    @property
    def stage(self) -> Stage:
        campaign = self.sale.campaign
        if campaign is None:
            return Stage.PREVIEW
        if self.sale.taken == 0:
            return Stage.OVER
        return Stage.PAUSED if campaign.paused else Stage.RUNNING


@command
class Steer:
    """Pause the campaign, or let it go on; then what failed is tried again at once."""

    ticket_id: int
    paused: bool


@frozen
class Deletions:
    """One's own tickets only; others are NotFound. What is under way when it is paused, a chunk, is finished."""

    bookings: Bookings
    sales: Sales

    async def preview(self, ticket_id: int, owner: Scope) -> Deletion:
        sale = await self._own(ticket_id, owner)
        return Deletion(sale, await self.bookings.toll(ticket_id))

    async def outcomes(self, ticket_id: int, outcome: Outcome, owner: Scope, paging: Paging) -> Page[Booking]:
        await self._own(ticket_id, owner)
        return await self.bookings.outcomes(ticket_id, outcome, paging)

    async def steer(self, order: Steer, owner: Scope, cause: Cause) -> Deletion:
        await self._own(order.ticket_id, owner)
        await self.sales.change(order.ticket_id, lambda sale: sale.owned(owner).paused(order.paused), cause)
        return await self.preview(order.ticket_id, owner)

    async def _own(self, ticket_id: int, owner: Scope) -> Sale:
        return (await self.sales.get(ticket_id)).owned(owner)
