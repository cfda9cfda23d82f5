from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Final

from adapters.persistence.database import Database
from myticket_core.ports import Clock

RUNNING: Final = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""Goes on evenly, and where the system has it while the machine is suspended too."""
SLOW: Final = 0.5
"""Seconds: when an answer that took longer was given is not known well, so it is only better than none."""


class StoreClock:
    """The time of a store's server, by which all go who share the store.

    What one replica writes, until when a seat is held or a charge is in doubt, another one judges: one that went by a
    clock of its own, minutes ahead of the others', would end what they have just begun. Between two looks it goes on
    evenly, however this machine's clock is set meanwhile. It is this machine's time until the first look, and where
    the store is a file.
    """

    def __init__(self, own: Clock) -> None:
        self._own = own
        self._zero: datetime | None = None  # what time it was there when _running() was 0

    def now(self) -> datetime:
        return self._own.now() if self._zero is None else self._zero + timedelta(seconds=_running())

    async def sleep(self, duration: timedelta) -> None:
        await self._own.sleep(duration)

    async def look(self, store: Database) -> timedelta:
        """Returns how far this machine's clock is ahead of it. Raises Unavailable."""
        asked = _running()
        said = await store.time()
        took = _running() - asked
        if said is not None and (took < SLOW or self._zero is None):
            self._zero = said - timedelta(seconds=asked + took / 2)
        return self._own.now() - self.now()


def _running() -> float:
    return time.clock_gettime(RUNNING)
