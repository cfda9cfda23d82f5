"""What time it is, asked of the stores by which replicas go, and told when this machine's clock is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

import structlog

from adapters.persistence import Database, StoreClock
from adapters.system import SystemClock
from apps.runtime import Worker
from apps.workers import looking
from myticket_core.ports import Clock

LOOKS: Final = 10.0
"""Seconds from one look to the next."""
ASTRAY: Final = timedelta(seconds=5)
"""What lies between this machine's clock and its store's may be so much; more is for somebody to see to."""

log = structlog.get_logger("myticket")


def timekeepers(containers: Mapping[str, Any]) -> Sequence[Worker]:
    """One for each of the services that go by a server's clock."""
    clocks = {name: (it.clock(), it.database()) for name, it in containers.items()}
    return [
        _timekeeper(name, clock, store)
        for name, (clock, store) in clocks.items()
        if isinstance(clock, StoreClock) and store.shared
    ]


def sales_clock(containers: Mapping[str, Any]) -> Clock:
    """By which it is told whether a sale is open: book's, who judges that."""
    return containers["book"].clock() if "book" in containers else SystemClock()


def _timekeeper(service: str, clock: StoreClock, store: Database) -> Worker:
    astray = False

    async def look() -> None:
        nonlocal astray
        ahead = await clock.look(store)
        if astray != (astray := abs(ahead) > ASTRAY):
            log.warning("clock", service=service, seconds_ahead_of_the_store=round(ahead.total_seconds(), 1))

    return looking(f"{service} clock", look, LOOKS)
