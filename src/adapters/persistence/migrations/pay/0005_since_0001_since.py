"""Since when a refund is due, for people who look after it. Programs before do without."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "pay_0005_since_0001"
down_revision = "pay_0004_since_0001"


def upgrade() -> None:
    op.add_column("payments", sa.Column("refund_since", sa.BigInteger()))
