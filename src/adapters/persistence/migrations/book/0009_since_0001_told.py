"""How often a place in a line was told of. Programs of before tell nobody that it is over."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "book_0009_since_0001"
down_revision = "book_0008_since_0001"


def upgrade() -> None:
    op.add_column("waiting", sa.Column("version", sa.Integer(), nullable=False, server_default=sa.text("0")))
