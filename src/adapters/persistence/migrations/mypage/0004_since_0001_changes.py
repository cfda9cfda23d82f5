"""When each page was changed last, counted: what listens to changes asks for those after a number."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")

revision = "mypage_0004_since_0001"
down_revision = "mypage_0003_since_0001"


def upgrade() -> None:
    op.create_table(
        "page_changes",
        sa.Column("id", BIG, primary_key=True),
        sa.Column("last", BIG, nullable=False),
    )
    op.execute("INSERT INTO page_changes (id, last) VALUES (1, 0)")
    for pages in ("booking_pages", "ticket_pages"):
        op.add_column(pages, sa.Column("changed", BIG, nullable=False, server_default="0"))
        op.create_index(f"{pages}_changed", pages, ["view", "changed"])
