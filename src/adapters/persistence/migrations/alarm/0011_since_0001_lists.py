"""Lists of notifications begin where they are wanted, however many somebody has; so does the count of their places."""

from __future__ import annotations

from typing import Final

from alembic import op

revision = "alarm_0011_since_0001"
down_revision = "alarm_0010_since_0001"

INDEXES: Final = {
    "notifications_by_customer": "notifications (customer_id, id, channel) WHERE status = 'DELIVERED'",
    "notifications_by_company": "notifications (company_id, id, channel) WHERE status = 'DELIVERED'",
    "notifications_unread_by_recipient": (
        "notifications (recipient, id, channel) WHERE status = 'DELIVERED' AND read_at IS NULL"
    ),
    "places_by_recipient": "places (recipient, channel)",
}
"""Made beforehand where there are notifications already, so that nobody who writes waits for it."""


def upgrade() -> None:
    """Programs of before, too, ask those that are dropped for a customer, a company or a recipient, whose are first."""
    for name, of in INDEXES.items():
        op.execute(f"CREATE INDEX IF NOT EXISTS {name} ON {of}")
    for whose in ("customer", "company", "unread"):
        op.drop_index(f"notifications_{whose}", "notifications")
    op.drop_index("places_recipient", "places")
