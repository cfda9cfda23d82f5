"""How long a worker waits before it looks for more: a batch costs about as much as one event."""

from __future__ import annotations

import asyncio
from time import monotonic, thread_time
from typing import Final

from attrs import define, field

FULL: Final = 200
"""Events in a batch, behind which there may be more already: a reader has no more at once."""
LONGEST: Final = 0.1
"""Seconds of a turn, with a batch in each, when more is going on than there is time for."""
BUSY: Final = (0.65, 0.75, 0.85)
"""The shares of the event loop's time that are taken, below which a turn is an eighth, a quarter, a half of that."""
LATE: Final = 0.004
"""Seconds that who wants to go on has to wait until they may, on average: so little time is left."""
PER_EVENT: Final = 0.0005
"""Seconds of a turn for each event a second: LONGEST at 200 events a second."""
LENGTHS: Final = 5
"""Of turns, each half of the one before; a shorter one is none."""
UNSEEN: Final = 2 * LONGEST
"""The longest for what other processes have told and nobody sits and waits for, as people do before my page."""
TICK: Final = 0.0015
"""Seconds: uvloop's timers are whole milliseconds, and may be early by so much."""


@define(eq=False)
class Pace:
    """Under load what comes in the meantime goes along in one batch; what comes after a quiet while is not held up.

    All of a process go on by one clock, those who listen half a turn behind those who tell: where their turns are
    equal, what was told in one is handled in it, and in one batch whoever told it.
    """

    alone: bool = True  # all that is told is heard in this process; else others need the CPU as well, unseen from here
    behind: float = 0.0  # turns of those who tell
    longest: float = LONGEST
    _rate: float = 0.0  # events a second, over about the last second
    _late: float = 0.0  # seconds from the end of a pause until it goes on, over about the last ten
    _busy: float = 0.0  # share of the loop's thread, as the rate
    _at: float = field(factory=monotonic)
    _spent: float = field(factory=thread_time)

    async def breathe(self, done: int) -> None:
        """After a batch of so many."""
        now = monotonic()
        pause = self.pause(done, now, thread_time())
        if pause:
            await asyncio.sleep(pause + TICK)
            self.woken(monotonic() - now - pause)

    def pause(self, done: int, now: float, spent: float) -> float:
        passed = max(now - self._at, 0.001)
        weight = min(1.0, passed)
        self._rate += (done / passed - self._rate) * weight
        self._busy += ((spent - self._spent) / passed - self._busy) * weight
        self._at, self._spent = now, spent
        if not 0 < done < FULL:
            return 0.0
        between = self._between()
        return between - (now - self.behind * min(between, LONGEST)) % between if between else 0.0

    def woken(self, late: float) -> None:
        self._late += (late - self._late) / 10

    def _between(self) -> float:
        """One of the turns, of which the moments of a long one are some of a short one's, or none."""
        short = self.alone and self._late <= LATE
        first = sum(self._busy < share for share in BUSY) if short else 0
        turns = (self.longest / 2**halves for halves in range(first, LENGTHS))
        return next((turn for turn in turns if turn <= self._rate * PER_EVENT), 0.0)
