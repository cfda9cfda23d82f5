"""How much of what was said has to be there, when what is older than `snapshot.since` may have been forgotten."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from attrs import frozen

from myticket_core.invariants.finding import LAST
from myticket_core.invariants.rows import MoveRow, OutboxRow, Snapshot

Aggregate = tuple[str, str]

HOUR: Final = 60 * 60 * 1000
"""Milliseconds, by far more than clocks of services disagree, and than one of them takes to hear of another."""


@frozen
class Remembered:
    """`made` are the aggregates that were made since, `told` those that became since what they have to tell."""

    whole: bool
    made: frozenset[Aggregate]
    told: frozenset[Aggregate]

    @classmethod
    def of(cls, snapshot: Snapshot) -> Remembered:
        since = snapshot.since
        if since is None:
            return cls(True, frozenset(), frozenset())
        moves = [move for move in snapshot.moves or () if move.at >= since]
        last: Mapping[Aggregate, MoveRow] = {_aggregate(move): move for move in moves}
        told = {aggregate for aggregate, move in last.items() if None not in LAST[move.kind, move.after]}
        return cls(False, frozenset(_aggregate(move) for move in moves if move.before is None), frozenset(told))

    def first(self, aggregate: Aggregate, version: int, rows: Sequence[OutboxRow]) -> int:
        """The version that has to be the first one there; one above `version`: there may be none."""
        if self.whole or aggregate in self.made:
            return 1
        if rows and rows[0].version is not None:
            return rows[0].version
        return version if aggregate in self.told else version + 1


def recent(snapshot: Snapshot, row: OutboxRow) -> bool:
    """Whether whatever another service said because of this has to be there."""
    return snapshot.since is None or row.time >= snapshot.since + HOUR


def _aggregate(move: MoveRow) -> Aggregate:
    return move.kind, str(move.id)
