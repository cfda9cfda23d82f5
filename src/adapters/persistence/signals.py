"""The memory adapter has the same: adapters do not know each other."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import timedelta


class Signal:
    """Wakes everybody in this process who waits for something new; `fired` counts how often there was some."""

    def __init__(self) -> None:
        self.fired = 0
        self._next = asyncio.Event()

    def fire(self) -> None:
        self.fired += 1
        self._next.set()
        self._next = asyncio.Event()

    async def wait(self, at_most: timedelta, since: int) -> None:
        """Return as soon as it has fired more often than `since`, at the latest after `at_most`."""
        if self.fired == since and at_most > timedelta(0):
            with suppress(TimeoutError):
                async with asyncio.timeout(at_most.total_seconds()):
                    await self._next.wait()
