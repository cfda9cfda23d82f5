"""What booking says. Dates are epoch milliseconds, money is in the currency's smallest unit."""

from __future__ import annotations

from typing import ClassVar, Final

from myticket_core.messages import Event, event

WAITED: Final = "WAITED"
"""The occasion of a PaymentDue: its buyer stood in the line of a sold-out ticket, and the seat is offered to them."""


@event
class Booked(Event):
    SOURCE: ClassVar[str] = "book"

    id: int
    version: int | None = None
    ticket_id: int | None = None
    price: int | None = None
    company_id: int | None = None
    customer_id: int | None = None
    start_date: int | None = None
    end_date: int | None = None
    payment_id: int | None = None
    status: str | None = None
    cancel_until: int | None = None  # by its buyer; None: at any time
    cancel_fee: int | None = None  # what that costs


@event
class PaymentDue(Event):
    """A held booking may be paid now, until `expires_at`. Its buyer was asked to pay later or, `occasion` WAITED, had
    waited for a seat.
    """

    SOURCE: ClassVar[str] = "book"

    id: int
    version: int | None = None
    ticket_id: int | None = None
    price: int | None = None
    company_id: int | None = None
    customer_id: int | None = None
    start_date: int | None = None
    end_date: int | None = None
    cancel_until: int | None = None
    cancel_fee: int | None = None
    status: str | None = None
    expires_at: int | None = None
    occasion: str | None = None


@event
class BookCanceled(Event):
    """A booking or a hold has ended; `status` is CANCELED, EXPIRED, or DECLINED for a hold that was told of before.

    `refund` is what is to be given back of what was paid for it; None: all of it.
    """

    SOURCE: ClassVar[str] = "book"

    id: int
    version: int | None = None
    ticket_id: int | None = None
    price: int | None = None
    company_id: int | None = None
    customer_id: int | None = None
    start_date: int | None = None
    end_date: int | None = None
    payment_id: int | None = None
    status: str | None = None
    reason: str | None = None
    cancel_until: int | None = None
    cancel_fee: int | None = None
    refund: int | None = None


@event
class WaitingEnded(Event):
    """Who stood in the line of a ticket gets no seat: it is not sold any more. `id` is that of their place."""

    SOURCE: ClassVar[str] = "book"

    id: int
    version: int | None = None
    ticket_id: int | None = None
    company_id: int | None = None
    customer_id: int | None = None
    reason: str | None = None


@event
class SoldOut(Event):
    """The last seat of the ticket `id` is taken, by a hold or a booking."""

    SOURCE: ClassVar[str] = "book"

    id: int
    version: int | None = None
    company_id: int | None = None


@event
class BackOnSale(Event):
    """A sold-out ticket `id` has a seat again."""

    SOURCE: ClassVar[str] = "book"

    id: int
    version: int | None = None
    company_id: int | None = None
