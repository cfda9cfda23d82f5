"""The stores, in SQL, on SQLite and on PostgreSQL: where the two differ is in the folders of their names."""

from adapters.persistence.bookings import SqlBookings
from adapters.persistence.changes import SqlChanges
from adapters.persistence.clock import StoreClock
from adapters.persistence.contacts import SqlContacts
from adapters.persistence.database import Database
from adapters.persistence.drivers import Leader
from adapters.persistence.errors import StoreError
from adapters.persistence.log import SqlLog
from adapters.persistence.migration import migrate
from adapters.persistence.notifications import SqlNotifications
from adapters.persistence.outbox import SqlOutbox
from adapters.persistence.pages import SqlPages, SqlProjection
from adapters.persistence.parking import SqlParking
from adapters.persistence.past import FULL_BUCKETS, SqlPast
from adapters.persistence.payments import SqlPaymentBook
from adapters.persistence.provider_notes import SqlHints, SqlReferences
from adapters.persistence.sales import SqlSales
from adapters.persistence.tickets import SqlTickets
from adapters.persistence.titles import SqlTitles
from adapters.persistence.views import SqlViews
from adapters.persistence.waiting import SqlWaitingList

__all__ = [
    "FULL_BUCKETS",
    "Database",
    "Leader",
    "SqlBookings",
    "SqlChanges",
    "SqlContacts",
    "SqlHints",
    "SqlLog",
    "SqlNotifications",
    "SqlOutbox",
    "SqlPages",
    "SqlParking",
    "SqlPast",
    "SqlPaymentBook",
    "SqlProjection",
    "SqlReferences",
    "SqlSales",
    "SqlTickets",
    "SqlTitles",
    "SqlViews",
    "SqlWaitingList",
    "StoreClock",
    "StoreError",
    "migrate",
]
