"""A customer's payments and a company's are found by indexes in the order of their lists, however many there are."""

from __future__ import annotations

from typing import Final

from alembic import op

revision = "pay_0006_since_0001"
down_revision = "pay_0005_since_0001"

INDEXES: Final = {
    "payments_by_customer": "payments (customer_id, id)",
    "payments_by_company": "payments (company_id, id)",
}
"""Made beforehand where there are payments already, so that nobody who writes waits for it."""


def upgrade() -> None:
    for name, of in INDEXES.items():
        op.execute(f"CREATE INDEX IF NOT EXISTS {name} ON {of}")
    for owner in ("customer", "company"):
        op.drop_index(f"payments_{owner}", "payments")
