"""What payment says. Dates are epoch milliseconds, money is in the currency's smallest unit."""

from __future__ import annotations

from typing import ClassVar

from myticket_core.messages import Event, event


@event
class PaymentApproved(Event):
    SOURCE: ClassVar[str] = "pay"
    KEY: ClassVar[str] = "book_id"

    id: int
    version: int | None = None
    book_id: int | None = None
    ticket_id: int | None = None
    price: int | None = None
    company_id: int | None = None
    customer_id: int | None = None
    start_date: int | None = None
    end_date: int | None = None
    status: str | None = None


@event
class PaymentCanceled(Event):
    """`refunded` of the price was given back; None (an original): all of it."""

    SOURCE: ClassVar[str] = "pay"
    KEY: ClassVar[str] = "book_id"

    id: int
    version: int | None = None
    book_id: int | None = None
    ticket_id: int | None = None
    price: int | None = None
    company_id: int | None = None
    customer_id: int | None = None
    start_date: int | None = None
    end_date: int | None = None
    status: str | None = None
    reason: str | None = None
    refunded: int | None = None


@event
class RefundFailed(Event):
    """`amount` could not be given back and nobody tries any more: an operator has to act. PaymentCanceled follows
    when it has been given back after all.
    """

    SOURCE: ClassVar[str] = "pay"
    KEY: ClassVar[str] = "book_id"

    id: int
    version: int | None = None
    book_id: int | None = None
    ticket_id: int | None = None
    price: int | None = None
    company_id: int | None = None
    customer_id: int | None = None
    status: str | None = None
    amount: int | None = None
    reason: str | None = None
