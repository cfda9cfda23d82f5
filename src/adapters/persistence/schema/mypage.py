"""Documents, with the members that are searched, sorted and summed in columns of their own.

Each document belongs to a view. Row 1 of `live_view` says which view is shown, and how often another one was begun;
row 2, where there is one, which view is being built and takes part in its changes. The one row of `page_changes` counts
changes of pages; `changed` is the number of a page's last one.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, Index, MetaData, Table, Text

from adapters.persistence.schema.types import Json, Number

MYPAGE: Final = MetaData()

LIVE_VIEW: Final = Table(
    "live_view",
    MYPAGE,
    Column("id", Number, primary_key=True),
    Column("view", Number, nullable=False),
    Column("begun", Number, nullable=False, server_default="0"),
)
PAGE_CHANGES: Final = Table(
    "page_changes",
    MYPAGE,
    Column("id", Number, primary_key=True),
    Column("last", Number, nullable=False),
)
BOOKING_PAGES: Final = Table(
    "booking_pages",
    MYPAGE,
    Column("view", Number, primary_key=True),
    Column("booking_id", Number, primary_key=True),
    Column("ticket_id", Number),
    Column("company_id", Number),
    Column("customer_id", Number),
    Column("price", Number),
    Column("start_date", Number),
    Column("status", Text),
    Column("payment_status", Text),
    Column("refund_due", Number),
    Column("refund_amount", Number),
    Column("changed", Number, nullable=False, server_default="0"),
    Column("document", Json, nullable=False),
    sqlite_with_rowid=False,
)
TICKET_PAGES: Final = Table(
    "ticket_pages",
    MYPAGE,
    Column("view", Number, primary_key=True),
    Column("ticket_id", Number, primary_key=True),
    Column("company_id", Number),
    Column("name", Text),
    Column("price", Number),
    Column("start_date", Number),
    Column("status", Text),
    Column("changed", Number, nullable=False, server_default="0"),
    Column("document", Json, nullable=False),
    sqlite_with_rowid=False,
)

_PAGE = BOOKING_PAGES.c
Index("booking_pages_by_customer", _PAGE.view, _PAGE.customer_id, _PAGE.booking_id)
Index("booking_pages_by_company", _PAGE.view, _PAGE.company_id, _PAGE.booking_id)
Index(  # lists in the order of their key, and sums that read nothing else
    "booking_pages_by_ticket",
    *(_PAGE.view, _PAGE.ticket_id, _PAGE.booking_id, _PAGE.status, _PAGE.payment_status, _PAGE.price),
    *(_PAGE.refund_due, _PAGE.refund_amount, _PAGE.company_id),
)
for _pages in (BOOKING_PAGES, TICKET_PAGES):
    Index(f"{_pages.name}_changed", _pages.c.view, _pages.c.changed)
Index("ticket_pages_by_company", TICKET_PAGES.c.view, TICKET_PAGES.c.company_id, TICKET_PAGES.c.ticket_id)
