"""Where people are reached in several places over one channel. Programs of before know of none."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "alarm_0006_since_0001"
down_revision = "alarm_0005_since_0001"


def upgrade() -> None:
    op.create_table(
        "places",
        sa.Column("channel", sa.String(64), primary_key=True),
        sa.Column("place", sa.String(64), primary_key=True),
        sa.Column("recipient", sa.String(64), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("wanted", sa.Boolean(), nullable=False),
    )
    op.create_index("places_recipient", "places", ["recipient"])
