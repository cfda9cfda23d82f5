"""The SQL adapters pass every suite on SQLite. A reopened database is the restart, a second one on the file beside."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from adapters.persistence import (
    Database,
    SqlBookings,
    SqlLog,
    SqlNotifications,
    SqlOutbox,
    SqlPages,
    SqlParking,
    SqlPaymentBook,
    SqlProjection,
    SqlSales,
    SqlTickets,
    SqlViews,
    migrate,
)
from adapters.system import RandomIds, SystemClock
from myticket_core.conformance import (
    bookings,
    event_log,
    notifications,
    outbox,
    pages,
    parking,
    payment_book,
    sales,
    tickets,
)


class OnOneFile:
    """`ports` makes what is under test on a store of `service`."""

    durable = shared = True
    service: str
    ports: Callable[[Database], Any]

    async def new(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.url = f"sqlite:///{Path(folder.name) / self.service}.sqlite"
        migrate(self.url, self.service)
        return await self.beside(None)

    async def reopen(self, under):
        await self.database.close()
        return await self.beside(under)

    async def beside(self, under):
        self.database = await Database.open(self.url, self.service, SystemClock(), RandomIds())
        self.addAsyncCleanup(self.database.close)
        return self.ports(self.database)


class OnTicket(OnOneFile):
    service = "ticket"

    def ports(self, db):
        return tickets.TicketStore(SqlTickets(db), SqlOutbox(db))


class TestTickets(OnTicket, tickets.TicketsConformance):
    pass


class TestOutbox(OnTicket, outbox.OutboxConformance):
    pass


class OnBook(OnOneFile):
    service = "book"

    def ports(self, db):
        return bookings.BookingStore(SqlBookings(db), SqlSales(db), SqlOutbox(db))


class TestBookings(OnBook, bookings.BookingsConformance):
    pass


class TestSales(OnBook, sales.SalesConformance):
    pass


class TestPaymentBook(OnOneFile, payment_book.PaymentBookConformance):
    service = "pay"

    def ports(self, db):
        return payment_book.PaymentStore(SqlPaymentBook(db), SqlOutbox(db))


class TestNotifications(OnOneFile, notifications.NotificationsConformance):
    service = "alarm"
    ports = SqlNotifications


class TestPages(OnOneFile, pages.PagesConformance):
    service = "mypage"

    def ports(self, db):
        return pages.PageStore(SqlProjection(db), SqlPages(db), SqlViews(db))


class TestParking(OnOneFile, parking.ParkingConformance):
    service = "mypage"
    ports = SqlParking


class TestLog(OnOneFile, event_log.EventLogConformance):
    service = "log"

    def ports(self, db):
        log = SqlLog(db)
        return event_log.Log(log.publisher(), log.reader)
