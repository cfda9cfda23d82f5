"""The first schema of pay."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from adapters.persistence.migrations import shared_0001

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")

revision = "pay_0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "payments",
        sa.Column("id", BIG, primary_key=True),
        sa.Column("booking_id", BIG, nullable=False, unique=True),
        sa.Column("price", BIG),
        sa.Column("ticket_id", BIG),
        sa.Column("company_id", BIG),
        sa.Column("customer_id", BIG),
        sa.Column("starts", sa.BigInteger()),
        sa.Column("ends", sa.BigInteger()),
        sa.Column("method", sa.String(100)),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("charge", sa.Text()),
        sa.Column("reason", sa.Text()),
        sa.Column("correlation_id", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", sa.BigInteger()),
        sa.Column("doubt_until", sa.BigInteger()),
        sa.Column("version", BIG, nullable=False),
    )
    op.create_index("payments_company", "payments", ["company_id"])
    op.create_index("payments_customer", "payments", ["customer_id"])
    op.create_index(
        "payments_unsettled",
        "payments",
        ["id"],
        sqlite_where=sa.text("(status = 'CANCELING' OR doubt_until IS NOT NULL)"),
        postgresql_where=sa.text("(status = 'CANCELING' OR doubt_until IS NOT NULL)"),
    )
    shared_0001.create()
