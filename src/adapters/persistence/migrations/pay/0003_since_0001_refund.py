"""The refund as a state machine of its own. Programs of 0001 go on: they give back all of what is canceled."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "pay_0003_since_0001"
down_revision = "pay_0002_since_0001"

_KNOWN = "refund_round = 1, refund_attempts = 0, refund_amount = price"


def upgrade() -> None:
    number = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    check = "CONSTRAINT refund_within CHECK (refund_amount BETWEEN 0 AND price)"
    op.execute(f"ALTER TABLE payments ADD COLUMN refund_amount {number} {check}")
    op.add_column("payments", sa.Column("refund_status", sa.String(20)))
    for name in ("refund_round", "refund_attempts"):
        op.add_column("payments", sa.Column(name, sa.BigInteger().with_variant(sa.Integer, "sqlite")))
    op.add_column("payments", sa.Column("refund_due_at", sa.BigInteger()))
    for name in ("refund_reference", "refund_reason"):
        op.add_column("payments", sa.Column(name, sa.Text()))
    for payment, refund in (("CANCELING", "REQUESTED"), ("CANCELED", "SUCCEEDED")):
        op.execute(f"UPDATE payments SET refund_status = '{refund}', {_KNOWN} WHERE status = '{payment}'")
