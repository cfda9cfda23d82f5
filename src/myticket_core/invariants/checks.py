"""Every invariant that can be seen in rows, and what it is checked with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from myticket_core.invariants import money, moves, pages, seats, telling
from myticket_core.invariants.finding import Check, Violation
from myticket_core.invariants.rows import Snapshot

_SAYING = ("tickets", "sales", "bookings", "waiting", "payments", "outbox")
_TOLD = ("outbox", "notifications", "channels", "tickets", "bookings", "waiting", "payments")
CHECKS: Final = (
    Check(1, "no seat is taken twice", seats.within_capacity, ("sales",), always=True),
    Check(1, "a sale counts its bookings", seats.counts_are_bookings, ("sales", "bookings"), always=True),
    Check(1, "a sale counts who waits", seats.waiting_is_counted, ("sales", "waiting"), always=True),
    Check(1, "an offer is a booking", seats.offered_is_a_booking, ("waiting", "bookings"), always=True),
    Check(1, "an offer is settled", seats.offers_are_settled, ("waiting", "bookings")),
    Check(2, "what is booked is paid", money.booked_is_paid, ("bookings", "payments"), always=True),
    Check(3, "one payment per booking", money.approved_once, ("payments",), always=True),
    Check(3, "an approval is said once", money.approval_said_once, ("outbox",), always=True),
    Check(3, "one charge per booking", money.charged_once, ("charges",), always=True),
    Check(4, "what is paid is booked", money.approved_is_booked, ("bookings", "payments")),
    Check(4, "no orphan charge", money.no_orphan_charge, ("payments", "charges")),
    Check(5, "no more back than was paid", money.within_the_charge, ("charges",), always=True),
    Check(5, "one refund per paid cancel", money.refunded_once, ("payments", "outbox")),
    Check(5, "a refund is what was agreed", money.refund_is_agreed, ("bookings",), always=True),
    Check(
        5, "a refund is that of the cancel", money.refund_is_that_of_the_cancel, ("bookings", "payments"), always=True
    ),
    Check(5, "a refund is told once", telling.refund_is_told, _TOLD),
    Check(6, "late money goes back", money.over_is_refused, ("bookings", "payments")),
    Check(7, "a deleted ticket has no bookings", seats.deleted_is_over, ("tickets", "sales", "bookings")),
    Check(9, "sold as the ticket is", seats.sold_as_it_is, ("tickets", "sales")),
    Check(8, "said as changed", telling.said_as_changed, _SAYING, True),
    Check(9, "all that is said is published", telling.published, ("outbox", "log")),
    Check(9, "published is in the log", telling.marked_is_in_the_log, ("outbox", "log"), always=True),
    Check(9, "versions come in order", telling.in_order, ("log",), always=True),
    Check(9, "an event is told once", telling.everything_is_told, _TOLD),
    Check(10, "pages of bookings", pages.booking_pages_fit, ("booking_pages", "bookings", "payments")),
    Check(10, "pages of tickets", pages.ticket_pages_fit, ("ticket_pages", "tickets")),
    Check(10, "a rebuild is the same", pages.rebuild_is_the_same, ("rebuilt",)),
    Check(11, "one booking per key", moves.one_effect_per_key, ("keys",), always=True),
    Check(11, "one answer per key", moves.one_answer_per_key, ("answers",), always=True),
    Check(14, "acknowledged is kept", moves.answers_are_kept, ("answers", "tickets", "bookings"), always=True),
    Check(16, "correlation from cause to effect", telling.correlation_is_kept, ("outbox",), always=True),
    Check(
        16, "correlation in notifications", telling.told_correlation_is_kept, ("outbox", "notifications"), always=True
    ),
    Check(16, "no cycle of causes", telling.causes_have_no_cycle, ("outbox",), always=True),
    Check(18, "legal changes of status", moves.moves_are_legal, ("moves",), always=True),
    Check(18, "legal histories", moves.history_is_legal, ("outbox",), always=True),
)


def violations(snapshot: Snapshot, *, at_rest: bool = True) -> Sequence[Violation]:
    """What does not hold. `at_rest` False: only what has to hold at every instant."""
    return [
        Violation(check.invariant, f"{check.name}: {what}", ids)
        for check in CHECKS
        if (at_rest or check.always) and not check.missing(snapshot)
        for what, ids in check.find(snapshot)
    ]
