"""My page: R8 for buyers, R7 for organizers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from typing import Any, ClassVar, Final

import strawberry

from adapters.graphql.asking import Info
from adapters.graphql.guarded import answers, owner
from adapters.graphql.inputs import ident
from adapters.graphql.paging import FIRST, Connection, orders
from adapters.graphql.problems import Missing
from adapters.graphql.scalars import Long, of_millis
from myticket_core.access import Action
from myticket_core.mypage import model
from myticket_core.mypage.browse import BrowsePages

OF: Final = "mypage"


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


@strawberry.type(description="A ticket as its organizer sees it; captured = kept + pending + refunded + fees + failed")
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
    history: list[HistoryLine]


@strawberry.type
class BookingPageConnection(Connection[BookingPage]):
    pass


@strawberry.type
class TicketPageConnection(Connection[TicketPage]):
    pass


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


@strawberry.type
class PageQueries:
    @answers("BookingPages", Action.READ_CUSTOMER_PAGE, OF, BookingPageConnection)
    async def booking_pages(
        self, info: Info, order_by: list[BookingPageOrder] | None = None, first: int = FIRST, after: str | None = None
    ) -> Any:
        """R8. One's own bookings."""
        mine, cases = owner(info), _cases(info)
        return await BookingPageConnection.of(
            lambda paging: cases.bookings(mine, None, paging), booking_page_of, first, after, orders(order_by)
        )

    @answers("BookingPage", Action.READ_CUSTOMER_PAGE, OF, BookingPage, Missing)
    async def booking_page(self, info: Info, book_id: Long) -> Any:
        """R8. One booking and its state."""
        return booking_page_of(await _cases(info).booking(ident("bookId", book_id), owner(info)))

    @answers("TicketPages", Action.READ_ORGANIZER_PAGE, OF, TicketPageConnection)
    async def ticket_pages(
        self, info: Info, order_by: list[TicketPageOrder] | None = None, first: int = FIRST, after: str | None = None
    ) -> Any:
        """R7. One's tickets."""
        mine, cases = owner(info), _cases(info)
        return await TicketPageConnection.of(
            lambda paging: cases.tickets(mine, paging), ticket_page_of, first, after, orders(order_by)
        )

    @answers("TicketPage", Action.READ_ORGANIZER_PAGE, OF, TicketPage, Missing)
    async def ticket_page(self, info: Info, ticket_id: Long) -> Any:
        """R7. A ticket and the sums of its bookings."""
        return ticket_page_of(await _cases(info).ticket(ident("ticketId", ticket_id), owner(info)))

    @answers("BookingsOfTicket", Action.READ_ORGANIZER_PAGE, OF, BookingPageConnection, Missing)
    async def bookings_of_ticket(
        self,
        info: Info,
        ticket_id: Long,
        order_by: list[BookingPageOrder] | None = None,
        first: int = FIRST,
        after: str | None = None,
    ) -> Any:
        """R7. The bookings of a ticket; of one that is not yours there is nothing to list."""
        of, mine, cases = ident("ticketId", ticket_id), owner(info), _cases(info)
        await cases.ticket(of, mine)
        return await BookingPageConnection.of(
            lambda paging: cases.bookings(mine, of, paging), booking_page_of, first, after, orders(order_by)
        )


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
        refund=page.back if page.goes_back else 0,
        expires_at=of_millis(page.expires_at) if page.status == "PENDING" else None,
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


def _cases(info: Info) -> BrowsePages:
    assert info.context.cases.mypage is not None
    return info.context.cases.mypage.browse
