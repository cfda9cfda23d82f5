"""What the ticket context says. Dates are epoch milliseconds, money is in the currency's smallest unit."""

from __future__ import annotations

from typing import ClassVar

from myticket_core.messages import Event, event


@event
class TicketRegistered(Event):
    SOURCE: ClassVar[str] = "ticket"

    id: int
    version: int | None = None
    company_id: int | None = None
    name: str | None = None
    price: int | None = None
    capacity: int | None = None  # None: unlimited
    start_date: int | None = None
    end_date: int | None = None
    cancel_until: int | None = None  # None: at any time
    cancel_fee_percent: int | None = None
    status: str | None = None


@event
class TicketChanged(Event):
    SOURCE: ClassVar[str] = "ticket"

    id: int
    version: int | None = None
    company_id: int | None = None
    name: str | None = None
    price: int | None = None
    capacity: int | None = None
    start_date: int | None = None
    end_date: int | None = None
    cancel_until: int | None = None  # None: at any time
    cancel_fee_percent: int | None = None
    status: str | None = None


@event
class TicketDeleted(Event):
    SOURCE: ClassVar[str] = "ticket"

    id: int
    version: int | None = None
    company_id: int | None = None
    name: str | None = None
    price: int | None = None
    status: str | None = None
