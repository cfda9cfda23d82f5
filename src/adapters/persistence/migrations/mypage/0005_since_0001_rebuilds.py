"""How often a view was begun beside the live one: of several rebuilds at once only the last may show its own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")

revision = "mypage_0005_since_0001"
down_revision = "mypage_0004_since_0001"


def upgrade() -> None:
    op.add_column("live_view", sa.Column("begun", BIG, nullable=False, server_default="0"))
