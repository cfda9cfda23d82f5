"""R9. A buyer cancels their own booking; payment hears of it and refunds (R10)."""

from __future__ import annotations

from attrs import frozen

from myticket_core.access import Scope
from myticket_core.booking.model import Booking, BookingId
from myticket_core.booking.ports import Bookings
from myticket_core.messages import Cause, command


@command
class Cancel:
    id: BookingId
    reason: str = "canceled by the buyer"


@frozen
class CancelBooking:
    """The seat is free from now on. Canceling again does nothing. Raises NotFound, also for somebody else's."""

    bookings: Bookings

    async def __call__(self, order: Cancel, owner: Scope, cause: Cause) -> Booking:
        return await self.bookings.change(order.id, lambda booking: booking.owned(owner).canceled(order.reason), cause)
