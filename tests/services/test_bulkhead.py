"""The bulkhead: as many as there are places, the rest in the order of coming, and never a place lost."""

from __future__ import annotations

import asyncio
import random

import pytest

from adapters.rest.bulkhead import LEAST, LINE, SHRINK, Bulkhead, Full


class Guests:
    """Callers that stay inside until they are sent out."""

    def __init__(self, bulkhead: Bulkhead) -> None:
        self.bulkhead, self.inside, self.most = bulkhead, [], 0
        self.tasks: dict[int, asyncio.Task[str]] = {}
        self.leave: dict[int, asyncio.Event] = {}

    async def come(self, *numbers: int) -> None:
        for number in numbers:
            self.leave[number] = asyncio.Event()
            self.tasks[number] = asyncio.create_task(self._guest(number))
            await asyncio.sleep(0)

    async def go(self, *numbers: int) -> None:
        for number in numbers:
            self.leave[number].set()
            await self.tasks[number]
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    async def _guest(self, number: int) -> str:
        try:
            async with self.bulkhead.place():
                self.inside.append(number)
                self.most = max(self.most, len(self.inside))
                try:
                    await self.leave[number].wait()
                finally:
                    self.inside.remove(number)
                return "was inside"
        except Full:
            return "full"


def small(places: int = 2, patience: float = 60.0) -> Bulkhead:
    return Bulkhead(places, swift=1.0, patience=patience)


async def test_who_waits_comes_in_in_the_order_of_coming():
    guests = Guests(small())
    await guests.come(1, 2, 3, 4)
    assert (guests.inside, guests.bulkhead.waiting) == ([1, 2], 2)
    await guests.go(2)
    assert guests.inside == [1, 3]
    await guests.go(1)
    assert guests.inside == [3, 4]
    await guests.go(3, 4)
    assert (guests.inside, guests.bulkhead.inside, guests.bulkhead.waiting) == ([], 0, 0)


async def test_the_line_has_an_end_and_patience_too():
    guests = Guests(small(patience=0.05))
    line = range(3, 3 + 2 * LINE)
    await guests.come(1, 2, *line, 99)
    assert await guests.tasks[99] == "full", "at once: there is no room to wait"
    assert not guests.tasks[line[-1]].done()
    assert {await guests.tasks[number] for number in line} == {"full"}
    await guests.go(1, 2)
    await guests.come(100)
    assert guests.inside == [100]
    await guests.go(100)


async def test_who_waits_is_told_at_once_when_nobody_is_asked_any_more():
    guests = Guests(small())
    await guests.come(1, 2, 3)
    guests.bulkhead.dismiss()
    assert await guests.tasks[3] == "full"
    await guests.come(4)
    assert guests.inside == [1, 2, 4], "who hangs inside is not waited for"
    await guests.go(1, 2)
    assert guests.bulkhead.inside == 1
    await guests.go(4)
    assert guests.bulkhead.inside == 0


async def test_a_place_given_to_one_who_goes_away_in_that_moment_goes_to_the_next():
    guests = Guests(small(1))
    await guests.come(1, 2)
    guests.tasks[2].cancel()
    await guests.go(1)
    with pytest.raises(asyncio.CancelledError):
        await guests.tasks[2]
    assert guests.bulkhead.inside == 0
    guests = Guests(Bulkhead(1, swift=1.0, patience=60.0))
    await guests.come(1)
    await guests.come(2)
    guests.leave[1].set()
    await asyncio.sleep(0)
    guests.tasks[2].cancel()  # the place is its own already, and it has not run since
    with pytest.raises(asyncio.CancelledError):
        await guests.tasks[2]
    assert guests.bulkhead.inside == 0


@pytest.mark.parametrize("seed", range(20))
async def test_whoever_comes_goes_or_is_canceled_no_place_is_lost_and_none_is_given_twice(seed):
    chance, guests, number, dismissed = random.Random(seed), Guests(small(3, 0.001)), 0, False
    for _ in range(300):
        what = chance.random()
        there = [it for it, task in guests.tasks.items() if not task.done()]
        if what < 0.5 or not there:
            number += 1
            await guests.come(number)
        elif what < 0.8:
            guests.leave[chance.choice(there)].set()
        elif what < 0.95:
            guests.tasks[chance.choice(there)].cancel()
        elif what < 0.97 and seed % 2:
            dismissed = True
            guests.bulkhead.dismiss()
        else:
            await asyncio.sleep(0.001)
    for leave in guests.leave.values():
        leave.set()
    await asyncio.gather(*guests.tasks.values(), return_exceptions=True)
    assert dismissed or guests.most <= 3
    assert (guests.bulkhead.inside, guests.bulkhead.waiting) == (0, 0)


class Time:
    now = 100.0

    def __call__(self) -> float:
        return self.now


async def test_places_follow_the_delay_of_the_answers():
    """A far side that answers 40 questions a second: what is inside waits there, so that fewer places are as good."""
    time = Time()
    bulkhead = Bulkhead(64, swift=0.5, clock=time)
    seen = []
    for _ in range(4000):
        bulkhead.inside = bulkhead.places  # as many come as there are places
        began = time.now
        time.now += 1 / 40
        bulkhead.answered(began - (bulkhead.places - 1) / 40, good=True)
        seen.append(bulkhead.places)
    assert max(seen) < 64
    assert all(LEAST <= places <= 21 for places in seen[-2000:]), "40 a second for half a second, and one more"
    assert min(seen[-2000:]) >= int(20 * SHRINK) - 1


async def test_places_grow_while_all_goes_well_and_only_when_they_are_used():
    bulkhead = Bulkhead(64, swift=0.5, clock=Time())
    bulkhead.inside = 1
    for _ in range(100):
        bulkhead.answered(100.0, good=True)
    assert bulkhead.places == 8
    grow(bulkhead)
    assert bulkhead.places == 64


def grow(bulkhead: Bulkhead) -> None:
    for _ in range(100):
        bulkhead.inside = bulkhead.places
        bulkhead.answered(100.0, good=True)


async def test_failures_shrink_it_once_for_all_that_was_asked_before():
    time = Time()
    bulkhead = Bulkhead(64, swift=0.5, clock=time)
    grow(bulkhead)
    for _ in range(50):
        bulkhead.answered(time.now - 1, good=False)
    assert bulkhead.places == int(64 * SHRINK)
    for _ in range(50):
        time.now += 1
        bulkhead.answered(time.now, good=False)
    assert bulkhead.places == LEAST
