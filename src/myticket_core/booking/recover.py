"""What booking has told, heard by itself: a store that was put back to an older state has it again."""

from __future__ import annotations

from attrs import frozen

from myticket_core.booking.events import BackOnSale, BookCanceled, Booked, PaymentDue, SoldOut
from myticket_core.booking.model import Booking, BookingId, Status
from myticket_core.booking.ports import Bookings, Sales
from myticket_core.messages import Cause, command
from myticket_core.values import moment


@command
class RecoverBooking:
    said: Booked | PaymentDue | BookCanceled

    def told(self, cause: Cause) -> Booking | None:
        """The booking, as far as events tell it; None: said by an original, which counts no versions.

        How it was to be paid, and that somebody was let in with it, no event tells: that is lost.
        """
        said = self.said
        if not said.version or said.status is None or said.status not in [*Status]:
            return None
        if said.ticket_id is None or said.customer_id is None:
            return None
        assert cause.at is not None, "it was said at some time"
        return Booking(
            id=BookingId(said.id),
            ticket_id=said.ticket_id,
            customer_id=said.customer_id,
            company_id=said.company_id,
            price=said.price or 0,
            expires_at=moment(getattr(said, "expires_at", None)) or cause.at,
            created_at=cause.at,
            correlation_id=cause.correlation_id,
            starts=moment(said.start_date),
            ends=moment(said.end_date),
            cancel_until=moment(said.cancel_until),
            cancel_fee=said.cancel_fee,
            status=Status(said.status),
            payment_id=getattr(said, "payment_id", None),
            reason=getattr(said, "reason", None),
            refund=getattr(said, "refund", None),
            version=said.version,
        )


@frozen
class BookingRecovery:
    """Nothing is decided and nobody is told. What is known as well, or better, stays as it is."""

    bookings: Bookings

    async def __call__(self, order: RecoverBooking, cause: Cause) -> None:
        told = order.told(cause)
        if told is not None:
            await self.bookings.recover(told, order.said, cause)


@command
class RecoverSale:
    said: SoldOut | BackOnSale


@frozen
class SaleRecovery:
    """How often it was told, so that what is told next is news."""

    sales: Sales

    async def __call__(self, order: RecoverSale, cause: Cause) -> None:
        if order.said.version:
            await self.sales.recover(order.said.version, order.said, cause)
