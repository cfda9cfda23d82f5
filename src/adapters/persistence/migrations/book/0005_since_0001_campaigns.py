"""Campaigns that pause, remember what failed, and wait before they try again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")

revision = "book_0005_since_0001"
down_revision = "book_0004_since_0001"


def upgrade() -> None:
    op.add_column("bookings", sa.Column("failure", sa.Text()))
    op.add_column("sales", sa.Column("campaign_paused", sa.Boolean()))
    op.add_column("sales", sa.Column("campaign_rounds", BIG))
    op.add_column("sales", sa.Column("campaign_retry_at", sa.BigInteger()))
    op.create_index(
        "bookings_called_off",
        "bookings",
        ["ticket_id", "id"],
        sqlite_where=sa.text("status = 'CANCELED' AND reason = 'the organizer deleted the ticket'"),
        postgresql_where=sa.text("status = 'CANCELED' AND reason = 'the organizer deleted the ticket'"),
    )
