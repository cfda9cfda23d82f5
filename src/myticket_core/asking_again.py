"""Asking once more about what nobody could say yet: soon at first, then more and more rarely."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import datetime, timedelta
from typing import Final

from attrs import define, field

FIRST: Final = timedelta(seconds=1)


@define
class AskAgain:
    """When to ask again about each thing, by its number or name: after 1, 2, 4 … seconds, at most `longest`.

    As this process remembers: after a start everything is asked about at once.
    """

    longest: timedelta
    _next: dict[Hashable, tuple[datetime, timedelta]] = field(init=False, factory=dict)

    def due(self, about: Hashable, now: datetime) -> bool:
        """Also when it was last asked about later than now: the clock was put back, by however much."""
        if about not in self._next:
            return True
        then, wait = self._next[about]
        return not then - wait <= now < then

    def silent(self, about: Hashable) -> bool:
        """Whether nothing was to be heard when it was last asked about."""
        return about in self._next

    def __len__(self) -> int:
        """How many are asked about again, or were lately."""
        return len(self._next)

    def unanswered(self, about: Hashable, now: datetime) -> None:
        """Nothing was to be heard: the next time is twice as far away."""
        self._forget_later(now)
        _, last = self._next.pop(about, (now, FIRST / 2))
        wait = min(2 * last, self.longest)
        self._next[about] = now + wait, wait
        self._drop_old(now)

    def _forget_later(self, now: datetime) -> None:
        """The clock was put back far: what stands first would be due only when it is there again, and keep what is
        behind from being dropped.
        """
        if self._next:
            then, wait = self._next[next(reversed(self._next))]
            if then - wait > now + self.longest:
                self._next.clear()

    def soon(self, about: Hashable) -> None:
        """Something has happened to it: ask as if for the first time."""
        self._next.pop(about, None)

    def _drop_old(self, now: datetime) -> None:
        """What has been due for long and was not asked about has come to its end otherwise. The oldest are first."""
        while self._next[oldest := next(iter(self._next))][0] + self.longest < now:
            del self._next[oldest]
