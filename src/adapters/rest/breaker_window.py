"""What a circuit breaker judges by: its thresholds and the calls of the last seconds."""

from __future__ import annotations

from collections import deque

from attrs import frozen


@frozen
class Thresholds:
    """When a breaker opens, and for how long; seconds, and parts of 1.

    It opens when in any of the `windows` there were `least` calls, of which that part failed or was slow. The short
    window is what opens it in time after a good while, the long one what a quiet shop has enough calls in.
    """

    slow: float
    windows: tuple[float, ...] = (1.5, 15.0)
    least: int = 5
    failed: float = 0.5
    dragged: float = 0.5
    open: float = 1.0
    open_at_most: float = 4.0
    spread: float = 0.25
    probes: int = 3

    def open_for(self, tries: int, chance: float) -> float:
        """Doubled each time that trying has failed; spread, so that replicas do not all come back at once."""
        seconds = min(self.open * 2.0 ** min(tries, 30), self.open_at_most)
        return seconds * (1 - self.spread + 2 * self.spread * chance)


class Window:
    """The calls that ended within the last `seconds`."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._calls: deque[tuple[float, bool, bool]] = deque()
        self._failed = self._slow = 0

    def add(self, now: float, failed: bool, slow: bool) -> None:
        self._calls.append((now, failed, slow))
        self._failed += failed
        self._slow += slow

    def bad(self, thresholds: Thresholds, now: float, late: int) -> bool:
        """`late`: so many more run and are slow already."""
        while self._calls and now - self._calls[0][0] > self._seconds:
            _, failed, slow = self._calls.popleft()
            self._failed -= failed
            self._slow -= slow
        total = len(self._calls) + late
        if total < thresholds.least:
            return False
        return self._failed >= thresholds.failed * total or self._slow + late >= thresholds.dragged * total
