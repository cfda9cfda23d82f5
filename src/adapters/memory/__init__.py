"""Every port in memory: for tests, examples and a library user's first step. One event loop, one process."""

from adapters.memory.bookings import MemoryBookings, MemorySales
from adapters.memory.changes import MemoryChanges
from adapters.memory.contacts import MemoryContacts
from adapters.memory.database import MemoryDatabase
from adapters.memory.in_process import InProcessCatalog, InProcessPayments
from adapters.memory.log import MemoryLog
from adapters.memory.notifications import MemoryNotifications
from adapters.memory.outbox import MemoryOutbox
from adapters.memory.owners import MemoryOwners
from adapters.memory.pages import MemoryPages, MemoryProjection, MemoryViews
from adapters.memory.parking import MemoryParking
from adapters.memory.past import MemoryPast
from adapters.memory.payments import MemoryPaymentBook
from adapters.memory.provider import Answer, MemoryProvider
from adapters.memory.provider_notes import MemoryHints, MemoryReferences
from adapters.memory.tickets import MemoryTickets
from adapters.memory.titles import MemoryTitles
from adapters.memory.waiting import MemoryWaitingList

__all__ = [
    "Answer",
    "InProcessCatalog",
    "InProcessPayments",
    "MemoryBookings",
    "MemoryChanges",
    "MemoryContacts",
    "MemoryDatabase",
    "MemoryHints",
    "MemoryLog",
    "MemoryNotifications",
    "MemoryOutbox",
    "MemoryOwners",
    "MemoryPages",
    "MemoryParking",
    "MemoryPast",
    "MemoryPaymentBook",
    "MemoryProjection",
    "MemoryProvider",
    "MemoryReferences",
    "MemorySales",
    "MemoryTickets",
    "MemoryTitles",
    "MemoryViews",
    "MemoryWaitingList",
]
