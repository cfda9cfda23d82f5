"""Lists of pages begin where they are wanted, however many there are; SQLite is told which index narrows them."""

from __future__ import annotations

from typing import Final

from alembic import op

revision = "mypage_0006_since_0001"
down_revision = "mypage_0005_since_0001"

_SUMMED: Final = "status, payment_status, price, refund_due, refund_amount, company_id"
INDEXES: Final = {
    "booking_pages_by_customer": 'booking_pages ("view", customer_id, booking_id)',
    "booking_pages_by_company": 'booking_pages ("view", company_id, booking_id)',
    "booking_pages_by_ticket": f'booking_pages ("view", ticket_id, booking_id, {_SUMMED})',
    "ticket_pages_by_company": 'ticket_pages ("view", company_id, ticket_id)',
}
"""Made beforehand where there are pages already, so that nobody who writes waits for it."""


def upgrade() -> None:
    for name, of in INDEXES.items():
        op.execute(f"CREATE INDEX IF NOT EXISTS {name} ON {of}")
        op.drop_index(name.replace("_by_", "_"), name.partition("_by_")[0])
    if op.get_bind().dialect.name == "sqlite":
        _estimate()


ESTIMATES: Final = {
    "booking_pages": "1000000 500000 1",
    "booking_pages_changed": "1000000 500000 1",
    "booking_pages_by_customer": "1000000 500000 500 1",
    "booking_pages_by_company": "1000000 500000 2000 1",
    "booking_pages_by_ticket": "1000000 500000 1000 1 1 1 1 1 1 1",
    "ticket_pages": "100000 50000 1",
    "ticket_pages_changed": "100000 50000 1",
    "ticket_pages_by_company": "100000 50000 50 1",
}
"""How many rows an index has, then how many of them agree in its first column, in its first two, and so on; a table's
own name is that of its primary key. Somebody's are said to be so many that what has changed is looked for by when.
"""


def _estimate() -> None:
    """Knowing nothing, SQLite believes a view to be ten rows, and reads all of it by its key, which is the order of a
    list, rather than somebody's few by their index. A connection that begins after this reads what is said here.
    """
    op.execute("ANALYZE sqlite_master")  # makes the table that is written to, and looks at no other
    for name, said in ESTIMATES.items():
        table = "ticket_pages" if name.startswith("ticket_pages") else "booking_pages"
        op.execute(f"DELETE FROM sqlite_stat1 WHERE tbl = '{table}' AND idx = '{name}'")
        op.execute(f"INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('{table}', '{name}', '{said}')")
