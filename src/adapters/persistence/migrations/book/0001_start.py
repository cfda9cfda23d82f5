"""The first schema of book."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from adapters.persistence.migrations import shared_0001

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")

revision = "book_0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "bookings",
        sa.Column("id", BIG, primary_key=True),
        sa.Column("ticket_id", BIG, nullable=False),
        sa.Column("customer_id", BIG, nullable=False),
        sa.Column("company_id", BIG),
        sa.Column("price", BIG, nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("correlation_id", sa.Text(), nullable=False),
        sa.Column("starts", sa.BigInteger()),
        sa.Column("ends", sa.BigInteger()),
        sa.Column("method", sa.String(100)),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("payment_id", BIG),
        sa.Column("reason", sa.Text()),
        sa.Column("version", BIG, nullable=False),
    )
    op.create_index("bookings_company", "bookings", ["company_id"])
    op.create_index("bookings_customer", "bookings", ["customer_id"])
    op.create_index(
        "bookings_lapsing",
        "bookings",
        ["expires_at"],
        sqlite_where=sa.text("status = 'PENDING'"),
        postgresql_where=sa.text("status = 'PENDING'"),
    )
    op.create_index(
        "bookings_live",
        "bookings",
        ["ticket_id", "id"],
        sqlite_where=sa.text("status IN ('PENDING', 'BOOKED')"),
        postgresql_where=sa.text("status IN ('PENDING', 'BOOKED')"),
    )
    op.create_index(
        "bookings_waiting",
        "bookings",
        ["id"],
        sqlite_where=sa.text("status = 'PENDING'"),
        postgresql_where=sa.text("status = 'PENDING'"),
    )
    op.create_table(
        "sales",
        sa.Column("ticket_id", BIG, primary_key=True),
        sa.Column("company_id", BIG),
        sa.Column("price", BIG),
        sa.Column("capacity", BIG),
        sa.Column("name", sa.Text()),
        sa.Column("ends", sa.BigInteger()),
        sa.Column("offer_version", BIG),
        sa.Column("ceiling", BIG),
        sa.Column("held", BIG, nullable=False),
        sa.Column("booked", BIG, nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("campaign_total", BIG),
        sa.Column("campaign_cause", sa.Text()),
        sa.Column("campaign_correlation", sa.Text()),
        sa.Column("campaign_failed", BIG),
        sa.Column("version", BIG, nullable=False),
        sa.CheckConstraint("ceiling IS NULL OR held + booked <= ceiling", name="capacity"),
        sa.CheckConstraint("held >= 0 AND booked >= 0", name="counts"),
    )
    op.create_index(
        "sales_canceling",
        "sales",
        ["ticket_id"],
        sqlite_where=sa.text("deleted AND held + booked > 0"),
        postgresql_where=sa.text("deleted AND held + booked > 0"),
    )
    shared_0001.create()
