"""R12. A deleted ticket is closed for sale, then all its bookings are canceled."""

from __future__ import annotations

from attrs import define, field, frozen

from myticket_core.booking.campaign import REASON, Campaign
from myticket_core.booking.model import Booking, BookingId
from myticket_core.booking.ports import Bookings, Sales
from myticket_core.booking.sale import Sale
from myticket_core.errors import Incomplete, InDoubt, Invalid, NotFound, Rejected, Unavailable
from myticket_core.messages import Cause, command
from myticket_core.ports import Clock, Together

LONGEST_FAILURE = 300
"""Characters of why a booking could not be canceled."""
UNFORESEEN = "something unforeseen happened; the log tells what"
"""Why, of all but decisions: what a store or its driver says of itself is not for organizers."""
_TOLD = (Invalid, NotFound, Rejected)


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
    """How far a campaign has come: up to which booking, and how many of those did not give way."""

    after: BookingId = BookingId(0)
    failed: int = 0


@define
class _Turn:
    """What came of one chunk; `unforeseen`: failures of which no organizer is told what they were; `untold`: those that
    could not even be remembered, and why.
    """

    failed: int = 0
    unforeseen: list[Exception] = field(factory=list)
    untold: list[Exception] = field(factory=list)

    def tell(self, tried: int, onward: int) -> None:
        """Raises what is for the log."""
        for failure in self.untold:
            raise failure
        for failure in self.unforeseen:
            raise Incomplete(onward, failure, tried - self.failed) from failure


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
    _rounds: dict[int, _Round] = field(init=False, factory=dict)

    async def __call__(self) -> int:
        """One chunk of the first campaign that is due: how many bookings it tried, 0 when nothing is due now.

        Raises Incomplete when something unforeseen came between: that is for the log, and the next chunk is due.
        """
        after = 0
        while sales := await self.sales.campaigns(after, self.chunk):
            for sale in sales:
                if sale.campaign and (tried := await self._go_on(sale, sale.campaign)):
                    return tried
            after = sales[-1].ticket_id
        self._rounds.clear()
        return 0

    async def _go_on(self, sale: Sale, campaign: Campaign) -> int:
        if not sale.is_due(self.clock.now()):
            self._rounds.pop(sale.ticket_id, None)  # paused: then everything is tried again
            return 0
        turn, round = _Turn(), self._rounds.setdefault(sale.ticket_id, _Round())
        chunk = await self.bookings.live(sale.ticket_id, round.after, self.chunk)
        await self.together([self._cancel(booking, campaign, turn) for booking in chunk])
        round.failed += turn.failed
        if len(chunk) < self.chunk:
            await self._over(sale.ticket_id, campaign)
        else:
            round.after = chunk[-1].id
        turn.tell(len(chunk), 0 if len(chunk) < self.chunk else round.after)
        return len(chunk)

    async def _over(self, ticket_id: int, campaign: Campaign) -> None:
        failed = self._rounds.pop(ticket_id).failed
        if failed or campaign.failed:
            now = self.clock.now()
            await self.sales.change(ticket_id, lambda sale: sale.campaigned(failed, now), campaign.cause)

    async def _cancel(self, booking: Booking, campaign: Campaign, turn: _Turn) -> None:
        try:
            await self.bookings.change(booking.id, lambda booking: booking.canceled(REASON), campaign.cause)
        except (Unavailable, InDoubt):
            raise
        except Exception as error:  # told by GET /sales/{id}/deletion/bookings, and tried again in a later round
            turn.failed += 1
            await self._remember(booking, error, campaign, turn)

    async def _remember(self, booking: Booking, why: Exception, campaign: Campaign, turn: _Turn) -> None:
        failure = f"{type(why).__name__}: {why}"[:LONGEST_FAILURE]
        if not isinstance(why, _TOLD):
            failure = UNFORESEEN
            turn.unforeseen.append(why)
        try:
            await self.bookings.change(booking.id, lambda booking: booking.stuck(failure), campaign.cause)
        except Exception as error:  # raised when the others of the chunk have had their turn
            turn.untold.append(error)
