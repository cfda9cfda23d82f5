"""The first schema of log."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")

revision = "log_0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "offsets",
        sa.Column("consumer", sa.String(64), primary_key=True),
        sa.Column("position", BIG, nullable=False),
    )
    op.create_table(
        "records",
        sa.Column("position", BIG, primary_key=True),
        sa.Column("key", sa.Text()),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.Column("headers", sa.Text(), nullable=False),
    )
