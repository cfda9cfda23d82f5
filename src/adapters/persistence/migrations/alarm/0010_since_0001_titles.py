"""What tickets are called. Programs of before say their numbers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")

revision = "alarm_0010_since_0001"
down_revision = "alarm_0009_since_0001"


def upgrade() -> None:
    op.create_table(
        "titles",
        sa.Column("ticket_id", BIG, primary_key=True, autoincrement=False),
        sa.Column("name", sa.Text()),
        sa.Column("version", BIG, nullable=False),
    )
