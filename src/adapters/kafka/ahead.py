"""What a thread has fetched and the event loop has not yet taken, and whether it waits for more."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from threading import Lock

from myticket_core.ports import Record


class Ahead:
    """`asked` is called, in the loop, when somebody begins to wait for more."""

    def __init__(self, loop: asyncio.AbstractEventLoop, asked: Callable[[], None]) -> None:
        self._loop, self._asked = loop, asked
        self._lock = Lock()  # guards the three below
        self._records: deque[Record] = deque()
        self.held = False
        self._waited_for = False
        self._filled = asyncio.Event()

    def __len__(self) -> int:
        return len(self._records)

    @property
    def wanted(self) -> bool:
        """Somebody waited and has got nothing since, as there is nothing."""
        with self._lock:
            return self._waited_for and not self._records

    def take(self, limit: int) -> Sequence[Record]:
        with self._lock:
            number = 0 if self.held else min(limit, len(self._records))
            taken = [self._records.popleft() for _ in range(number)]
            self._waited_for = self._waited_for and not taken
            if self.held or not self._records:
                self._filled.clear()
        return taken

    async def filled(self) -> None:
        """Return when there may be something to take."""
        with self._lock:
            self._waited_for = True
        self._asked()
        await self._filled.wait()

    def add(self, records: Sequence[Record]) -> None:
        """Who waits hears of them by `tell`, when all that is to go together is here."""
        with self._lock:
            self._records.extend(records)

    def tell(self) -> None:
        if self._records:
            self._tell()

    def hold(self) -> None:
        with self._lock:
            self.held = True

    def drop(self, gone: set[int]) -> None:
        with self._lock:
            self.held = False
            self._records = deque(record for record in self._records if record.partition not in gone)
        self._tell()

    def forget(self) -> None:
        with self._lock:
            self.held = False
            self._records.clear()

    def _tell(self) -> None:
        self._loop.call_soon_threadsafe(self._filled.set)
