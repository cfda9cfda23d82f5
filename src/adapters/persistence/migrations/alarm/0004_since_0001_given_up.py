"""What was given up is found without a look at all the rest."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "alarm_0004_since_0001"
down_revision = "alarm_0003_since_0001"


def upgrade() -> None:
    op.create_index(
        "notifications_given_up",
        "notifications",
        ["channel", "id"],
        sqlite_where=sa.text("status = 'GIVEN_UP'"),
        postgresql_where=sa.text("status = 'GIVEN_UP'"),
    )
