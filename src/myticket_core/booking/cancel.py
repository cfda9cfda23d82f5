"""R9. A buyer cancels their own booking, and sees before what that would give back; payment hears of it (R10)."""

from __future__ import annotations

from datetime import datetime

from attrs import frozen

from myticket_core.access import Scope
from myticket_core.booking.model import Booking, BookingId
from myticket_core.booking.ports import Bookings
from myticket_core.messages import Cause, Decision, command
from myticket_core.ports import Clock

BY_BUYER = "canceled by the buyer"
BY_OPERATOR = "canceled by an operator"


@command
class Cancel:
    id: BookingId


@frozen
class CancelBooking:
    """The seat is free from now on; its buyer gets back the price less the fee, from an operator's cancel all of it.

    Canceling again does nothing. Raises NotFound, also for somebody else's; Rejected("too_late" | "checked_in").
    """

    bookings: Bookings
    clock: Clock

    async def __call__(self, order: Cancel, owner: Scope, cause: Cause) -> Booking:
        now = self.clock.now()
        return await self.bookings.change(order.id, lambda booking: _canceled(booking.owned(owner), owner, now), cause)

    async def preview(self, order: Cancel, owner: Scope) -> Cancellation:
        """What the call would do now; changes nothing. Raises NotFound."""
        booking = await self.bookings.get(order.id, owner)
        return foreseen(booking, owner, self.clock.now())


@frozen
class Cancellation:
    """What a cancel by whoever asks would do to the booking, or did. `fee` and `refund` of what was paid.

    `possible` is False when it is over, used, or too late: then canceling gives nothing back.
    """

    booking: Booking
    possible: bool
    fee: int
    refund: int


def foreseen(booking: Booking, owner: Scope, now: datetime) -> Cancellation:
    """Told by the decision itself, so that it cannot promise anything else."""
    if not booking.live:
        refund = booking.price if booking.refund is None else booking.refund
        return Cancellation(booking, possible=False, fee=booking.price - refund, refund=refund)
    if _by_buyer(owner) and (booking.used or booking.too_late(now)):
        return Cancellation(booking, possible=False, fee=booking.fee, refund=0)
    over, _ = _canceled(booking, owner, now)
    refund = over.refund or 0
    return Cancellation(booking, possible=True, fee=booking.price - refund, refund=refund)


def _canceled(booking: Booking, owner: Scope, now: datetime) -> Decision[Booking]:
    return booking.called_off(BY_BUYER, now) if _by_buyer(owner) else booking.canceled(BY_OPERATOR)


def _by_buyer(owner: Scope) -> bool:
    return owner.customer_id is not None
