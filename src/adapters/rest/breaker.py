"""A circuit breaker: who does not answer well is left alone for a while, then tried by a few.

It is asked for permission and told how a call ended. It waits for nothing, so one event loop needs no lock.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from enum import StrEnum
from typing import TypeAlias

from attrs import define, field

from adapters.rest.breaker_window import Thresholds, Window


class State(StrEnum):
    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class Refused(Exception):
    """Nothing was sent. `wait`: in so many seconds it may be worth asking again."""

    def __init__(self, state: State, wait: float) -> None:
        super().__init__(f"the circuit is {state}")
        self.wait = wait


Told: TypeAlias = Callable[[State, State], None]
"""Hears of every change: from, to."""


@define(eq=False)
class Breaker:
    """A call that takes `thresholds.slow` seconds is slow from then on: nobody has to wait for its end.

    Open, it lets nobody in. Half open, at most `thresholds.probes` at the same time; so many good ones in a row close
    it, a bad one opens it. What was let in before the last change of state says nothing when it ends.
    """

    thresholds: Thresholds
    told: Told = lambda before, after: None
    clock: Callable[[], float] = time.monotonic
    chance: Callable[[], float] = random.random
    _state: State = State.CLOSED
    _until: float = 0.0  # open until then
    _tries: int = 0  # how often trying has failed
    _good: int = 0  # probes, in a row
    _running: dict[Permit, float] = field(factory=dict)  # since the last change, the oldest first
    _windows: tuple[Window, ...] = field(init=False)

    @_windows.default
    def _empty(self) -> tuple[Window, ...]:
        return tuple(Window(seconds) for seconds in self.thresholds.windows)

    @property
    def state(self) -> State:
        """As the next caller finds it: time alone may have changed it."""
        now = self.clock()
        if self._state is State.OPEN and now >= self._until:
            self._become(State.HALF_OPEN)
        late = self._late(now)
        if (self._state is State.HALF_OPEN and late) or (self._state is State.CLOSED and self._bad(now, late)):
            self._open()
        return self._state

    @property
    def wait(self) -> float:
        """Seconds until it may let the next one in, as far as it can tell."""
        if self.state is State.OPEN:
            return self._until - self.clock()
        return self.thresholds.open if self.room == 0 else 0.0

    @property
    def room(self) -> int | None:
        """How many it would let in now; None: as many as come."""
        if self.state is State.CLOSED:
            return None
        return self.thresholds.probes - len(self._running) if self._state is State.HALF_OPEN else 0

    def call(self) -> Permit:
        """For one call, to be entered at once. Raises Refused."""
        if self.room == 0:
            raise Refused(self._state, self.wait)
        permit = Permit(self)
        self._running[permit] = self.clock()
        return permit

    def ended(self, permit: Permit, good: bool | None) -> None:
        """None: it was given up, and says nothing but that there is room again."""
        began = self._running.pop(permit, None)
        if began is None or good is None:
            return
        now = self.clock()
        slow = now - began >= self.thresholds.slow
        if self._state is State.HALF_OPEN:
            return self._probed(good and not slow)
        for window in self._windows:
            window.add(now, not good, slow)
        if self._bad(now, self._late(now)):
            self._open()

    def _probed(self, good: bool) -> None:
        self._good += 1
        if not good:
            self._open()
        elif self._good == self.thresholds.probes:
            self._tries = 0
            self._become(State.CLOSED)

    def _bad(self, now: float, late: int) -> bool:
        return any(window.bad(self.thresholds, now, late) for window in self._windows)

    def _late(self, now: float) -> int:
        """How many of those that run are slow already."""
        late = 0
        for began in self._running.values():
            if now - began < self.thresholds.slow:
                break
            late += 1
        return late

    def _open(self) -> None:
        self._until = self.clock() + self.thresholds.open_for(self._tries, self.chance())
        self._tries += 1
        self._become(State.OPEN)

    def _become(self, state: State) -> None:
        """Another generation: what runs now is forgotten, and with it what it will say."""
        before, self._state = self._state, state
        self._good, self._windows = 0, self._empty()
        self._running.clear()
        self.told(before, state)


@define(eq=False)
class Permit:
    """Left without a verdict, by an error or because it was canceled, it says nothing."""

    _breaker: Breaker
    _good: bool | None = None

    def was(self, good: bool) -> None:
        self._good = good

    def __enter__(self) -> Permit:
        return self

    def __exit__(self, *_: object) -> None:
        self._breaker.ended(self, self._good)
