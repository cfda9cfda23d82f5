"""R12. A deleted ticket is closed for sale, then all its bookings are canceled."""

from __future__ import annotations

from attrs import define, field, frozen

from myticket_core.booking.campaign import REASON, Campaign
from myticket_core.booking.model import Booking, BookingId
from myticket_core.booking.ports import Bookings, Sales
from myticket_core.booking.sale import Sale
from myticket_core.errors import Unavailable
from myticket_core.messages import Cause, command
from myticket_core.ports import Clock, Together

LONGEST_FAILURE = 300
"""Characters of why a booking could not be canceled."""


@command
class CloseSale:
    ticket_id: int


@frozen
class SaleCloser:
    """No new booking from the commit on, even when the ticket was never heard of before."""

    sales: Sales

    async def __call__(self, order: CloseSale, cause: Cause) -> Sale:
        return await self.sales.change(order.ticket_id, lambda sale: sale.closed(cause), cause)


@define
class _Round:
    """What came of one campaign's turn; `untold`: failures that could not even be remembered, and why."""

    canceled: int = 0
    failed: int = 0
    untold: list[Exception] = field(factory=list)


@frozen
class CancelCampaign:
    """Cancels the live bookings of deleted tickets, in chunks; after a crash it goes on where it stood.

    One that does not give way is remembered with its reason, holds up no other, and is tried again after a while, or
    as soon as the organizer says so. A paused campaign stops before its next chunk.
    """

    bookings: Bookings
    sales: Sales
    clock: Clock
    together: Together
    chunk: int = 200

    async def __call__(self) -> int:
        """One round over every campaign that is due; how many bookings it canceled."""
        after, turns = 0, list[_Round]()
        while sales := await self.sales.campaigns(after, self.chunk):
            turns += [await self._run(sale, sale.campaign) for sale in sales if sale.campaign and self._due(sale)]
            after = sales[-1].ticket_id
        for untold in (error for turn in turns for error in turn.untold):
            raise untold
        return sum(turn.canceled for turn in turns)

    def _due(self, sale: Sale) -> bool:
        return sale.is_due(self.clock.now())

    async def _run(self, sale: Sale, campaign: Campaign) -> _Round:
        turn, after = _Round(), BookingId(0)
        while chunk := await self.bookings.live(sale.ticket_id, after, self.chunk):
            if await self._paused(sale.ticket_id):
                return turn
            await self.together([self._cancel(booking, campaign, turn) for booking in chunk])
            after = chunk[-1].id
        if turn.failed or campaign.failed:
            now = self.clock.now()
            await self.sales.change(sale.ticket_id, lambda sale: sale.campaigned(turn.failed, now), campaign.cause)
        return turn

    async def _paused(self, ticket_id: int) -> bool:
        campaign = (await self.sales.get(ticket_id)).campaign
        return campaign is not None and campaign.paused

    async def _cancel(self, booking: Booking, campaign: Campaign, turn: _Round) -> None:
        try:
            await self.bookings.change(booking.id, lambda booking: booking.canceled(REASON), campaign.cause)
            turn.canceled += 1
        except Unavailable:
            raise
        except Exception as error:  # told by GET /sales/{id}/deletion/bookings, and tried again in a later round
            turn.failed += 1
            await self._remember(booking, error, campaign, turn)

    async def _remember(self, booking: Booking, why: Exception, campaign: Campaign, turn: _Round) -> None:
        failure = f"{type(why).__name__}: {why}"[:LONGEST_FAILURE]
        try:
            await self.bookings.change(booking.id, lambda booking: booking.stuck(failure), campaign.cause)
        except Exception as error:  # raised when everybody has had a turn
            turn.untold.append(error)
