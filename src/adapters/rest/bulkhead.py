"""A bulkhead: as many questions under way to another service as it answers swiftly, and a short line behind them."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

from attrs import define, field

START: Final = 8.0
LEAST: Final = 6.0
"""More than a breaker needs to see that all of them hang."""
SHRINK: Final = 0.8
LINE: Final = 8
"""Times as many may wait as may be inside at most: those who come when a sale opens, all at once."""


class Full(Exception):
    """No place became free in time; nothing was sent."""


@define(eq=False)
class Bulkhead:
    """At most `most` are inside. Who finds no place waits `patience` seconds, in the order of coming.

    The places follow the answers: more while they come within `swift` seconds, fewer when they take longer or fail,
    since what is asked beyond what the other side can do waits over there instead of here. Safe to be canceled.
    """

    most: int
    swift: float
    patience: float = 1.0
    clock: Callable[[], float] = time.monotonic
    inside: int = 0
    _places: float = field(init=False)
    _opening: int = 0
    _doubling: bool = True  # at first, until it was too much for the first time
    _shrunk: float = float("-inf")
    _line: deque[asyncio.Future[int]] = field(factory=deque)

    @_places.default
    def _at_first(self) -> float:
        return min(START, self.most)

    @property
    def places(self) -> int:
        return int(self._places)

    @property
    def waiting(self) -> int:
        return len(self._line)

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Raises Full."""
        opening = await self._enter()
        try:
            yield
        finally:
            self._leave(opening)

    def answered(self, began: float, good: bool) -> None:
        """Of what was asked before the last shrinking only that can be learned which led to it."""
        now = self.clock()
        if not good or now - began > self.swift:
            if began >= self._shrunk:
                self._places, self._shrunk = max(min(LEAST, self.most), self._places * SHRINK), now
                self._doubling = False
        elif self.inside * 2 > self._places:
            self._places = min(self.most, self._places + (1 if self._doubling else 1 / self._places))
            self._let_in()

    def dismiss(self) -> None:
        """Nobody is asked any more: who waits is told at once.

        It begins anew, small and empty: who is inside may hang for long, and is not waited for.
        """
        self._places, self._doubling = self._at_first(), True
        self._opening, self.inside = self._opening + 1, 0
        while self._line:
            turn = self._line.popleft()
            if not turn.done():
                turn.set_exception(Full)

    async def _enter(self) -> int:
        """Which opening the place is of."""
        if self.inside < self.places and not self.waiting:
            self.inside += 1
            return self._opening
        if self.waiting >= LINE * self.most:
            raise Full
        turn: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._line.append(turn)
        try:
            async with asyncio.timeout(self.patience):
                return await turn
        except TimeoutError:
            self._give_up(turn)
            raise Full from None
        except asyncio.CancelledError:
            self._give_up(turn)
            raise

    def _give_up(self, turn: asyncio.Future[int]) -> None:
        """A place that was given in the same moment goes to the next one."""
        if turn in self._line:
            self._line.remove(turn)
        elif not turn.cancelled() and turn.exception() is None:
            self._leave(turn.result())

    def _leave(self, opening: int) -> None:
        if opening == self._opening:
            self.inside -= 1
            self._let_in()

    def _let_in(self) -> None:
        while self._line and self.inside < self.places:
            turn = self._line.popleft()
            if not turn.done():
                self.inside += 1
                turn.set_result(self._opening)
