"""Whether an address was confirmed: what was there before counts as that, and so does what programs of before put."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "alarm_0008_since_0001"
down_revision = "alarm_0007_since_0001"


def upgrade() -> None:
    op.add_column("contacts", sa.Column("code", sa.String(64)))
    op.add_column("contacts", sa.Column("code_until", sa.BigInteger()))
    op.create_table(
        "buckets",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("full_at", sa.BigInteger(), nullable=False),
    )
    op.create_index("buckets_full", "buckets", ["full_at"])
