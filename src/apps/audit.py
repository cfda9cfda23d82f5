"""`myticket audit`: do the services agree? Their stores are read as they lie there, whether the system runs or not."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import attrs
from attrs import frozen

from apps.audit_stores import look
from apps.locking import held
from apps.printing import table, to_json
from myticket_core.invariants import Snapshot, Violation, in_flight, summary, violations

PATIENCE: Final = 12.0
"""Seconds in which a running system settles what is under way: longer than any worker waits before it looks again."""
PAUSE: Final = 0.5


@frozen
class Found:
    """The last look, and what is wrong in every look there was."""

    snapshot: Snapshot
    wrong: Sequence[Violation]


async def run(data: Path, as_json: bool) -> int:
    """Print what was compared and what contradicts; 1 when something does, else 0."""
    found = await _settled(data)
    (_script if as_json else _people)(found)
    return 1 if found.wrong else 0


async def _settled(data: Path) -> Found:
    """Looks again while a running system has not settled: what is under way looks wrong for a moment only.

    In a stopped one nothing settles; while something is still under way in it, only what has to hold at every
    instant can be told.
    """
    snapshot = await look(data)
    wrong = violations(snapshot)
    ends = time.monotonic() + PATIENCE
    while wrong and held(data) and time.monotonic() < ends:
        await asyncio.sleep(PAUSE)
        snapshot = await look(data)
        still = set(violations(snapshot))
        wrong = [violation for violation in wrong if violation in still]
    if wrong and not held(data) and in_flight(snapshot):
        wrong = violations(snapshot, at_rest=False)
    return Found(snapshot, wrong)


def _script(found: Found) -> None:
    compared = summary(found.snapshot)
    shown: dict[str, Any] = {
        "violations": [attrs.asdict(violation) for violation in found.wrong],
        "in_flight": [attrs.asdict(flight) for flight in in_flight(found.snapshot)],
        "compared": {"counts": dict(compared.counts), "money": dict(compared.money)},
        "unchecked": list(compared.unchecked),
    }
    to_json(shown)


def _people(found: Found) -> None:
    compared = summary(found.snapshot)
    rows = [*compared.counts.items(), *((f"money {name}", f"{sum:,}") for name, sum in compared.money.items())]
    table(("compared", "found"), rows)
    under_way = in_flight(found.snapshot)
    for flight in under_way:
        print(f"under way: {flight.what}: {_some(flight.ids)}")
    for violation in found.wrong:
        print(f"WRONG, invariant {violation.invariant}: {violation.what}: {_some(violation.ids)}")
    print(_verdict(found, bool(under_way)))


def _verdict(found: Found, under_way: bool) -> str:
    if found.wrong:
        return f"{len(found.wrong)} contradictions"
    return "no contradiction; not at rest yet" if under_way else "no contradiction, and at rest"


def _some(ids: Sequence[object]) -> str:
    return ", ".join(map(str, ids[:10])) + (f" and {len(ids) - 10} more" if len(ids) > 10 else "")
