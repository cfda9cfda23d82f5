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
