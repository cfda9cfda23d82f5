"""My page: R8 for buyers, R7 for organizers; it can be waited for until it has seen what one has just done."""

from __future__ import annotations

from typing import Any

import strawberry

from adapters.graphql.asking import Info
from adapters.graphql.cases import Pages
from adapters.graphql.guarded import answers, owner
from adapters.graphql.inputs import ident
from adapters.graphql.page_types import (
    OF,
    BookedDay,
    BookedDays,
    BookingPage,
    BookingPageConnection,
    BookingPageOrder,
    TicketPage,
    TicketPageConnection,
    TicketPageOrder,
    booking_page_of,
    ticket_page_of,
)
from adapters.graphql.paging import FIRST, orders
from adapters.graphql.problems import Missing
from adapters.graphql.scalars import Long
from myticket_core.access import Action
from myticket_core.position import Position


@strawberry.type
class PageQueries:
    @answers("BookingPages", Action.READ_CUSTOMER_PAGE, OF, BookingPageConnection)
    async def booking_pages(
        self,
        info: Info,
        order_by: list[BookingPageOrder] | None = None,
        first: int = FIRST,
        after: str | None = None,
        min_version: str | None = None,
    ) -> Any:
        """R8. One's own bookings."""
        caught_up, mine, pages = await has_caught_up(info, min_version), owner(info), _cases(info).browse
        found = await BookingPageConnection.of(
            lambda paging: pages.bookings(mine, None, paging), booking_page_of, first, after, orders(order_by)
        )
        return told(found, caught_up)

    @answers("BookingPage", Action.READ_CUSTOMER_PAGE, OF, BookingPage, Missing)
    async def booking_page(self, info: Info, book_id: Long, min_version: str | None = None) -> Any:
        """R8. One booking and its state."""
        id, caught_up = ident("bookId", book_id), await has_caught_up(info, min_version)
        found = await _cases(info).browse.booking(id, owner(info), caught_up)
        return told(booking_page_of(found), caught_up)

    @answers("TicketPages", Action.READ_ORGANIZER_PAGE, OF, TicketPageConnection)
    async def ticket_pages(
        self,
        info: Info,
        order_by: list[TicketPageOrder] | None = None,
        first: int = FIRST,
        after: str | None = None,
        min_version: str | None = None,
    ) -> Any:
        """R7. One's tickets."""
        caught_up, mine, pages = await has_caught_up(info, min_version), owner(info), _cases(info).browse
        found = await TicketPageConnection.of(
            lambda paging: pages.tickets(mine, paging), ticket_page_of, first, after, orders(order_by)
        )
        return told(found, caught_up)

    @answers("TicketPage", Action.READ_ORGANIZER_PAGE, OF, TicketPage, Missing)
    async def ticket_page(self, info: Info, ticket_id: Long, min_version: str | None = None) -> Any:
        """R7. A ticket and the sums of its bookings."""
        id, caught_up = ident("ticketId", ticket_id), await has_caught_up(info, min_version)
        found = await _cases(info).browse.ticket(id, owner(info), caught_up)
        return told(ticket_page_of(found), caught_up)

    @answers("BookingsOfTicket", Action.READ_ORGANIZER_PAGE, OF, BookingPageConnection, Missing)
    async def bookings_of_ticket(
        self,
        info: Info,
        ticket_id: Long,
        order_by: list[BookingPageOrder] | None = None,
        first: int = FIRST,
        after: str | None = None,
        min_version: str | None = None,
    ) -> Any:
        """R7. The bookings of a ticket; of one that is not yours there is nothing to list."""
        id, caught_up = ident("ticketId", ticket_id), await has_caught_up(info, min_version)
        mine, pages = owner(info), _cases(info).browse
        await pages.knows_ticket(id, mine, caught_up)
        found = await BookingPageConnection.of(
            lambda paging: pages.bookings(mine, id, paging), booking_page_of, first, after, orders(order_by)
        )
        return told(found, caught_up)

    @answers("DaysOfTicket", Action.READ_ORGANIZER_PAGE, OF, BookedDays, Missing)
    async def days_of_ticket(self, info: Info, ticket_id: Long, min_version: str | None = None) -> Any:
        """R7. How many bookings of a ticket were made each day."""
        id, caught_up = ident("ticketId", ticket_id), await has_caught_up(info, min_version)
        counts = await _cases(info).browse.days(id, owner(info), caught_up)
        return told(BookedDays(days=[BookedDay(day=day, booked=booked) for day, booked in counts.items()]), caught_up)


async def has_caught_up(info: Info, min_version: str | None) -> bool:
    """Whether the pages have seen what the asker wants them to have, after some waiting. Raises Invalid."""
    if min_version is None:
        return True
    return await _cases(info).catch_up(Position.read("min_version", min_version), owner(info))


def told(found: Any, caught_up: bool) -> Any:
    found.caught_up = caught_up
    return found


def _cases(info: Info) -> Pages:
    assert info.context.cases.mypage is not None
    return info.context.cases.mypage
