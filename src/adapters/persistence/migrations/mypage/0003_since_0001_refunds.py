"""What of a price goes back, beside the documents: programs of 0001 read those, and know no member of that name."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")

revision = "mypage_0003_since_0001"
down_revision = "mypage_0002_since_0001"

_SUMMED = ["view", "ticket_id", "status", "payment_status", "price", "refund_due", "refund_amount"]


def upgrade() -> None:
    for name in ("refund_due", "refund_amount"):
        op.add_column("booking_pages", sa.Column(name, BIG))
    op.drop_index("booking_pages_ticket", "booking_pages")
    op.create_index("booking_pages_ticket", "booking_pages", _SUMMED)
