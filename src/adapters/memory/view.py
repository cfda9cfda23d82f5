from __future__ import annotations

from collections.abc import Callable

from attrs import Factory, define

from myticket_core.mypage.model import BookingPage, TicketPage


@define
class View:
    """One set of pages; the live one and the one being built are both such."""

    bookings: dict[int, BookingPage] = Factory(dict)
    tickets: dict[int, TicketPage] = Factory(dict)

    async def change_booking(self, booking_id: int, decide: Callable[[BookingPage], BookingPage]) -> None:
        self.bookings[booking_id] = decide(self.bookings.get(booking_id) or BookingPage(booking_id=booking_id))

    async def change_ticket(self, ticket_id: int, decide: Callable[[TicketPage], TicketPage]) -> None:
        self.tickets[ticket_id] = decide(self.tickets.get(ticket_id) or TicketPage(ticket_id=ticket_id))
