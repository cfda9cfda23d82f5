"""A hold that was not paid in time gives its seat back."""

from __future__ import annotations

from attrs import frozen

from myticket_core.booking.model import Booking
from myticket_core.booking.ports import Bookings
from myticket_core.messages import Cause
from myticket_core.ports import Clock, Ids, Together


@frozen
class ExpireHolds:
    """Safe to run anywhere at any time: only a booking that is still PENDING expires."""

    bookings: Bookings
    clock: Clock
    ids: Ids
    together: Together
    batch: int = 200

    async def __call__(self) -> int:
        """Expire one batch of lapsed holds; how many that were."""
        lapsed = await self.bookings.lapsed(self.clock.now(), self.batch)
        await self.together([self._expire(booking) for booking in lapsed])
        return len(lapsed)

    async def _expire(self, booking: Booking) -> None:
        cause = Cause(id=self.ids.new(), correlation_id=booking.correlation_id)
        await self.bookings.change(booking.id, Booking.expired, cause)
