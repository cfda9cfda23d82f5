"""Bookings of a customer, company or ticket are found by indexes in the order of their lists, however many there are.

Programs of before count what a customer holds by `bookings_holding`, which stays until a later release.
"""

from __future__ import annotations

from typing import Final

from alembic import op

revision = "book_0010_since_0001"
down_revision = "book_0009_since_0001"

INDEXES: Final = {
    "bookings_by_customer": "bookings (customer_id, id)",
    "bookings_by_company": "bookings (company_id, id)",
    "bookings_held": "bookings (customer_id) WHERE coalesce(status, '') = 'PENDING'",
    "bookings_failed": "bookings (ticket_id, id) WHERE status IN ('PENDING', 'BOOKED') AND failure IS NOT NULL",
}
"""Made beforehand where there are bookings already, so that nobody who writes waits for it."""


def upgrade() -> None:
    for name, of in INDEXES.items():
        op.execute(f"CREATE INDEX IF NOT EXISTS {name} ON {of}")
    for owner in ("customer", "company"):
        op.drop_index(f"bookings_{owner}", "bookings")
