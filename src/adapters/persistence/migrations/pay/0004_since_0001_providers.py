"""What a provider calls our charges, and what it has said of its own accord. Programs before do without."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "pay_0004_since_0001"
down_revision = "pay_0003_since_0001"


def upgrade() -> None:
    op.create_table(
        "charge_references",
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("reference", sa.Text(), nullable=False, unique=True),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "hints",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
        sa.Column("id", sa.Text(), nullable=False, unique=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text()),
        sa.Column("reference", sa.Text()),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("followed", sa.Boolean(), nullable=False),
    )
    op.create_index("hints_followed", "hints", ["followed", "at"])
