"""How long a worker waits before it looks for more: a batch costs about as much as one event."""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import Final

from attrs import define, field

FEW: Final = 100
"""Events in a batch that make it worth while."""
LONGEST: Final = 0.1
"""Seconds between two batches that are smaller, when much is going on."""
PER_EVENT: Final = 0.0005
"""Seconds of pause for each event a second: the longest one at 200 events a second."""


@define(eq=False)
class Pace:
    """Under load what comes in the meantime goes along in one batch; what comes after a quiet while is not held up."""

    _rate: float = 0.0  # events a second, over about the last second
    _at: float = field(factory=monotonic)

    async def breathe(self, done: int) -> None:
        """After a batch of so many."""
        pause = self.pause(done, monotonic())
        if pause:
            await asyncio.sleep(pause)

    def pause(self, done: int, now: float) -> float:
        passed = max(now - self._at, 0.001)
        self._rate += (done / passed - self._rate) * min(1.0, passed)
        self._at = now
        return min(LONGEST, self._rate * PER_EVENT) if 0 < done < FEW else 0.0
