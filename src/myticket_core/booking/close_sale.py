"""R12. A deleted ticket is closed for sale, then all its bookings are canceled."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen

from myticket_core.booking.model import Booking, BookingId
from myticket_core.booking.ports import Bookings, Sales
from myticket_core.booking.sale import Campaign, Sale
from myticket_core.errors import Unavailable
from myticket_core.messages import Cause, command
from myticket_core.ports import Together

REASON = "the organizer deleted the ticket"


@command
class CloseSale:
    ticket_id: int


@frozen
class SaleCloser:
    """No new booking from the commit on, even when the ticket was never heard of before."""

    sales: Sales

    async def __call__(self, order: CloseSale, cause: Cause) -> Sale:
        return await self.sales.change(order.ticket_id, lambda sale: sale.closed(cause), cause)


@frozen
class CancelCampaign:
    """Cancels the live bookings of deleted tickets, in chunks; after a crash it goes on where it stood.

    One that does not give way is counted as failed, holds up no other, and is tried again in the next round.
    """

    bookings: Bookings
    sales: Sales
    together: Together
    chunk: int = 200

    async def __call__(self) -> int:
        """One round over every unfinished campaign; how many bookings it canceled."""
        after, canceled = 0, 0
        while sales := await self.sales.campaigns(after, self.chunk):
            for sale in sales:
                canceled += await self._run(sale)
            after = sales[-1].ticket_id
        return canceled

    async def _run(self, sale: Sale) -> int:
        campaign, after = sale.campaign, BookingId(0)
        if campaign is None:
            return 0
        canceled, failed = 0, list[BookingId]()
        while chunk := await self.bookings.live(sale.ticket_id, after, self.chunk):
            before = len(failed)
            await self._cancel(chunk, campaign, failed)
            canceled += len(chunk) - (len(failed) - before)
            after = chunk[-1].id
        if len(failed) != campaign.failed:
            await self.sales.change(sale.ticket_id, lambda sale: sale.campaigned(len(failed)), campaign.cause)
        return canceled

    async def _cancel(self, chunk: Sequence[Booking], campaign: Campaign, failed: list[BookingId]) -> None:
        async def cancel(booking: Booking) -> None:
            try:
                await self.bookings.change(booking.id, lambda booking: booking.canceled(REASON), campaign.cause)
            except Unavailable:
                raise
            except Exception:  # counted, shown by GET /sales/{id}, and tried again next round
                failed.append(booking.id)

        await self.together([cancel(booking) for booking in chunk])
