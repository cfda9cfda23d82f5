"""Who waits for a seat of a sold-out ticket. Programs of before sell what is free to whoever comes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")

revision = "book_0007_since_0001"
down_revision = "book_0006_since_0001"

WAITED_AT = sa.text("waiting > 0")
WAITS = sa.text("status = 'WAITING'")
OFFERED = sa.text("status = 'OFFERED'")


def upgrade() -> None:
    for name in ("waiting", "numbered"):
        op.add_column("sales", sa.Column(name, BIG, nullable=False, server_default=sa.text("0")))
    op.create_table(
        "waiting",
        sa.Column("id", BIG, primary_key=True),
        sa.Column("ticket_id", BIG, nullable=False),
        sa.Column("customer_id", BIG, nullable=False),
        sa.Column("number", BIG, nullable=False),
        sa.Column("joined_at", sa.BigInteger(), nullable=False),
        sa.Column("correlation_id", sa.Text(), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("booking_id", BIG),
        sa.Column("starts", sa.BigInteger()),
        sa.Column("ends", sa.BigInteger()),
        sa.Column("place", sa.String(40), nullable=False, unique=True),
    )
    op.create_index("sales_waited_at", "sales", ["ticket_id"], sqlite_where=WAITED_AT, postgresql_where=WAITED_AT)
    op.create_index("waiting_line", "waiting", ["ticket_id", "number"], sqlite_where=WAITS, postgresql_where=WAITS)
    op.create_index("waiting_offered", "waiting", ["id"], sqlite_where=OFFERED, postgresql_where=OFFERED)
    op.create_index("waiting_customer", "waiting", ["customer_id"])
