"""What a snapshot shows besides violations: what was compared, and what is still on its way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from attrs import frozen

from myticket_core.invariants.checks import CHECKS
from myticket_core.invariants.rows import (
    BookingRow,
    ChargeRow,
    NotificationRow,
    PaymentRow,
    SaleRow,
    Snapshot,
    TicketRow,
    WaitingRow,
)
from myticket_core.invariants.seats import LIVE


@frozen
class Summary:
    """What was compared: how many of what, sums of money, and the checks that could not be made, each with why."""

    counts: Mapping[str, int]
    money: Mapping[str, int]
    unchecked: Sequence[str]


@frozen
class InFlight:
    """Something that is on its way and will be settled by the workers that run."""

    what: str
    ids: tuple[object, ...]


def in_flight(snapshot: Snapshot) -> Sequence[InFlight]:
    """What keeps the system from being at rest. A hold that still has time to be paid does not."""
    deleted = {sale.ticket_id for sale in snapshot.sales or () if sale.deleted and not sale.paused}
    paused = {sale.ticket_id for sale in snapshot.sales or () if sale.paused}
    live = [booking for booking in snapshot.bookings or () if booking.status in LIVE]
    payments = snapshot.payments or ()
    found: dict[str, list[object]] = {
        "not published": [row.id for row in snapshot.outbox or () if not row.published],
        "refund due": [row.id for row in payments if row.status == "CANCELING" and not row.given_up],
        "refund failed": [row.id for row in payments if row.given_up],
        "to be confirmed": _paid_and_pending(live, payments),
        "charge unheard of": _unheard_of(payments, snapshot.charges),
        "lapsed hold": [row.id for row in live if _lapsed(row, snapshot.now)],
        "to be canceled": [row.id for row in live if row.ticket_id in deleted],
        "to be offered": [sale.ticket_id for sale in snapshot.sales or () if sale.waiting and _free(sale)],
        "deletion paused": [row.id for row in live if row.ticket_id in paused],
        "to be delivered": [row.event_id for row in snapshot.notifications or () if row.status == "QUEUED"],
        "not consumed": [f"{consumer}: {count}" for consumer, count in snapshot.lag.items() if count],
        "parked": list(snapshot.parked),
    }
    return [InFlight(what, tuple(ids)) for what, ids in found.items() if ids]


def _paid_and_pending(live: Sequence[BookingRow], payments: Sequence[PaymentRow]) -> list[object]:
    """Paid, and the answer was lost: booking will ask."""
    approved = {payment.booking_id for payment in payments if payment.status == "APPROVED"}
    return [booking.id for booking in live if booking.status == "PENDING" and booking.id in approved]


def _unheard_of(payments: Sequence[PaymentRow], charges: Sequence[ChargeRow] | None) -> list[object]:
    """A charge that is doubted and not there may come for minutes yet; that alone is watched, and is no unrest."""
    made = None if charges is None else {charge.key for charge in charges}
    return [row.id for row in payments if row.in_doubt and (made is None or row.key in made)]


def _free(sale: SaleRow) -> bool:
    return sale.deleted or sale.capacity is None or sale.held + sale.booked < sale.capacity


def _lapsed(booking: BookingRow, now: int | None) -> bool:
    if booking.status != "PENDING" or now is None or booking.expires_at is None:
        return False
    return booking.expires_at <= now


def summary(snapshot: Snapshot) -> Summary:
    """Counts by status and sums of money; where all is well, `booked`, `approved`, `kept` and `shown` are equal."""
    return Summary(_counts(snapshot), _money(snapshot), _unchecked(snapshot))


def _counts(snapshot: Snapshot) -> Mapping[str, int]:
    parts: dict[str, Sequence[TicketRow | BookingRow | WaitingRow | PaymentRow | NotificationRow] | None] = {
        "tickets": snapshot.tickets,
        "bookings": snapshot.bookings,
        "waiting": snapshot.waiting,
        "payments": snapshot.payments,
        "notifications": snapshot.notifications,
    }
    by_status = {
        f"{name} {status}": count
        for name, rows in parts.items()
        for status, count in sorted(Counter(row.status for row in rows or ()).items())
    }
    whole = {name: getattr(snapshot, name) for name in ("sales", "charges", "outbox", "log", "booking_pages")}
    return by_status | {name: len(rows) for name, rows in whole.items() if rows is not None}


def _money(snapshot: Snapshot) -> Mapping[str, int]:
    charges, payments = snapshot.charges or (), snapshot.payments or ()
    failed = sum(row.due for row in payments if row.given_up)
    fees = sum((row.price or 0) - row.due for row in payments if row.given_up or row.status == "CANCELED")
    sums = {
        "booked": (snapshot.bookings, sum(row.price for row in snapshot.bookings or () if row.status == "BOOKED")),
        "approved": (snapshot.payments, _sum_of(snapshot.payments, "APPROVED")),
        "kept": (snapshot.charges, sum(row.amount - row.refunded for row in charges) - fees - failed),
        "fees": (snapshot.payments, fees),
        "failed": (snapshot.payments, failed),
        "shown": (
            snapshot.booking_pages,
            sum(row.price or 0 for row in snapshot.booking_pages or () if row.payment_status == "APPROVED"),
        ),
        "canceled": (snapshot.payments, sum(row.back for row in payments)),
        "given back": (snapshot.charges, sum(row.refunded for row in charges)),
    }
    return {name: total for name, (rows, total) in sums.items() if rows is not None}


def _sum_of(payments: Sequence[PaymentRow] | None, status: str) -> int:
    return sum(row.price or 0 for row in payments or () if row.status == status)


def _unchecked(snapshot: Snapshot) -> Sequence[str]:
    return [
        f"{check.invariant} {check.name}: no {', '.join(missing)}"
        for check in CHECKS
        if (missing := check.missing(snapshot))
    ]
