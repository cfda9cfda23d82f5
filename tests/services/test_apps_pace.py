"""The pause between two batches: none when quiet or behind, short while there is time, long when there is not."""

from __future__ import annotations

import asyncio
from time import monotonic

import pytest
import uvloop
from attrs import evolve

from apps.pace import FULL, LATE, LONGEST, UNSEEN, Pace

SHORT = LONGEST / 8


def paced(events: int, late: float = 0.0, busy: float = 0.0) -> Pace:
    """So many a second, for five seconds; who pauses goes on so late, and the loop is so busy."""
    pace = Pace(at=0.0, spent=0.0)
    for tick in range(1, 101):
        pace.pause(max(1, events // 20), now=tick / 20, spent=busy * tick / 20)
        pace.woken(late)
    return pace


def turn(pace: Pace) -> float:
    """How long one is, from a moment that begins one of every length: the middle of it is in each."""
    return pace.pause(1, now=5.0 + LONGEST / 1000, spent=pace._spent) + LONGEST / 1000


def test_the_first_event_after_a_quiet_while_is_followed_by_no_pause():
    assert Pace(at=0.0, spent=0.0).pause(1, now=60.0, spent=0.0) == 0.0


@pytest.mark.parametrize("events, length", [(20, SHORT / 2), (120, SHORT), (1000, SHORT)])
def test_the_more_events_a_second_the_longer_but_never_long_while_there_is_time(events: int, length: float):
    assert turn(paced(events)) == pytest.approx(length)


@pytest.mark.parametrize("events, length", [(20, SHORT / 2), (120, LONGEST / 2), (1000, LONGEST)])
def test_who_goes_on_late_lets_more_come_together(events: int, length: float):
    assert turn(paced(events, late=2 * LATE)) == pytest.approx(length)


@pytest.mark.parametrize("busy, length", [(0.5, SHORT), (0.7, 2 * SHORT), (0.8, 4 * SHORT), (0.95, LONGEST)])
def test_and_so_does_who_has_little_time_left(busy: float, length: float):
    assert turn(paced(1000, busy=busy)) == pytest.approx(length)


def test_who_shares_the_machine_with_the_other_services_lets_more_come_together():
    assert turn(evolve(paced(1000), alone=False)) == pytest.approx(LONGEST)


@pytest.mark.parametrize("events, length", [(120, UNSEEN / 4), (300, UNSEEN / 2), (1000, UNSEEN)])
def test_what_nobody_waits_for_comes_together_for_longer_and_ends_between_two_moments_of_who_tells(events, length):
    pace = evolve(paced(events), alone=False, longest=UNSEEN, behind=0.5)
    end = 5.0 + pace.pause(1, now=5.0, spent=pace._spent)
    assert end % length == pytest.approx(min(length, LONGEST) / 2)


def test_it_is_short_again_when_there_is_time_again():
    pace = paced(1000, late=2 * LATE)
    for _ in range(20):
        pace.woken(0.001)
    assert turn(pace) == pytest.approx(SHORT)


def test_all_go_on_at_the_same_moments_and_who_listens_half_a_turn_behind():
    telling, listening = paced(1000), evolve(paced(1000), behind=0.5)
    for pace, end in ((telling, 5.0125), (listening, 5.00625)):
        assert {round(now + evolve(pace).pause(1, now, 0.0), 9) for now in (5.001, 5.004, 5.0061)} == {end}
    assert 5.007 + listening.pause(1, 5.007, 0.0) == pytest.approx(5.01875)


def test_a_batch_that_is_large_is_followed_by_the_next_at_once():
    assert paced(1000).pause(FULL, now=5.01, spent=0.0) == 0.0


def test_nothing_done_is_no_pause():
    """Waiting for work is for who has found none."""
    assert paced(1000).pause(0, now=5.01, spent=0.0) == 0.0


def test_nobody_goes_on_before_the_moment():
    """A batch before it would be followed by another one at it, of what little came in between."""

    async def early() -> list[float]:
        pace, found = evolve(paced(1000), at=monotonic()), []
        for _ in range(40):
            began = monotonic()
            await pace.breathe(1)
            between = pace._between()
            found.append(began // between * between + between - monotonic() if between else 0.0)
        return [it for it in found if it > 0]

    assert uvloop.run(early()) == []


async def test_what_the_loop_is_busy_with_is_measured():
    pace, until = Pace(), asyncio.get_running_loop().time() + 0.3
    while asyncio.get_running_loop().time() < until:
        pass
    await pace.breathe(1)
    assert pace._busy > 0
