"""The first schema of alarm."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from adapters.persistence.migrations import shared_0001

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")

revision = "alarm_0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "notifications",
        sa.Column("id", BIG, primary_key=True),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("event", sa.String(64), nullable=False),
        sa.Column("channel", sa.String(64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("correlation_id", sa.Text(), nullable=False),
        sa.Column("customer_id", BIG),
        sa.Column("company_id", BIG),
        sa.Column("booking_id", BIG),
        sa.Column("ticket_id", BIG),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("delivered_at", sa.BigInteger()),
        sa.Column("read_at", sa.BigInteger()),
        sa.Column("reason", sa.Text()),
        sa.Column("recipient", sa.String(64), nullable=False),
        sa.UniqueConstraint("event_id", "recipient", "channel"),
    )
    op.create_index(
        "notifications_company",
        "notifications",
        ["company_id"],
        sqlite_where=sa.text("status = 'DELIVERED'"),
        postgresql_where=sa.text("status = 'DELIVERED'"),
    )
    op.create_index(
        "notifications_customer",
        "notifications",
        ["customer_id"],
        sqlite_where=sa.text("status = 'DELIVERED'"),
        postgresql_where=sa.text("status = 'DELIVERED'"),
    )
    op.create_index(
        "notifications_due",
        "notifications",
        ["channel", "due_at"],
        sqlite_where=sa.text("status = 'QUEUED'"),
        postgresql_where=sa.text("status = 'QUEUED'"),
    )
    shared_0001.create()
