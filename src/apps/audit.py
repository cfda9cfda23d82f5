"""`myticket audit`: do the services agree? Their stores are read as they lie there, whether the system runs or not."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Sequence
from typing import Any, Final

import attrs
from attrs import frozen

from apps import places
from apps.audit_stores import STORES, look
from apps.escaping import escaped
from apps.locking import held
from apps.printing import table, to_json
from apps.settings import Settings
from myticket_core.invariants import Snapshot, Violation, in_flight, summary, violations

PATIENCE: Final = 12.0
"""Seconds in which a running system settles what is under way: longer than any worker waits before it looks again."""
PAUSE: Final = 0.5
FOR_PEOPLE: Final = frozenset({"parked", "deletion paused"})


@frozen
class Found:
    """The last look, what is wrong in every look there was, and what could not be looked at."""

    snapshot: Snapshot
    wrong: Sequence[Violation]
    unchecked: Sequence[str]


async def run(settings: Settings, as_json: bool) -> int:
    """Print what was compared and what contradicts; 1 when something does, else 0."""
    gc.disable()  # rows by the hundred thousand, none of which holds itself: looking for that took a third of the time
    try:
        found = await _settled(settings)
    finally:
        gc.enable()
    (_script if as_json else _people)(found)
    return 1 if found.wrong else 0


async def _settled(settings: Settings) -> Found:
    """Looks again while a running system has not settled: what is under way looks wrong for a moment only.

    In what stands still nothing settles; while something is still under way there, only what has to hold at every
    instant can be told.
    """
    first = snapshot = await look(settings)
    wrong = violations(snapshot)
    ends = time.monotonic() + PATIENCE
    while wrong and _may_run(settings) and time.monotonic() < ends:
        await asyncio.sleep(PAUSE)
        snapshot = await look(settings)
        still = set(violations(snapshot))
        wrong = [violation for violation in wrong if violation in still]
    if wrong and _waiting(settings, first, snapshot):
        always = set(violations(snapshot, at_rest=False))
        wrong = [violation for violation in wrong if violation in always]
    return Found(snapshot, wrong, _unchecked(settings, snapshot))


def _may_run(settings: Settings) -> bool:
    """Who works on a file holds its lock; who works on a server may be anywhere."""
    stores = places.stores(settings)
    return len(places.files(stores, STORES)) < len(STORES) or held(settings.data)


def _waiting(settings: Settings, first: Snapshot, last: Snapshot) -> bool:
    """Whether something is under way that nobody has got on with, which may be why something else looks wrong.

    What waits for people is that only where nothing runs: the rest goes on without it.
    """
    if not _may_run(settings):
        return bool(in_flight(last))
    before, after = ({(it.what, id) for it in in_flight(each) for id in it.ids} for each in (first, last))
    return any(what not in FOR_PEOPLE for what, _ in before & after)


def _unchecked(settings: Settings, snapshot: Snapshot) -> Sequence[str]:
    kafka = settings.kafka_bootstrap_servers is not None
    return [*summary(snapshot).unchecked, *(["what consumers have still to read: it is in Kafka"] if kafka else [])]


def _script(found: Found) -> None:
    compared = summary(found.snapshot)
    shown: dict[str, Any] = {
        "violations": [attrs.asdict(violation) for violation in found.wrong],
        "in_flight": [attrs.asdict(flight) for flight in in_flight(found.snapshot)],
        "compared": {"counts": compared.counts, "money": compared.money},
        "unchecked": found.unchecked,
    }
    to_json(shown)


def _people(found: Found) -> None:
    compared = summary(found.snapshot)
    rows = [*compared.counts.items(), *((f"money {name}", f"{sum:,}") for name, sum in compared.money.items())]
    table(("compared", "found"), rows)
    under_way = in_flight(found.snapshot)
    for what in found.unchecked:
        print(f"unchecked: {what}")
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
    return escaped(", ".join(map(str, ids[:10]))) + (f" and {len(ids) - 10} more" if len(ids) > 10 else "")
