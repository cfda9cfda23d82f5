"""The SQL adapters of each service, as the suites want them; which database that is, is for who mixes them in."""

from __future__ import annotations

from typing import Any

from adapters.persistence import (
    Database,
    SqlBookings,
    SqlChanges,
    SqlContacts,
    SqlHints,
    SqlNotifications,
    SqlOutbox,
    SqlPages,
    SqlParking,
    SqlPast,
    SqlPaymentBook,
    SqlProjection,
    SqlReferences,
    SqlSales,
    SqlTickets,
    SqlTitles,
    SqlViews,
    SqlWaitingList,
)
from adapters.persistence.draft import Write
from adapters.system import RandomIds, SystemClock
from myticket_core.conformance import (
    bookings,
    changes,
    contacts,
    hints,
    notifications,
    outbox,
    pages,
    parking_handled,
    past,
    payment_book,
    references,
    sales,
    tickets,
    titles,
    waiting,
)


class OnSql:
    """`url` is that of a store of `service`, and `ports` makes what is under test on it."""

    durable = shared = True
    service: str
    url: str

    def ports(self, db: Database) -> Any:
        raise NotImplementedError

    async def reopen(self, under):
        await self.database.close()
        return await self.beside(under)

    async def beside(self, under):
        self.database = await Database.open(self.url, self.service, SystemClock(), RandomIds())
        self.addAsyncCleanup(self.database.close)
        return self.ports(self.database)


class OnTicket(OnSql):
    service = "ticket"

    def ports(self, db):
        return tickets.TicketStore(SqlTickets(db), SqlOutbox(db))


class Tickets(OnTicket, tickets.TicketsConformance):
    pass


class Outbox(OnTicket, outbox.OutboxConformance):
    pass


class Past(OnSql, past.PastConformance):
    service = "ticket"

    def ports(self, db):
        return past.Remembering(tickets.TicketStore(SqlTickets(db), SqlOutbox(db)), SqlPast(db))


class OnBook(OnSql):
    service = "book"

    def ports(self, db):
        return bookings.BookingStore(SqlBookings(db), SqlSales(db), SqlOutbox(db))


class Bookings(OnBook, bookings.BookingsConformance):
    pass


class Sales(OnBook, sales.SalesConformance):
    pass


class WaitingList(OnBook, waiting.WaitingListConformance):
    def ports(self, db):
        return waiting.WaitingStore(SqlBookings(db), SqlSales(db), SqlOutbox(db), SqlWaitingList(db))


class PaymentBook(OnSql, payment_book.PaymentBookConformance):
    service = "pay"

    def ports(self, db):
        return payment_book.PaymentStore(SqlPaymentBook(db), SqlOutbox(db))


class References(OnSql, references.ReferencesConformance):
    service = "pay"

    def ports(self, db):
        return SqlReferences(db)


class Hints(OnSql, hints.HintsConformance):
    service = "pay"

    def ports(self, db):
        return SqlHints(db)


class Contacts(OnSql, contacts.ContactsConformance):
    service = "alarm"

    def ports(self, db):
        return SqlContacts(db)


class Notifications(OnSql, notifications.NotificationsConformance):
    service = "alarm"

    def ports(self, db):
        return SqlNotifications(db)


class Titles(OnSql, titles.TitlesConformance):
    service = "alarm"

    def ports(self, db):
        return SqlTitles(db)


class Changes(OnSql, changes.ChangesConformance):
    service = "mypage"

    def ports(self, db):
        return changes.ChangeStore(SqlProjection(db), SqlViews(db), SqlChanges(db))


class Pages(OnSql, pages.PagesConformance):
    service = "mypage"

    def ports(self, db):
        return pages.PageStore(SqlProjection(db), SqlPages(db), SqlViews(db))


class Parking(OnSql, parking_handled.HandledParkingConformance):
    service = "pay"

    def ports(self, db):
        return SqlParking(db)

    async def handle(self, under, said, consumer):
        await self.database.write(Write(lambda draft: None, cause=said.cause(consumer)))
