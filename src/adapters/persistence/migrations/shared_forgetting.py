"""The shared tables learn to forget: what is old is found by an index, and how far back they reach is written down."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def add() -> None:
    op.create_index("inbox_at", "inbox", ["at"])
    op.create_index("keys_at", "keys", ["at"])
    op.create_table(
        "forgotten",
        sa.Column("id", BIG, primary_key=True),
        sa.Column("before", sa.BigInteger(), nullable=False),
    )
