from __future__ import annotations

from typing import Final

from sqlalchemy import Column, Index, MetaData, String, Table, text

from adapters.persistence.schema.types import Flag, Moment, Number, Word
from myticket_core.ticket.model import Status

TICKET: Final = MetaData()

TICKETS: Final = Table(
    "tickets",
    TICKET,
    Column("id", Number, primary_key=True),
    Column("company_id", Number, nullable=False),
    Column("price", Number, nullable=False),
    Column("name", String(200)),
    Column("capacity", Number),
    Column("starts", Moment),
    Column("ends", Moment),
    Column("status", Word(Status), nullable=False),
    Column("available", Flag, nullable=False),
    Column("stock_version", Number, nullable=False),
    Column("version", Number, nullable=False),
    Column("cancel_until", Moment),
    Column("cancel_fee_percent", Number),
    Column("folded", String(600)),  # the name, whatever the case: databases fold ASCII only
)

ON_SALE: Final = text("status = 'ON_SALE'")

# SQLite's. Those of PostgreSQL say where NULLs stand, and are in the migration "search", with others.
for _sortable in ("price", "name", "company_id", "starts", "ends"):
    Index(f"tickets_{_sortable}", TICKETS.c[_sortable], sqlite_where=ON_SALE).ddl_if(dialect="sqlite")
