"""How many somebody has not read is counted without a look at those they have."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "alarm_0005_since_0001"
down_revision = "alarm_0004_since_0001"


def upgrade() -> None:
    op.create_index(
        "notifications_unread",
        "notifications",
        ["recipient", "channel"],
        sqlite_where=sa.text("status = 'DELIVERED' AND read_at IS NULL"),
        postgresql_where=sa.text("status = 'DELIVERED' AND read_at IS NULL"),
    )
