"""Every named place in which a process may die or stand still, while the scenario goes on.

Here each point once before and once after, one of them a kill and the other a stop. By hand all four, as often as
wanted: MYTICKET_TEST_CRASHES=20 python -m pytest tests/e2e/test_crash_points.py -s; of a single service or point:
MYTICKET_TEST_POINTS="book: commit a hold".
"""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import count, product
from pathlib import Path

import pytest

from tests.e2e.crash_points import ALL, POINTS
from tests.e2e.crashing import Crashing
from tests.e2e.orders import AFTER, BEFORE, KILL, STOP, Order
from tests.e2e.people import People
from tests.e2e.resting import at_rest, kept

TIMES = int(os.environ.get("MYTICKET_TEST_CRASHES", "0"))
ONLY = os.environ.get("MYTICKET_TEST_POINTS", "")
SEED = int(os.environ.get("MYTICKET_TEST_SEED", "20261122"))
NAMES = ("a", "b", "c")
PAIRS = (((BEFORE, KILL), (AFTER, STOP)), ((BEFORE, STOP), (AFTER, KILL)))
SHORT, LONG = 0.3, 12.0
"""Seconds to stand still: a moment, and longer than a leader's lease and a consumer's session."""


@pytest.mark.slow
async def test_each_point(tmp_path: Path, postgres_url: str, mongodb_url: str, kafka: str) -> None:
    chance = random.Random(SEED)
    orders = {service: _orders(service, chance) for service in ALL}
    async with Crashing(tmp_path, postgres_url, mongodb_url, kafka) as five:
        async with _living(five) as people:
            began = time.monotonic()
            await asyncio.gather(*(_go_through(five, service, orders[service]) for service in ALL))
            await _another_round(people)
        rest = await at_rest(five)
        number = sum(map(len, orders.values()))
        rounds = sum(each.rounds for each in people)
        print(f"\n{number} crashes and stops in {time.monotonic() - began:.0f} s, {rounds} rounds, {rest}")
        for each in people:
            await kept(five, each.diary)


def _orders(service: str, chance: random.Random) -> Sequence[Order]:
    """In any order; in the long form not only at the first call."""
    numbers = count()
    points = [point.name for point in POINTS if service in point.services and ONLY in f"{service}: {point.name}"]
    all_four = [*product(points, (BEFORE, AFTER), (KILL, STOP))]
    one_of_each = [case for nth, point in enumerate(points) for case in ((point, *how) for how in PAIRS[nth % 2])]
    cases = all_four * TIMES or one_of_each
    chance.shuffle(cases)
    return [Order(*case, call=chance.randint(1, 3) if TIMES else 1, number=next(numbers)) for case in cases]


async def _go_through(five: Crashing, service: str, orders: Sequence[Order]) -> None:
    for order in orders:
        began = time.monotonic()
        await five.carry_out(service, order, LONG if _is_long(order) else SHORT)
        print(f"{service}: {order}, {time.monotonic() - began:.1f} s")


async def _another_round(people: Sequence[People]) -> None:
    """Of everybody: it begins after the last crash, and shows that all works again."""
    before = [each.rounds for each in people]
    async with asyncio.timeout(120):
        while any(each.rounds < was + 2 for each, was in zip(people, before, strict=True)):  # noqa: ASYNC110
            await asyncio.sleep(0.05)


def _is_long(order: Order) -> bool:
    """One stop in so many."""
    return order.how == STOP and order.number % 16 == 5


@asynccontextmanager
async def _living(five: Crashing) -> AsyncIterator[Sequence[People]]:
    """They go on meanwhile; what is wrong with an answer fails the test."""
    people = [People(five, name) for name in NAMES]
    await asyncio.gather(five.organizer(), five.customer(), five.admin())
    lives = [asyncio.create_task(each.live()) for each in people]
    try:
        yield people
    finally:
        for life in lives:
            life.cancel()
        for failed in await asyncio.gather(*lives, return_exceptions=True):
            if not isinstance(failed, asyncio.CancelledError):
                raise failed
