"""R9. A buyer cancels their own booking, and sees before what that would give back; payment hears of it (R10)."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from attrs import field, frozen

from myticket_core.access import Scope
from myticket_core.booking.campaign import REASON
from myticket_core.booking.model import Booking, BookingId
from myticket_core.booking.ports import Bookings, Sales
from myticket_core.booking.sale import Sale
from myticket_core.errors import Rejected
from myticket_core.messages import Cause, Decision, command
from myticket_core.ports import Clock
from myticket_core.values import whole

BY_BUYER = "canceled by the buyer"
BY_OPERATOR = "canceled by an operator"


@command
class Cancel:
    """`fee` is what its buyer was told that it costs, and agreed to; None: whatever it costs. Raises Invalid."""

    id: BookingId
    fee: int | None = field(default=None, validator=whole(optional=True))


@frozen
class CancelBooking:
    """The seat is free from now on; its buyer gets back the price less the fee, from an operator's cancel all of it.

    Of a deleted ticket it is never too late, used or not, and costs no fee, whether or not the campaign has come to
    the booking. The sale is read in the commit that cancels: a deletion is known by then, or it comes afterwards and
    finds the booking canceled on the terms of a ticket on sale. Canceling again does nothing. Raises NotFound, also for
    somebody else's; Rejected("too_late" | "checked_in" | "fee_changed").
    """

    bookings: Bookings
    sales: Sales
    clock: Clock

    async def __call__(self, order: Cancel, owner: Scope, cause: Cause) -> Booking:
        judge = partial(_canceled, owner=owner, now=self.clock.now(), agreed=order.fee)
        return await self.bookings.change(order.id, lambda booking: (booking.owned(owner), ()), cause, judge)

    async def preview(self, order: Cancel, owner: Scope) -> Cancellation:
        """What the call would do now; changes nothing. Raises NotFound."""
        booking = await self.bookings.get(order.id, owner)
        sale = await self.sales.get(booking.ticket_id)  # which stays deleted once it is: that promise holds
        return foreseen(booking, sale, owner, self.clock.now())


@frozen
class Cancellation:
    """What a cancel by whoever asks would do to the booking, or did. `fee` and `refund` of what was paid.

    `possible` is False when it is over, used, or too late: then canceling gives nothing back.
    """

    booking: Booking
    possible: bool
    fee: int
    refund: int


def foreseen(booking: Booking, sale: Sale, owner: Scope, now: datetime) -> Cancellation:
    """Told by the decision itself, so that it cannot promise anything else."""
    if not booking.live:
        paid = 0 if booking.payment_id is None else booking.price
        refund = paid if booking.given_back is None else booking.given_back
        return Cancellation(booking, possible=False, fee=paid - refund, refund=refund)
    try:
        over, _ = _canceled(booking, sale, owner, now)
    except Rejected:
        return Cancellation(booking, possible=False, fee=booking.fee, refund=0)
    refund = over.refund or 0
    return Cancellation(booking, possible=True, fee=booking.price - refund, refund=refund)


def _canceled(
    booking: Booking, sale: Sale, owner: Scope, now: datetime, agreed: int | None = None
) -> Decision[Booking]:
    """What a buyer cancels of a deleted ticket counts as the campaign's: that would do the same a little later."""
    if owner.customer_id is None:
        return booking.canceled(BY_OPERATOR)
    return booking.canceled(REASON) if sale.deleted else booking.called_off(BY_BUYER, now, agreed)
