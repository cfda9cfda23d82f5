from __future__ import annotations

from collections.abc import Callable

from attrs import Factory, define, evolve

from myticket_core.mypage.model import BookingPage, TicketPage


@define
class Counter:
    """Counts the changes of pages in all views."""

    last: int = 0

    def next(self) -> int:
        self.last += 1
        return self.last


@define
class View:
    """One set of pages; the live one and the one being built are both such. Each has a `number` of its own."""

    counter: Counter = Factory(Counter)
    number: int = 1
    bookings: dict[int, BookingPage] = Factory(dict)
    tickets: dict[int, TicketPage] = Factory(dict)

    async def change_booking(self, booking_id: int, decide: Callable[[BookingPage], BookingPage]) -> None:
        before = self.bookings.get(booking_id)
        page = decide(before or BookingPage(booking_id=booking_id))
        if page != before:
            self.bookings[booking_id] = evolve(page, changed=self.counter.next())

    async def change_ticket(self, ticket_id: int, decide: Callable[[TicketPage], TicketPage]) -> None:
        before = self.tickets.get(ticket_id)
        page = decide(before or TicketPage(ticket_id=ticket_id))
        if page != before:
            self.tickets[ticket_id] = evolve(page, changed=self.counter.next())

    def blank(self) -> View:
        """The next one."""
        return View(self.counter, self.number + 1)
