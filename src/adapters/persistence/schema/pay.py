from __future__ import annotations

from typing import Final

from sqlalchemy import Boolean, CheckConstraint, Column, Index, MetaData, String, Table, Text, text

from adapters.persistence.schema.indexes import only
from adapters.persistence.schema.types import Moment, Number, Word
from myticket_core.payment.model import RefundStatus, Status

PAY: Final = MetaData()

PAYMENTS: Final = Table(
    "payments",
    PAY,
    Column("id", Number, primary_key=True),
    Column("booking_id", Number, nullable=False, unique=True),
    Column("price", Number),
    Column("ticket_id", Number),
    Column("company_id", Number),
    Column("customer_id", Number),
    Column("starts", Moment),
    Column("ends", Moment),
    Column("method", String(100)),
    Column("status", Word(Status), nullable=False),
    Column("charge", Text),
    Column("reason", Text),
    Column("correlation_id", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("asked_at", Moment),
    Column("doubt_until", Moment),
    Column("version", Number, nullable=False),
    Column("refund_amount", Number, CheckConstraint("refund_amount BETWEEN 0 AND price", name="refund_within")),
    Column("refund_status", Word(RefundStatus)),
    Column("refund_round", Number),
    Column("refund_attempts", Number),
    Column("refund_due_at", Moment),
    Column("refund_reference", Text),
    Column("refund_reason", Text),
    Column("refund_since", Moment),
)

UNSETTLED: Final = text("(status = 'CANCELING' OR doubt_until IS NOT NULL)")

Index("payments_by_customer", PAYMENTS.c.customer_id, PAYMENTS.c.id)
Index("payments_by_company", PAYMENTS.c.company_id, PAYMENTS.c.id)
Index("payments_unsettled", PAYMENTS.c.id, **only(UNSETTLED))

REFERENCES: Final = Table(
    "charge_references",
    PAY,
    Column("key", String(64), primary_key=True),
    Column("reference", Text, nullable=False, unique=True),
    sqlite_with_rowid=False,
)
HINTS: Final = Table(
    "hints",
    PAY,
    Column("seq", Number, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("key", Text),
    Column("reference", Text),
    Column("at", Moment, nullable=False),
    Column("followed", Boolean, nullable=False),
)
Index("hints_followed", HINTS.c.followed, HINTS.c.at)
