"""What was forgotten is missed by nobody; what contradicts inside the time that is remembered is found as before."""

from collections.abc import Sequence

import pytest
from attrs import evolve

from myticket_core.invariants import MoveRow, OutboxRow, Snapshot, violations
from myticket_core.invariants.remembered import HOUR
from tests.domain.test_invariants import HEALTHY

OLD, SINCE, NEW = 1 * HOUR, 100 * HOUR, 200 * HOUR
WITHIN = {"t3", "b3", "b4", "p3"}
"""Ticket 2 and booking 2 were made before what is remembered, and ended within; booking 3 was made and ended within."""


def at(row: OutboxRow) -> OutboxRow:
    return evolve(row, time=NEW if row.id in WITHIN else OLD)


MOVES = (
    MoveRow(kind="ticket", id=2, before="ON_SALE", after="DELETED", at=NEW),
    MoveRow(kind="booking", id=2, before="BOOKED", after="CANCELED", at=NEW),
    MoveRow(kind="payment", id=2, before="APPROVED", after="CANCELING", at=NEW),
    MoveRow(kind="payment", id=2, before="CANCELING", after="CANCELED", at=NEW),
    MoveRow(kind="booking", id=3, before=None, after="PENDING", at=NEW),
    MoveRow(kind="booking", id=3, before="PENDING", after="EXPIRED", at=NEW),
    MoveRow(kind="payment", id=3, before=None, after="VOID", at=NEW),
)
WHOLE = evolve(HEALTHY, since=SINCE, outbox=tuple(map(at, HEALTHY.outbox)), moves=MOVES)


def but(snapshot: Snapshot, *ids: str) -> Snapshot:
    return evolve(snapshot, outbox=tuple(row for row in snapshot.outbox if row.id not in ids))


FORGOTTEN = but(WHOLE, *(row.id for row in WHOLE.outbox if row.time < SINCE))


def test_what_is_old_is_missed_by_nobody():
    assert {row.id for row in FORGOTTEN.outbox} == WITHIN
    assert list(violations(FORGOTTEN)) == []


def test_what_is_old_and_still_there_is_no_trouble():
    """Nothing is forgotten all at once."""
    assert list(violations(WHOLE)) == []
    for row in WHOLE.outbox:
        if row.time < SINCE and row.version == 1:
            assert list(violations(but(WHOLE, row.id))) == []


def test_without_knowing_that_something_was_forgotten_it_is_missed():
    assert {violation.invariant for violation in violations(evolve(FORGOTTEN, since=None))} >= {8, 18}


def changed(part: str, id: int, **members) -> Snapshot:
    rows = tuple(evolve(row, **members) if row.id == id else row for row in getattr(FORGOTTEN, part))
    return evolve(FORGOTTEN, **{part: rows})


def said(type: str, key: str, version: int, time: int = NEW) -> Snapshot:
    more = OutboxRow(
        service="?", id="x", type=type, key=key, version=version, published=True, correlation_id="x", time=time
    )
    return evolve(FORGOTTEN, outbox=(*FORGOTTEN.outbox, more))


PLANTED: Sequence[tuple[str, int, Snapshot]] = [
    ("made within, and nothing said", 8, but(FORGOTTEN, "b4")),
    ("changed within, and nothing said", 8, but(FORGOTTEN, "b3")),
    ("refunded within, and nothing said", 8, but(FORGOTTEN, "p3")),
    ("deleted within, and nothing said", 8, but(FORGOTTEN, "t3")),
    ("a state ahead of what was said", 8, changed("bookings", 2, version=3)),
    ("said, but never done", 8, said("Booked", "99", 1)),
    ("the wrong thing said last", 8, changed("bookings", 2, status="BOOKED")),
    ("canceled and not refunded", 5, but(FORGOTTEN, "p3")),
    ("said out of order", 18, said("BookCanceled", "2", 3)),
    ("an illegal change", 18, evolve(FORGOTTEN, moves=(evolve(MOVES[1], before="EXPIRED"),))),
]


@pytest.mark.parametrize("name, invariant, snapshot", PLANTED, ids=[name for name, _, _ in PLANTED])
def test_a_contradiction_within_is_found(name, invariant, snapshot):
    assert invariant in {violation.invariant for violation in violations(snapshot)}


def test_what_only_just_is_remembered_is_not_asked_for_what_came_before_it():
    """Clocks of services disagree a little."""
    edge = tuple(evolve(row, time=SINCE) if row.id == "b3" else row for row in FORGOTTEN.outbox if row.id != "p3")
    assert 5 not in {violation.invariant for violation in violations(evolve(FORGOTTEN, outbox=edge, moves=()))}
