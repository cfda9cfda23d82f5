"""The memory adapters pass every suite. A MemoryDatabase outlives its ports: new ports on it are the restart."""

import asyncio
from datetime import datetime, timedelta
from functools import partial

from adapters.memory import (
    InProcessCatalog,
    InProcessPayments,
    MemoryBookings,
    MemoryChanges,
    MemoryContacts,
    MemoryDatabase,
    MemoryHints,
    MemoryLog,
    MemoryNotifications,
    MemoryOutbox,
    MemoryOwners,
    MemoryPages,
    MemoryParking,
    MemoryPast,
    MemoryPaymentBook,
    MemoryProjection,
    MemoryProvider,
    MemoryReferences,
    MemorySales,
    MemoryTickets,
    MemoryTitles,
    MemoryViews,
    MemoryWaitingList,
)
from adapters.system import RandomIds, SystemClock, concurrently
from myticket_core.booking.model import Booking
from myticket_core.conformance import (
    bookings,
    catalog,
    changes,
    contacts,
    event_log,
    hints,
    history,
    notifications,
    outbox,
    owners,
    pages,
    parking_handled,
    past,
    payment_book,
    payments,
    provider,
    references,
    sales,
    tickets,
    titles,
    waiting,
)
from myticket_core.conformance.builders import cause
from myticket_core.messages import Envelope
from myticket_core.payment.approve import DOUBT, ApprovePayment
from myticket_core.payment.cancel import CancelPayment, PaymentCanceler
from myticket_core.payment.ports import Charged, PaymentBook, PaymentProvider, Refused
from myticket_core.payment.settle import SettlePayments
from myticket_core.ticket.search import SearchTickets
from tests.case import Case


def database() -> MemoryDatabase:
    return MemoryDatabase(SystemClock(), RandomIds())


class OnOneDatabase(Case):
    """`ports` makes what is under test on a database."""

    durable = shared = True

    async def new(self):
        self.database = database()
        return self.ports(self.database)

    async def reopen(self, under):
        return self.ports(self.database)

    beside = reopen


def ticket_store(db: MemoryDatabase) -> tickets.TicketStore:
    return tickets.TicketStore(MemoryTickets(db), MemoryOutbox(db))


class TestTickets(OnOneDatabase, tickets.TicketsConformance):
    ports = staticmethod(ticket_store)


class TestOutbox(OnOneDatabase, outbox.OutboxConformance):
    ports = staticmethod(ticket_store)


class TestPast(OnOneDatabase, past.PastConformance):
    def ports(self, db: MemoryDatabase) -> past.Remembering:
        return past.Remembering(ticket_store(db), MemoryPast(db))


def booking_store(db: MemoryDatabase) -> bookings.BookingStore:
    return bookings.BookingStore(MemoryBookings(db), MemorySales(db), MemoryOutbox(db))


class TestBookings(OnOneDatabase, bookings.BookingsConformance):
    ports = staticmethod(booking_store)


class TestSales(OnOneDatabase, sales.SalesConformance):
    ports = staticmethod(booking_store)


class TestWaitingList(OnOneDatabase, waiting.WaitingListConformance):
    def ports(self, db: MemoryDatabase) -> waiting.WaitingStore:
        return waiting.WaitingStore(MemoryBookings(db), MemorySales(db), MemoryOutbox(db), MemoryWaitingList(db))


class TestPaymentBook(OnOneDatabase, payment_book.PaymentBookConformance):
    def ports(self, db: MemoryDatabase) -> payment_book.PaymentStore:
        return payment_book.PaymentStore(MemoryPaymentBook(db), MemoryOutbox(db))


class TestReferences(OnOneDatabase, references.ReferencesConformance):
    ports = MemoryReferences


class TestHints(OnOneDatabase, hints.HintsConformance):
    ports = MemoryHints


class TestContacts(OnOneDatabase, contacts.ContactsConformance):
    ports = MemoryContacts


class TestNotifications(OnOneDatabase, notifications.NotificationsConformance):
    ports = MemoryNotifications


class TestTitles(OnOneDatabase, titles.TitlesConformance):
    ports = MemoryTitles


class TestChanges(OnOneDatabase, changes.ChangesConformance):
    def ports(self, db):
        return changes.ChangeStore(MemoryProjection(db), MemoryViews(db), MemoryChanges(db))


class TestPages(OnOneDatabase, pages.PagesConformance):
    def ports(self, db: MemoryDatabase) -> pages.PageStore:
        return pages.PageStore(MemoryProjection(db), MemoryPages(db), MemoryViews(db))


class TestParking(OnOneDatabase, parking_handled.HandledParkingConformance):
    ports = MemoryParking

    async def handle(self, under: MemoryParking, said: Envelope, consumer: str) -> None:
        self.database.commit(said.cause(consumer), ())


class TestLog(event_log.EventLogConformance, Case):
    durable = True

    async def new(self) -> event_log.Log:
        self.log = MemoryLog()
        return await self.reopen(None)

    async def reopen(self, under: object) -> event_log.Log:
        return event_log.Log(self.log.publisher(), self.log.reader)


class TestHistory(history.HistoryConformance, Case):
    async def new(self) -> history.Recorded:
        log = MemoryLog()
        return history.Recorded(log.publisher(), log.history)


class TestProvider(provider.ProviderConformance, Case):
    refused, unavailable, lost = "declined", "unavailable", "lost"
    refund_pending, refund_fails, refund_lost = "refund pending", "refund fails", "refund lost"
    durable = True

    async def new(self) -> MemoryProvider:
        return MemoryProvider()

    async def reopen(self, provider: MemoryProvider) -> MemoryProvider:
        """It stands for a bank: who restarts is pay."""
        return provider

    async def kept(self, provider: MemoryProvider, key: str) -> int:
        return provider.amounts.get(key, 0)


class Silent(MemoryProvider):
    """Does not answer "silent"."""

    async def charge(self, key: str, amount: int, method: str | None) -> Charged | Refused:
        if method == "silent":
            await asyncio.get_running_loop().create_future()
        return await super().charge(key, amount, method)


class TestInProcessPayments(payments.PaymentsConformance, Case):
    refused, unavailable, lost, never, silent = "declined", "unavailable", "lost", "late", "silent"

    async def new(self) -> payments.PayService:
        book, clock, provider = MemoryPaymentBook(database()), SystemClock(), Silent()
        way = InProcessPayments(ApprovePayment(book, provider, clock), book, timedelta(seconds=2))
        return payments.PayService(way, partial(ended, PaymentCanceler(book, clock)), settling(book, provider))


def settling(book: PaymentBook, provider: PaymentProvider) -> SettlePayments:
    """What nobody has heard of when it is asked about is not charged, once the time of doubt is over."""
    return SettlePayments(book, provider, Later(), RandomIds(), concurrently)


class Later(SystemClock):
    """When all that was asked for by now is in doubt no more."""

    def now(self) -> datetime:
        return super().now() + DOUBT


async def ended(cancel: PaymentCanceler, booking: Booking) -> None:
    await cancel(CancelPayment(booking_id=booking.id, reason="over"), cause(consumer="pay"))


class TestOwners(owners.OwnersConformance, Case):
    async def new(self) -> owners.Known:
        under = MemoryOwners()
        return owners.Known(
            under,
            lambda source, id, said: under.known.update({(source, id): said}),
            lambda: setattr(under, "away", True),
        )


class TestInProcessCatalog(catalog.CatalogConformance, Case):
    async def new(self) -> catalog.Catalog:
        store = MemoryTickets(database())
        return catalog.Catalog(InProcessCatalog(SearchTickets(store)), store)
