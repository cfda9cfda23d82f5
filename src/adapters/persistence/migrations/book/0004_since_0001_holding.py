"""An index of what waits for its payment, by customer."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "book_0004_since_0001"
down_revision = "book_0003_since_0001"


def upgrade() -> None:
    op.create_index(
        "bookings_holding",
        "bookings",
        ["customer_id"],
        sqlite_where=sa.text("status = 'PENDING'"),
        postgresql_where=sa.text("status = 'PENDING'"),
    )
