"""The tables that every service has beside its own: what it said, heard, was asked, put aside and went through."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from adapters.persistence.schema.indexes import only
from adapters.persistence.schema.types import Json, Moment, Number

SHARED: Final = MetaData()

OUTBOX: Final = Table(
    "outbox",
    SHARED,
    Column("seq", Number, primary_key=True),
    Column("id", String(64), nullable=False, unique=True),
    Column("type", String(64), nullable=False),
    Column("source", String(64), nullable=False),
    Column("key", String(64), nullable=False),
    Column("version", Number),
    Column("data", Json, nullable=False),
    Column("time", Moment, nullable=False),
    Column("correlation_id", Text, nullable=False),
    Column("causation_id", Text),
    Column("published", Boolean, nullable=False),
)
"""Published rows stay for a while: that a state has exactly its events can be checked so long."""

UNPUBLISHED: Final = text("NOT published")
Index("outbox_unpublished", OUTBOX.c.seq, **only(UNPUBLISHED))

INBOX: Final = Table(
    "inbox",
    SHARED,
    Column("event_id", Text, primary_key=True),
    Column("consumer", String(64), primary_key=True),
    Column("at", Moment, nullable=False),
    sqlite_with_rowid=False,
)

Index("inbox_at", INBOX.c.at)

KEYS: Final = Table(
    "keys",
    SHARED,
    Column("key", Text, primary_key=True),
    Column("fingerprint", Text, nullable=False),
    Column("id", Number, nullable=False),
    Column("at", Moment, nullable=False),
    sqlite_with_rowid=False,
)

Index("keys_at", KEYS.c.at)

LEDGER: Final = Table(
    "ledger",
    SHARED,
    Column("seq", Number, primary_key=True),
    Column("kind", String(32), nullable=False),
    Column("id", Number, nullable=False),
    Column("before", String(20)),
    Column("after", String(20), nullable=False),
    Column("at", Moment, nullable=False),
)
"""Every status anything had, in order; `before` is null for the first one."""

FORGOTTEN: Final = Table(
    "forgotten",
    SHARED,
    Column("id", Number, primary_key=True),
    Column("before", Moment, nullable=False),
)
"""One row, once something was forgotten: what is older may be missing in the four tables above."""

PARKING: Final = Table(
    "parking",
    SHARED,
    Column("seq", Number, primary_key=True),
    Column("consumer", String(64), nullable=False),
    Column("id", Text, nullable=False),
    Column("key", Text),
    Column("reason", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("topic", Text, nullable=False),
    Column("partition", Integer, nullable=False),
    Column("position", Number, nullable=False),
    Column("record_key", Text),
    Column("value", LargeBinary, nullable=False),
    Column("headers", Json, nullable=False),
    UniqueConstraint("consumer", "id"),
)
