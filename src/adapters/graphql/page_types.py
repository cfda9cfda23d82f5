"""The pages as they are shown: a booking to its buyer, a ticket to its organizer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from enum import Enum
from typing import ClassVar, Final

import strawberry

from adapters.graphql.paging import Connection
from adapters.graphql.scalars import Long, of_millis
from myticket_core.mypage import model

OF: Final = "mypage"
CAUGHT_UP: Final = "It has seen what minVersion names, after some waiting; false: that is still on its way"


@strawberry.type(description="What `source` (book, pay, ticket) said, and when")
class HistoryLine:
    at: datetime | None
    source: str
    status: str


@strawberry.type(description="A booking as its buyer sees it; `refund` is what of the price goes back, or did")
class BookingPage:
    OF: ClassVar = OF
    book_id: Long
    price: Long | None
    start_time: datetime | None
    end_time: datetime | None
    ticket_id: Long | None
    status: str | None
    pay_id: Long | None
    company_id: Long | None
    customer_id: Long | None
    payment_status: str | None
    cancel_until: datetime | None
    cancel_fee: Long | None
    refund: Long
    expires_at: datetime | None
    history: list[HistoryLine]
    caught_up: bool = strawberry.field(default=True, description=CAUGHT_UP)


@strawberry.type(
    description="A ticket as its organizer sees it; captured = kept + pending + refunded + fees + failed. "
    "`canceled` are those that were paid: a hold that ended is not counted"
)
class TicketPage:
    OF: ClassVar = OF
    ticket_id: Long
    company_id: Long | None
    name: str | None
    price: Long | None
    capacity: Long | None
    start_date: datetime | None
    end_date: datetime | None
    status: str | None
    booked: Long
    canceled: Long
    captured: Long
    kept: Long
    pending: Long
    refunded: Long
    fees: Long
    failed: Long
    history: list[HistoryLine] = strawberry.field(description="The newest 200 lines")
    caught_up: bool = strawberry.field(default=True, description=CAUGHT_UP)


@strawberry.type(description="So many bookings were made on a day of Korea's, whatever became of them since")
class BookedDay:
    day: date
    booked: Long


@strawberry.type(description="In order, without days that had none")
class BookedDays:
    OF: ClassVar = OF
    days: list[BookedDay]
    caught_up: bool = strawberry.field(default=True, description=CAUGHT_UP)


@strawberry.type
class BookingPageConnection(Connection[BookingPage]):
    caught_up: bool = strawberry.field(default=True, description=CAUGHT_UP)


@strawberry.type
class TicketPageConnection(Connection[TicketPage]):
    caught_up: bool = strawberry.field(default=True, description=CAUGHT_UP)


@strawberry.enum
class BookingPageSort(Enum):
    BOOK_ID = "booking_id"
    TICKET_ID = "ticket_id"
    PRICE = "price"
    STATUS = "status"
    START_TIME = "start_date"


@strawberry.input
class BookingPageOrder:
    field: BookingPageSort
    descending: bool = False


@strawberry.enum
class TicketPageSort(Enum):
    TICKET_ID = "ticket_id"
    NAME = "name"
    PRICE = "price"
    STATUS = "status"
    START_DATE = "start_date"


@strawberry.input
class TicketPageOrder:
    field: TicketPageSort
    descending: bool = False


def booking_page_of(page: model.BookingPage) -> BookingPage:
    return BookingPage(
        book_id=page.booking_id,
        price=page.price,
        start_time=of_millis(page.start_date),
        end_time=of_millis(page.end_date),
        ticket_id=page.ticket_id,
        status=page.status,
        pay_id=page.payment_id,
        company_id=page.company_id,
        customer_id=page.customer_id,
        payment_status=page.payment_status,
        cancel_until=of_millis(page.cancel_until),
        cancel_fee=page.cancel_fee,
        refund=page.refund,
        expires_at=of_millis(page.payable_until),
        history=_lines(page.history),
    )


def ticket_page_of(page: model.OrganizerPage) -> TicketPage:
    ticket = page.ticket
    return TicketPage(
        ticket_id=ticket.ticket_id,
        company_id=ticket.company_id,
        name=ticket.name,
        price=ticket.price,
        capacity=ticket.capacity,
        start_date=of_millis(ticket.start_date),
        end_date=of_millis(ticket.end_date),
        status=ticket.status,
        booked=page.booked,
        canceled=page.canceled,
        captured=page.captured,
        kept=page.kept,
        pending=page.pending,
        refunded=page.refunded,
        fees=page.fees,
        failed=page.failed,
        history=_lines(ticket.history),
    )


def _lines(history: Sequence[model.Entry]) -> list[HistoryLine]:
    return [HistoryLine(at=of_millis(entry.at), source=entry.source, status=entry.status) for entry in history]
