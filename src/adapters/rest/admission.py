"""How many a second another service takes, as it shows: at that pace those who were asked to wait are let in."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from attrs import define, field

from adapters.rest.breaker import State
from adapters.rest.edge import Edge

LEAST: Final = 3.0
"""A second: with so few it is found out how many more there may be."""
OFTEN: Final = 0.5
QUIET: Final = 3.0
"""Seconds in which nobody tried by themselves what has stood still; then a few are told to."""


@define(eq=False)
class Admission:
    """Doubles each second while nobody is turned away, up to what the delay of the answers allows; falls to what was
    taken when somebody is, and then grows by a tenth. After a standstill it begins anew.
    """

    edge: Edge
    clock: Callable[[], float] = time.monotonic
    pace: float = LEAST
    _doubling: bool = True
    _stood: bool = False
    _good: int = 0
    _full: int = 0
    _looked: float = field(init=False)

    @_looked.default
    def _now(self) -> float:
        return self.clock()

    def admits(self) -> int:
        """Seconds in which nobody asked count as one."""
        seconds = self.clock() - self._looked
        if seconds < OFTEN:
            return 0
        match self.edge.breaker.state:
            case State.CLOSED:
                self._follow(seconds)
                return round(self.pace * min(1.0, seconds))
            case State.HALF_OPEN if seconds >= QUIET:
                self._look()
                return self.edge.breaker.room or 0
            case State.OPEN:
                self._look()
        self._stood = True
        return 0

    def _follow(self, seconds: float) -> None:
        taken, turned_away = (self.edge.counts["good"] - self._good) / seconds, self.edge.counts["full"] > self._full
        if self._stood:
            self.pace, self._doubling, self._stood = LEAST, True, False
        elif turned_away:
            self.pace, self._doubling = taken, False
        else:
            self.pace = min(self.pace * (2 if self._doubling else 1.1), max(taken, self.edge.capacity))
        self.pace = max(LEAST, self.pace)
        self._look()

    def _look(self) -> None:
        self._good, self._full, self._looked = self.edge.counts["good"], self.edge.counts["full"], self.clock()
