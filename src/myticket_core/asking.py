"""Asking once more about what nobody could say yet: soon at first, then more and more rarely."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from attrs import define, field

FIRST: Final = timedelta(seconds=1)


@define
class AskAgain:
    """When it is worth while to ask about a number again: after 1, 2, 4 … seconds, at most `longest`.

    As this process remembers: after a start everything is asked about at once.
    """

    longest: timedelta
    _next: dict[int, tuple[datetime, timedelta]] = field(init=False, factory=dict)

    def due(self, number: int, now: datetime) -> bool:
        return number not in self._next or self._next[number][0] <= now

    def silent(self, number: int) -> bool:
        """Whether nothing was to be heard when it was last asked about."""
        return number in self._next

    def unanswered(self, number: int, now: datetime) -> None:
        """Nothing was to be heard: the next time is twice as far away."""
        _, last = self._next.pop(number, (now, FIRST / 2))
        wait = min(2 * last, self.longest)
        self._next[number] = now + wait, wait
        self._drop_old(now)

    def soon(self, number: int) -> None:
        """Something has happened to it: ask as if for the first time."""
        self._next.pop(number, None)

    def _drop_old(self, now: datetime) -> None:
        """Nobody has asked about them for long: they have come to their end otherwise. The oldest are first."""
        while self._next[oldest := next(iter(self._next))][0] + self.longest < now:
            del self._next[oldest]
