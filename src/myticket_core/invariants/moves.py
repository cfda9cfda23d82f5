"""Invariants 11, 14 and 18: answers that were given, and the way a status may go."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from myticket_core.booking import model as booking
from myticket_core.invariants.finding import KINDS, Found, by
from myticket_core.invariants.rows import Snapshot
from myticket_core.payment import model as payment

LEGAL: Final[Mapping[str, frozenset[tuple[str | None, str]]]] = {
    "ticket": frozenset({(None, "ON_SALE"), ("ON_SALE", "DELETED")}),
    "booking": frozenset({(None, "PENDING"), *((str(a), str(b)) for (a, _), b in booking.TABLE.items())}),
    "payment": frozenset(
        {(None, "REQUESTED"), (None, "VOID"), *((str(a), str(b)) for (a, _), b in payment.TABLE.items())}
    ),
}
NEXT: Final[Mapping[str | None, frozenset[str]]] = {
    None: frozenset(
        {
            "TicketRegistered",
            "PaymentDue",
            "Booked",
            "BookCanceled",
            "PaymentApproved",
            "PaymentCanceled",
            "RefundFailed",
            "WaitingEnded",
            "SoldOut",
        }
    ),
    "TicketRegistered": frozenset({"TicketChanged", "TicketDeleted"}),
    "TicketChanged": frozenset({"TicketChanged", "TicketDeleted"}),
    "TicketDeleted": frozenset(),
    "PaymentDue": frozenset({"PaymentDue", "Booked", "BookCanceled"}),
    "Booked": frozenset({"BookCanceled"}),
    "BookCanceled": frozenset(),
    "PaymentApproved": frozenset({"PaymentCanceled", "RefundFailed"}),
    "RefundFailed": frozenset({"PaymentCanceled", "RefundFailed"}),
    "PaymentCanceled": frozenset(),
    "WaitingEnded": frozenset({"WaitingEnded"}),
    "SoldOut": frozenset({"BackOnSale"}),
    "BackOnSale": frozenset({"SoldOut"}),
}
"""What an aggregate may say after what it said last."""


def moves_are_legal(snapshot: Snapshot) -> Found:
    """18. Every committed change of status is one of the state machine's."""
    for move in snapshot.moves or ():
        if (move.before, move.after) not in LEGAL[move.kind]:
            yield f"{move.kind} went from {move.before} to {move.after}", (move.id,)


def history_is_legal(snapshot: Snapshot) -> Found:
    """18. What an aggregate has said, one thing after the other, is a way through the state machine.

    Of which the beginning may have been forgotten.
    """
    for aggregate, rows in by(lambda row: (KINDS.get(row.type, "?"), row.key), snapshot.outbox or ()).items():
        cut = snapshot.since is not None and rows[0].version != 1
        last = rows[0].type if cut else None
        for row in rows[cut:]:
            if row.type not in NEXT.get(last, frozenset()):
                yield f"said {row.type} after {last or 'nothing'}", aggregate
            last = row.type


def one_effect_per_key(snapshot: Snapshot) -> Found:
    """11. One idempotency key ⇒ one booking."""
    keys = snapshot.keys or {}
    for key, ids in by(keys.__getitem__, keys).items():
        if len(ids) > 1:
            yield f"the key {key} has placed {len(ids)} bookings", tuple(ids)


def one_answer_per_key(snapshot: Snapshot) -> Found:
    """11. … and every answer to it is about that one."""
    keyed = (row for row in snapshot.answers or () if row.key is not None)
    for (kind, key), rows in by(lambda row: (row.kind, row.key), keyed).items():
        ids = {row.id for row in rows}
        if len(ids) > 1:
            yield f"the key {key} was answered with {len(ids)} different {kind}s", tuple(sorted(ids))


def answers_are_kept(snapshot: Snapshot) -> Found:
    """14. Whatever was acknowledged is there, in that status or one that legally follows it."""
    now = {("ticket", row.id): row.status for row in snapshot.tickets or ()}
    now |= {("booking", row.id): row.status for row in snapshot.bookings or ()}
    for row in snapshot.answers or ():
        status = now.get((row.kind, row.id))
        if status is None or status not in _reachable(row.kind, row.status):
            yield f"{row.kind} was acknowledged as {row.status}, and is {status or 'not there'}", (row.id,)


def _reachable(kind: str, status: str) -> frozenset[str]:
    reached: set[str] = {status}
    while more := {after for before, after in LEGAL[kind] if before in reached} - reached:
        reached |= more
    return frozenset(reached)
