"""The circuit breaker does what its description says, whatever happens in which order; and few callers try first."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from attrs import define, evolve, field
from hypothesis import given, settings
from hypothesis import strategies as some

from adapters.rest.breaker import Breaker, Refused, State
from adapters.rest.breaker_window import Thresholds

THRESHOLDS = Thresholds(
    slow=1.0, windows=(1.5, 6.0), least=4, failed=0.5, dragged=0.75, open=1.0, open_at_most=3.0, probes=3
)
CLOSED, OPEN, HALF_OPEN = State
SPREAD = THRESHOLDS.spread


@define
class Time:
    now: float = 100.0

    def __call__(self) -> float:
        return self.now


@define
class Model:
    """The description of the breaker, word by word: nothing is counted along the way, all is looked up."""

    thresholds: Thresholds
    chance: float
    state: State = CLOSED
    since: float = 100.0
    open_for: float = 0.0
    tries: int = 0
    generation: int = 0
    good: int = 0
    began: dict[int, tuple[float, int]] = field(factory=dict)
    ended: list[tuple[float, int, bool, bool]] = field(factory=list)  # when, generation, failed, slow

    def look(self, now: float) -> State:
        if self.state is OPEN and now >= self.since + self.open_for:
            self.become(HALF_OPEN, now)
        slow = [
            began for began, of in self.began.values() if of == self.generation and now - began >= self.thresholds.slow
        ]
        if (self.state is HALF_OPEN and slow) or (self.state is CLOSED and self.bad(now, len(slow))):
            self.open(now)
        return self.state

    def bad(self, now: float, late: int) -> bool:
        for seconds in self.thresholds.windows:
            seen = [it for it in self.ended if it[1] == self.generation and now - it[0] <= seconds]
            total = len(seen) + late
            failed, slow = sum(it[2] for it in seen), sum(it[3] for it in seen) + late
            if total >= self.thresholds.least and (
                failed >= self.thresholds.failed * total or slow >= self.thresholds.dragged * total
            ):
                return True
        return False

    def running(self) -> int:
        return sum(of == self.generation for _, of in self.began.values())

    def lets_in(self, now: float) -> bool:
        state = self.look(now)
        return state is CLOSED or (state is HALF_OPEN and self.running() < self.thresholds.probes)

    def end(self, which: int, good: bool | None, now: float) -> None:
        began, generation = self.began.pop(which)
        if generation != self.generation or good is None:
            return
        slow = now - began >= self.thresholds.slow
        if self.state is HALF_OPEN:
            self.good += 1
            if not good or slow:
                self.open(now)
            elif self.good == self.thresholds.probes:
                self.tries = 0
                self.become(CLOSED, now)
            return
        self.ended.append((now, generation, not good, slow))
        self.look(now)

    def open(self, now: float) -> None:
        seconds = min(self.thresholds.open * 2**self.tries, self.thresholds.open_at_most)
        self.open_for = seconds * (1 - SPREAD + 2 * SPREAD * self.chance)
        self.tries += 1
        self.become(OPEN, now)

    def become(self, state: State, now: float) -> None:
        self.state, self.since, self.good = state, now, 0
        self.generation += 1


WAIT = some.tuples(some.sampled_from(["wait", "rest"]), some.sampled_from([0.125, 0.25, 0.5, 0.75, 1.0, 1.5, 3.0, 6.0]))
CALL = some.tuples(some.just("call"), some.just(0))
END = some.tuples(some.sampled_from(["good", "good", "bad", "bad", "gone"]), some.integers(0, 7))
BURST = some.tuples(some.just("burst"), some.integers(2, 5))
"""Times are sums of binary fractions: what is equal on paper is equal here. Only a wait and a call look."""


@settings(max_examples=1000, deadline=None)
@given(some.lists(some.one_of(WAIT, CALL, CALL, END, BURST), max_size=60), some.sampled_from([0.0, 0.5, 1.0]))
def test_it_does_what_its_description_says(steps, chance):
    steps = [
        each for what, how in steps for each in ([("call", 0), ("bad", 0)] * how if what == "burst" else [(what, how)])
    ]
    time, changes = Time(), []
    breaker = Breaker(THRESHOLDS, lambda before, after: changes.append((before, after)), time, lambda: chance)
    model, calls, number = Model(THRESHOLDS, chance), {}, 0
    for what, how in steps:
        if what in ("wait", "rest"):
            time.now += how
        elif what == "call":
            number += 1
            if model.lets_in(time.now):
                calls[number] = breaker.call().__enter__()
                model.began[number] = time.now, model.generation
            else:
                with pytest.raises(Refused) as refused:
                    breaker.call()
                assert 0 < refused.value.wait <= max(THRESHOLDS.open_at_most * (1 + SPREAD), THRESHOLDS.open)
        elif calls:
            which = sorted(calls)[how % len(calls)]
            good = {"good": True, "bad": False, "gone": None}[what]
            ends(calls.pop(which), good)
            model.end(which, good, time.now)
        assert what not in ("wait", "call") or breaker.state is model.look(time.now)
    assert len(changes) == model.generation
    assert all(before is not after for before, after in changes)


def ends(call, good: bool | None) -> None:
    if good is None:
        call.__exit__(asyncio.CancelledError, asyncio.CancelledError(), None)
    else:
        call.was(good)
        call.__exit__(None, None, None)


def opened(time: Time, chance: Callable[[], float] = lambda: 0.5) -> Breaker:
    breaker = Breaker(THRESHOLDS, clock=time, chance=chance)
    for _ in range(THRESHOLDS.least):
        with breaker.call() as call:
            call.was(False)
    assert breaker.state is OPEN
    return breaker


async def test_of_two_hundred_at_once_three_try():
    time = Time()
    breaker = opened(time)
    time.now += 1.0
    inside, most, answered = 0, 0, asyncio.Event()

    async def caller() -> str:
        nonlocal inside, most
        try:
            with breaker.call() as call:
                inside += 1
                most = max(most, inside)
                await answered.wait()
                inside -= 1
                call.was(True)
                return "admitted"
        except Refused:
            return "refused"

    callers = [asyncio.create_task(caller()) for _ in range(200)]
    refused, _ = await asyncio.wait(callers, timeout=0.1)
    assert (len(refused), most, breaker.room) == (197, 3, 0)
    answered.set()
    said = await asyncio.gather(*callers)
    assert (said.count("admitted"), said.count("refused"), most) == (3, 197, 3)
    assert breaker.state is CLOSED


async def test_a_caller_that_goes_away_makes_room_and_says_nothing():
    time = Time()
    breaker = opened(time)
    time.now += 1.0

    async def caller() -> None:
        with breaker.call():
            await asyncio.Event().wait()

    callers = [asyncio.create_task(caller()) for _ in range(3)]
    await asyncio.sleep(0)
    assert breaker.room == 0
    for gone in callers:
        gone.cancel()
    await asyncio.gather(*callers, return_exceptions=True)
    assert (breaker.state, breaker.room) == (HALF_OPEN, 3)


def test_a_probe_that_is_answered_well_but_slowly_opens_it_again():
    """Also when nobody has looked since."""
    time = Time()
    breaker = opened(time)
    time.now += breaker.wait
    with breaker.call() as call:
        time.now += THRESHOLDS.slow
        call.was(True)
    assert breaker.state is OPEN


def test_those_that_hang_open_it_although_all_was_well_before_and_none_of_them_has_ended():
    """100 calls a second for ten seconds, then a pool of 32 that all hang."""
    thresholds = Thresholds(slow=1.5)
    time = Time()
    breaker = Breaker(thresholds, clock=time)
    for _ in range(1000):
        time.now += 0.01
        with breaker.call() as call:
            call.was(True)
    hung_since = time.now
    for _ in range(32):
        breaker.call().__enter__()
    while breaker.state is CLOSED:
        time.now += 0.01
    assert 1.5 <= time.now - hung_since <= 2.0


def test_a_quiet_shop_opens_it_too():
    """One call every two seconds, all failing."""
    time = Time()
    breaker = Breaker(Thresholds(slow=1.5), clock=time)
    for _ in range(5):
        assert breaker.state is CLOSED
        time.now += 2
        with breaker.call() as call:
            call.was(False)
    assert breaker.state is OPEN


def test_it_stays_open_longer_each_time_up_to_a_bound_and_forgets_that_when_it_closes():
    time = Time()
    breaker = opened(time)
    waits = []
    for _ in range(4):
        waits.append(breaker.wait)
        time.now += breaker.wait
        with breaker.call() as call:
            call.was(False)
    assert waits == [1.0, 2.0, 3.0, 3.0]
    time.now += breaker.wait
    for _ in range(THRESHOLDS.probes):
        with breaker.call() as call:
            call.was(True)
    assert breaker.state is CLOSED
    for _ in range(THRESHOLDS.least):
        with breaker.call() as call:
            call.was(False)
    assert breaker.wait == 1.0


def test_open_times_are_spread():
    waits = {opened(Time(), lambda chance=chance: chance).wait for chance in (0.0, 0.5, 1.0)}
    assert waits == {1 - SPREAD, 1.0, 1 + SPREAD}


def test_a_breaker_that_lets_in_one_too_many_is_caught():
    """The same history, on thresholds the model does not know of: the comparison can fail."""
    time = Time()
    breaker = Breaker(evolve(THRESHOLDS, probes=4), clock=time, chance=lambda: 0.5)
    model = Model(THRESHOLDS, 0.5, state=HALF_OPEN)
    breaker._become(HALF_OPEN)
    for number in range(3):
        breaker.call()
        model.began[number] = time.now, model.generation
    assert breaker.room
    assert not model.lets_in(time.now)
