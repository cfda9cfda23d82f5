from __future__ import annotations

from typing import Final

from sqlalchemy import Boolean, CheckConstraint, Column, Index, Integer, MetaData, String, Table, Text, text

from adapters.persistence.schema.indexes import only
from adapters.persistence.schema.types import Moment, Number, Word
from myticket_core.booking.campaign import REASON
from myticket_core.booking.model import Status
from myticket_core.booking.waiting import Status as WaitingStatus

BOOK: Final = MetaData()

BOOKINGS: Final = Table(
    "bookings",
    BOOK,
    Column("id", Number, primary_key=True),
    Column("ticket_id", Number, nullable=False),
    Column("customer_id", Number, nullable=False),
    Column("company_id", Number),
    Column("price", Number, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("correlation_id", Text, nullable=False),
    Column("starts", Moment),
    Column("ends", Moment),
    Column("method", String(100)),
    Column("status", Word(Status), nullable=False),
    Column("payment_id", Number),
    Column("reason", Text),
    Column("version", Number, nullable=False),
    Column("cancel_until", Moment),
    Column("cancel_fee", Number),
    Column("refund", Number),
    Column("failure", Text),
    Column("due_from", Moment),
    Column("checked_in_at", Moment),
)
SALES: Final = Table(
    "sales",
    BOOK,
    Column("ticket_id", Number, primary_key=True),
    Column("company_id", Number),
    Column("price", Number),
    Column("capacity", Number),
    Column("name", Text),
    Column("ends", Moment),
    Column("offer_version", Number),
    Column("ceiling", Number),
    Column("held", Number, nullable=False),
    Column("booked", Number, nullable=False),
    Column("deleted", Boolean, nullable=False),
    Column("campaign_total", Number),
    Column("campaign_cause", Text),
    Column("campaign_correlation", Text),
    Column("campaign_failed", Number),
    Column("version", Number, nullable=False),
    Column("cancel_until", Moment),
    Column("cancel_fee_percent", Number),
    Column("campaign_paused", Boolean),
    Column("campaign_rounds", Number),
    Column("campaign_retry_at", Moment),
    Column("waiting", Number, nullable=False, server_default=text("0")),
    Column("numbered", Number, nullable=False, server_default=text("0")),
    CheckConstraint("ceiling IS NULL OR held + booked <= ceiling", name="capacity"),
    CheckConstraint("held >= 0 AND booked >= 0", name="counts"),
)
WAITING: Final = Table(
    "waiting",
    BOOK,
    Column("id", Number, primary_key=True),
    Column("ticket_id", Number, nullable=False),
    Column("customer_id", Number, nullable=False),
    Column("number", Number, nullable=False),
    Column("joined_at", Moment, nullable=False),
    Column("correlation_id", Text, nullable=False),
    Column("status", Word(WaitingStatus), nullable=False),
    Column("booking_id", Number),
    Column("starts", Moment),
    Column("ends", Moment),
    Column("version", Integer, nullable=False, server_default=text("0")),
    Column("place", String(40), nullable=False, unique=True),
)

PENDING: Final = text("status = 'PENDING'")
HELD: Final = text("coalesce(status, '') = 'PENDING'")
"""Words of its own: of indexes that say the same ones PostgreSQL takes any while it believes that nothing is PENDING,
and reads all that is."""
IN_LINE: Final = text("status = 'PENDING' AND due_from IS NOT NULL")
LIVE: Final = text("status IN ('PENDING', 'BOOKED')")
FAILED: Final = text("status IN ('PENDING', 'BOOKED') AND failure IS NOT NULL")
CALLED_OFF: Final = text(f"status = 'CANCELED' AND reason = '{REASON}'")
CHECKED_IN: Final = text("checked_in_at IS NOT NULL")
CANCELING: Final = text("deleted AND held + booked > 0")
WAITED_AT: Final = text("waiting > 0")
WAITS: Final = text("status = 'WAITING'")
OFFERED: Final = text("waiting.status = 'OFFERED'")
IN_LINES: Final = text("status IN ('WAITING', 'OFFERED')")

Index("bookings_by_customer", BOOKINGS.c.customer_id, BOOKINGS.c.id)
Index("bookings_by_company", BOOKINGS.c.company_id, BOOKINGS.c.id)
Index("bookings_lapsing", BOOKINGS.c.expires_at, **only(PENDING))
Index("bookings_waiting", BOOKINGS.c.id, **only(PENDING))
# For programs of before, until a later release.
Index("bookings_holding", BOOKINGS.c.customer_id, **only(PENDING))
Index("bookings_held", BOOKINGS.c.customer_id, **only(HELD))
Index("bookings_in_line", BOOKINGS.c.id, **only(IN_LINE))
Index("bookings_live", BOOKINGS.c.ticket_id, BOOKINGS.c.id, **only(LIVE))
Index("bookings_failed", BOOKINGS.c.ticket_id, BOOKINGS.c.id, **only(FAILED))
Index("bookings_called_off", BOOKINGS.c.ticket_id, BOOKINGS.c.id, **only(CALLED_OFF))
Index("bookings_checked_in", BOOKINGS.c.ticket_id, BOOKINGS.c.id, **only(CHECKED_IN))
Index("sales_canceling", SALES.c.ticket_id, **only(CANCELING))
Index("sales_waited_at", SALES.c.ticket_id, **only(WAITED_AT))
Index("waiting_line", WAITING.c.ticket_id, WAITING.c.number, **only(WAITS))
_OFFERED: Final = text("status = 'OFFERED'")
Index("waiting_offered", WAITING.c.id, **only(_OFFERED))
Index("waiting_customer", WAITING.c.customer_id)
