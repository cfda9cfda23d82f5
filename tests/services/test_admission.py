"""At which pace those are let in who were told to pay later: as fast as the other side shows that it takes them."""

from __future__ import annotations

from collections import Counter
from types import SimpleNamespace

from adapters.rest.admission import LEAST, OFTEN, QUIET, Admission
from adapters.rest.breaker import State

PROBES = 3


class Time:
    now = 100.0

    def __call__(self) -> float:
        return self.now


class Far:
    """An edge as admission sees it."""

    def __init__(self, capacity: float = 1000.0) -> None:
        breaker = SimpleNamespace(state=State.CLOSED, room=None)
        self.edge, self.clock = SimpleNamespace(breaker=breaker, counts=Counter(), capacity=capacity), Time()
        self.admission = Admission(self.edge, self.clock)

    def after(self, seconds: float, state: State = State.CLOSED, good: int = 0, full: int = 0) -> int:
        """How many are let in after so many seconds, in which so many were answered, and found no place."""
        self.clock.now += seconds
        self.edge.counts.update(good=good, full=full)
        self.edge.breaker.state = state
        self.edge.breaker.room = {State.CLOSED: None, State.HALF_OPEN: PROBES, State.OPEN: 0}[state]
        return self.admission.admits()


def test_it_doubles_while_nobody_is_turned_away_up_to_what_fits():
    far = Far()
    assert [far.after(1, good=100) for _ in range(5)] == [6, 12, 24, 48, 96]
    assert far.admission.pace == 96.0
    far.edge.capacity = 150.0
    assert [far.after(1, good=100) for _ in range(2)] == [150, 150]


def test_it_falls_to_what_was_taken_when_somebody_is_and_then_grows_by_a_tenth():
    far = Far()
    for _ in range(5):
        far.after(1, good=100)
    assert (far.after(1, good=7, full=1), far.admission.pace) == (7, 7.0)
    assert (far.after(1, good=7), far.admission.pace) == (8, 7.0 * 1.1)
    assert (far.after(1, good=1, full=1), far.admission.pace) == (3, LEAST)


def test_it_is_a_pace_whoever_asks_how_often():
    far = Far()
    far.after(1)
    assert far.after(OFTEN, good=100) == 6, "half of twelve a second"
    assert far.after(OFTEN - 0.25) == 0
    assert far.after(60) == 24, "nobody asked: that counts as a second"


def test_what_is_open_is_left_alone_and_what_nobody_tries_is_tried_by_a_few():
    far = Far()
    far.after(1)
    assert [far.after(1, State.OPEN) for _ in range(3)] == [0, 0, 0]
    assert far.after(QUIET - 1, State.HALF_OPEN) == 0
    assert far.after(1, State.HALF_OPEN) == PROBES
    assert far.after(1, State.HALF_OPEN) == 0, "they are told once"


def test_after_a_standstill_it_begins_anew():
    far = Far()
    for _ in range(5):
        far.after(1, good=100)
    far.after(1, good=40, full=1)
    for state in (State.OPEN, State.HALF_OPEN):
        far.after(1, state, full=1)
        assert [far.after(1, good=100) for _ in range(3)] == [3, 6, 12]
