"""Who was let in. Programs of before let nobody in, and let a buyer cancel what was used."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "book_0008_since_0001"
down_revision = "book_0007_since_0001"

CHECKED_IN = sa.text("checked_in_at IS NOT NULL")


def upgrade() -> None:
    op.add_column("bookings", sa.Column("checked_in_at", sa.BigInteger()))
    op.create_index(
        "bookings_checked_in",
        "bookings",
        ["ticket_id", "id"],
        sqlite_where=CHECKED_IN,
        postgresql_where=CHECKED_IN,
    )
