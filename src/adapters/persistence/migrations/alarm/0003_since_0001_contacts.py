"""Where people are reached. Programs of before tell them in the list of their notifications alone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "alarm_0003_since_0001"
down_revision = "alarm_0002_since_0001"


def upgrade() -> None:
    op.create_table(
        "contacts",
        sa.Column("recipient", sa.String(64), primary_key=True),
        sa.Column("channel", sa.String(64), primary_key=True),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("wanted", sa.Boolean(), nullable=False),
    )
