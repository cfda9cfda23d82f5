from __future__ import annotations

from typing import Final

from sqlalchemy import Boolean, Column, Index, Integer, MetaData, String, Table, Text, UniqueConstraint, text

from adapters.persistence.schema.indexes import only
from adapters.persistence.schema.types import Moment, Number, Word
from myticket_core.notification.model import Status

ALARM: Final = MetaData()

NOTIFICATIONS: Final = Table(
    "notifications",
    ALARM,
    Column("id", Number, primary_key=True),
    Column("event_id", Text, nullable=False),
    Column("event", String(64), nullable=False),
    Column("channel", String(64), nullable=False),
    Column("text", Text, nullable=False),
    Column("correlation_id", Text, nullable=False),
    Column("customer_id", Number),
    Column("company_id", Number),
    Column("booking_id", Number),
    Column("ticket_id", Number),
    Column("created_at", Moment, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("status", Word(Status), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("delivered_at", Moment),
    Column("read_at", Moment),
    Column("reason", Text),
    Column("recipient", String(64), nullable=False),  # and place: in one column, since nulls are never equal
    Column("digest_id", Number),
    Column("waits_until", Moment),
    UniqueConstraint("event_id", "recipient", "channel"),
)

CONTACTS: Final = Table(
    "contacts",
    ALARM,
    Column("recipient", String(64), primary_key=True),  # as that of a notification
    Column("channel", String(64), primary_key=True),
    Column("address", Text, nullable=False),
    Column("wanted", Boolean, nullable=False),
    Column("code", String(64)),  # null: confirmed
    Column("code_until", Moment),
)

BUCKETS: Final = Table(
    "buckets",
    ALARM,
    Column("name", String(64), primary_key=True),
    Column("full_at", Moment, nullable=False),
)

# Contacts in places that have a name, each of one recipient: the key says so, whoever comes at the same time.
PLACES: Final = Table(
    "places",
    ALARM,
    Column("channel", String(64), primary_key=True),
    Column("place", String(64), primary_key=True),
    Column("recipient", String(64), nullable=False),
    Column("address", Text, nullable=False),
    Column("wanted", Boolean, nullable=False),
)

TITLES: Final = Table(
    "titles",
    ALARM,
    Column("ticket_id", Number, primary_key=True, autoincrement=False),
    Column("name", Text),
    Column("version", Number, nullable=False),
)

IN_WORDS: Final = {status: text(f"status = '{status}'") for status in Status}
QUEUED, DELIVERED, GIVEN_UP = (IN_WORDS[it] for it in (Status.QUEUED, Status.DELIVERED, Status.GIVEN_UP))
UNREAD: Final = text("status = 'DELIVERED' AND read_at IS NULL")

_TOLD = NOTIFICATIONS.c
Index("notifications_due", _TOLD.channel, _TOLD.due_at, **only(QUEUED))
Index("notifications_by_customer", _TOLD.customer_id, _TOLD.id, _TOLD.channel, **only(DELIVERED))
Index("notifications_by_company", _TOLD.company_id, _TOLD.id, _TOLD.channel, **only(DELIVERED))
Index("notifications_unread_by_recipient", _TOLD.recipient, _TOLD.id, _TOLD.channel, **only(UNREAD))
Index("notifications_given_up", _TOLD.channel, _TOLD.id, **only(GIVEN_UP))
Index("notifications_waiting", _TOLD.recipient, _TOLD.channel, _TOLD.event, **only(QUEUED))
Index("places_by_recipient", PLACES.c.recipient, PLACES.c.channel)
Index("buckets_full", BUCKETS.c.full_at)
