"""The first schema of ticket."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from adapters.persistence.migrations import shared_0001

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")

revision = "ticket_0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "tickets",
        sa.Column("id", BIG, primary_key=True),
        sa.Column("company_id", BIG, nullable=False),
        sa.Column("price", BIG, nullable=False),
        sa.Column("name", sa.String(200)),
        sa.Column("capacity", BIG),
        sa.Column("starts", sa.BigInteger()),
        sa.Column("ends", sa.BigInteger()),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("available", sa.Boolean(), nullable=False),
        sa.Column("stock_version", BIG, nullable=False),
        sa.Column("version", BIG, nullable=False),
        sa.Column("folded", sa.String(600)),
    )
    op.create_index(
        "tickets_company_id",
        "tickets",
        ["company_id"],
        sqlite_where=sa.text("status = 'ON_SALE'"),
        postgresql_where=sa.text("status = 'ON_SALE'"),
    )
    op.create_index(
        "tickets_ends",
        "tickets",
        ["ends"],
        sqlite_where=sa.text("status = 'ON_SALE'"),
        postgresql_where=sa.text("status = 'ON_SALE'"),
    )
    op.create_index(
        "tickets_name",
        "tickets",
        ["name"],
        sqlite_where=sa.text("status = 'ON_SALE'"),
        postgresql_where=sa.text("status = 'ON_SALE'"),
    )
    op.create_index(
        "tickets_price",
        "tickets",
        ["price"],
        sqlite_where=sa.text("status = 'ON_SALE'"),
        postgresql_where=sa.text("status = 'ON_SALE'"),
    )
    op.create_index(
        "tickets_starts",
        "tickets",
        ["starts"],
        sqlite_where=sa.text("status = 'ON_SALE'"),
        postgresql_where=sa.text("status = 'ON_SALE'"),
    )
    shared_0001.create()
