"""Until when a notification may be told together with others. What programs of before queue is told by itself."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "alarm_0009_since_0001"
down_revision = "alarm_0008_since_0001"


def upgrade() -> None:
    op.add_column("notifications", sa.Column("waits_until", sa.BigInteger()))
