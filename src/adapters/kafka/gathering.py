"""How long the broker gathers before it answers: under load once with what many have told, not once for each of them.

An answer costs three threads and the broker about as much as a hundred records do.
"""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import Final

PER_RECORD: Final = 0.0005
"""Seconds of a turn for each record a second, as workers have them: a turn brings some, or there is none."""
SHORTEST: Final = 0.0125
BEHIND: Final = 0.05
"""Seconds by which the turns end behind the multiples of the longest turn of relays, which all tell at those."""
BATCH: Final = 128 * 1024
"""Bytes behind which nothing more is waited for."""
AT_ONCE: Final = (1, 500)
"""Bytes and milliseconds: the first record is answered."""


class Gathering:
    """`longest`: seconds of a turn when much comes. After a quiet while nothing is held up."""

    def __init__(self, longest: float, now: Callable[[], float] = monotonic) -> None:
        self._turns = [turn for halves in range(8) if (turn := longest / 2**halves) >= SHORTEST]
        self._now, self._at, self._rate = now, now(), 0.0

    def came(self, records: int) -> None:
        """Records a second, over about the last second."""
        now = self._now()
        passed = max(now - self._at, 0.001)
        self._rate += (records / passed - self._rate) * min(1.0, passed)
        self._at = now

    def terms(self) -> tuple[int, int]:
        """Of an answer that is asked for now: from how many bytes on, and after how many milliseconds at the latest."""
        turn = next((it for it in self._turns if it <= self._rate * PER_RECORD), None)
        if turn is None:
            return AT_ONCE
        wait = turn - (self._now() - BEHIND) % turn
        if wait < turn / 4:  # the last answer came somewhat early
            wait += turn
        return BATCH, round(1000 * wait)
