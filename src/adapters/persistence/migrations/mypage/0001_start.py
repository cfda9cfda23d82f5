"""The first schema of mypage."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from adapters.persistence.migrations import shared_0001

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")

revision = "mypage_0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "booking_pages",
        sa.Column("view", BIG, primary_key=True),
        sa.Column("booking_id", BIG, primary_key=True),
        sa.Column("ticket_id", BIG),
        sa.Column("company_id", BIG),
        sa.Column("customer_id", BIG),
        sa.Column("price", BIG),
        sa.Column("start_date", BIG),
        sa.Column("status", sa.Text()),
        sa.Column("payment_status", sa.Text()),
        sa.Column("document", sa.Text(), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("booking_pages_company", "booking_pages", ["view", "company_id"])
    op.create_index("booking_pages_customer", "booking_pages", ["view", "customer_id"])
    op.create_index("booking_pages_ticket", "booking_pages", ["view", "ticket_id", "status", "payment_status", "price"])
    op.create_table(
        "live_view",
        sa.Column("id", BIG, primary_key=True),
        sa.Column("view", BIG, nullable=False),
    )
    op.create_table(
        "ticket_pages",
        sa.Column("view", BIG, primary_key=True),
        sa.Column("ticket_id", BIG, primary_key=True),
        sa.Column("company_id", BIG),
        sa.Column("name", sa.Text()),
        sa.Column("price", BIG),
        sa.Column("start_date", BIG),
        sa.Column("status", sa.Text()),
        sa.Column("document", sa.Text(), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("ticket_pages_company", "ticket_pages", ["view", "company_id"])
    shared_0001.create()
    op.execute("INSERT INTO live_view (id, view) VALUES (1, 1)")
