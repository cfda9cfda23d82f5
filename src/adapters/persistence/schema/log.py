from __future__ import annotations

from typing import Final

from sqlalchemy import Column, LargeBinary, MetaData, String, Table, Text

from adapters.persistence.schema.types import Json, Number

LOG: Final = MetaData()

RECORDS: Final = Table(
    "records",
    LOG,
    Column("position", Number, primary_key=True),
    Column("key", Text),
    Column("value", LargeBinary, nullable=False),
    Column("headers", Json, nullable=False),
)
OFFSETS: Final = Table(
    "offsets",
    LOG,
    Column("consumer", String(64), primary_key=True),
    Column("position", Number, nullable=False),
)
"""The last position a group is done with."""
