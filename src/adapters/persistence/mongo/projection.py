from __future__ import annotations

from collections.abc import Callable

from adapters.persistence.mongo.documents import BOOKINGS, TICKETS
from adapters.persistence.mongo.group import Group
from adapters.persistence.mongo.store import Documents
from myticket_core.mypage.model import BookingPage, TicketPage


class MongoProjection:
    """Writes to the live view and to the one that has joined it, or to the one it was made for."""

    def __init__(self, documents: Documents, view: int | None = None) -> None:
        self._bookings, self._tickets = Group(documents, BOOKINGS, view), Group(documents, TICKETS, view)

    async def change_booking(self, booking_id: int, decide: Callable[[BookingPage], BookingPage]) -> None:
        await self._bookings.change(booking_id, decide)

    async def change_ticket(self, ticket_id: int, decide: Callable[[TicketPage], TicketPage]) -> None:
        await self._tickets.change(ticket_id, decide)
