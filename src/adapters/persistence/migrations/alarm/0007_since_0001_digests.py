"""In which other one a notification is told. Programs of before tell each by itself."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")

revision = "alarm_0007_since_0001"
down_revision = "alarm_0006_since_0001"


def upgrade() -> None:
    op.add_column("notifications", sa.Column("digest_id", BIG))
    op.create_index(
        "notifications_waiting",
        "notifications",
        ["recipient", "channel", "event"],
        sqlite_where=sa.text("status = 'QUEUED'"),
        postgresql_where=sa.text("status = 'QUEUED'"),
    )
