"""What a thread has fetched and the event loop has not yet taken."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from threading import Lock

from myticket_core.ports import Record


class Ahead:
    """`used_up` is called, in the loop, when there is nothing left to take."""

    def __init__(self, loop: asyncio.AbstractEventLoop, used_up: Callable[[], None]) -> None:
        self._loop, self._used_up = loop, used_up
        self._lock = Lock()  # guards the three below
        self._records: deque[Record] = deque()
        self.held = False
        self.in_hand = False
        """Something was taken that is not yet dealt with."""
        self._filled = asyncio.Event()

    def __len__(self) -> int:
        return len(self._records)

    def take(self, limit: int) -> Sequence[Record]:
        with self._lock:
            number = 0 if self.held else min(limit, len(self._records))
            taken = [self._records.popleft() for _ in range(number)]
            self.in_hand = self.in_hand or bool(taken)
            if self.held or not self._records:
                self._filled.clear()
        if not self._records:
            self._used_up()
        return taken

    async def filled(self) -> None:
        """Return when there may be something to take."""
        await self._filled.wait()

    def add(self, records: Sequence[Record]) -> None:
        if records:
            with self._lock:
                self._records.extend(records)
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
