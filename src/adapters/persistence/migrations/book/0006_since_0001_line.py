"""Who was asked to pay later waits in line. Programs of before put nobody there."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "book_0006_since_0001"
down_revision = "book_0005_since_0001"

IN_LINE = sa.text("status = 'PENDING' AND due_from IS NOT NULL")


def upgrade() -> None:
    op.add_column("bookings", sa.Column("due_from", sa.BigInteger()))
    op.create_index("bookings_in_line", "bookings", ["id"], sqlite_where=IN_LINE, postgresql_where=IN_LINE)
