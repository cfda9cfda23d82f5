from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Final

from adapters.persistence.database import Database
from myticket_core.ports import Clock

RUNNING: Final = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""Goes on evenly, and where the system has it while the machine is suspended too."""


class StoreClock:
    """The time of a store's server, by which all go who share the store.

    What one replica writes, until when a seat is held or a charge is in doubt, another one judges: one that went by a
    clock of its own, minutes ahead of the others', would end what they have just begun. Between two looks it goes on
    evenly, however this machine's clock is set meanwhile. It begins with this machine's time, and moves by no more than
    it has to: an answer was given at some moment between the question and when it came, and what may be right by that
    stays. Where the store is a file, it is this machine's.
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
        asked, said, heard = _running(), await store.time(), _running()
        if said is not None:
            zero = self._own.now() - timedelta(seconds=_running()) if self._zero is None else self._zero
            least, most = said - timedelta(seconds=heard), said - timedelta(seconds=asked)
            self._zero = min(max(zero, least), most)
        return self._own.now() - self.now()


def _running() -> float:
    return time.clock_gettime(RUNNING)
