"""Terms of cancellation. Programs of before leave them empty: at any time, for nothing."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")

revision = "book_0002_since_0001"
down_revision = "book_0001"


def upgrade() -> None:
    op.add_column("bookings", sa.Column("cancel_until", sa.BigInteger()))
    op.add_column("bookings", sa.Column("cancel_fee", BIG))
    op.add_column("bookings", sa.Column("refund", BIG))
    op.add_column("sales", sa.Column("cancel_until", sa.BigInteger()))
    op.add_column("sales", sa.Column("cancel_fee_percent", BIG))
