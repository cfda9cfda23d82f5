"""The memory adapters pass every suite. A MemoryDatabase outlives its ports: new ports on it are the restart."""

from adapters.memory import (
    MemoryBookings,
    MemoryDatabase,
    MemoryOutbox,
    MemorySales,
    MemoryTickets,
)
from adapters.system import RandomIds, SystemClock
from myticket_core.conformance import bookings, outbox, sales, tickets


def database() -> MemoryDatabase:
    return MemoryDatabase(SystemClock(), RandomIds())


class OfTickets:
    durable = shared = True

    async def new(self) -> tickets.TicketStore:
        self.db = database()
        return await self.reopen(None)

    async def reopen(self, under: object) -> tickets.TicketStore:
        return tickets.TicketStore(MemoryTickets(self.db), MemoryOutbox(self.db))

    beside = reopen


class TestTickets(OfTickets, tickets.TicketsConformance):
    pass


class TestOutbox(OfTickets, outbox.OutboxConformance):
    pass


class OfBookings:
    durable = shared = True

    async def new(self) -> bookings.BookingStore:
        self.db = database()
        return await self.reopen(None)

    async def reopen(self, under: object) -> bookings.BookingStore:
        return bookings.BookingStore(MemoryBookings(self.db), MemorySales(self.db), MemoryOutbox(self.db))

    beside = reopen


class TestBookings(OfBookings, bookings.BookingsConformance):
    pass


class TestSales(OfBookings, sales.SalesConformance):
    pass
