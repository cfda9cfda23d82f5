"""Consumers that are away, or come and go, while a crowd books: nobody who books notices, and nothing is done twice.

More of it: MYTICKET_TEST_AWAY=600 (seconds) python -m pytest tests/e2e/test_away.py -s
"""

from __future__ import annotations

import asyncio
import os
import random
from pathlib import Path

import pytest

from scripts.installation import SERVICES
from tests.e2e.five import Five
from tests.e2e.load import CALM, Crowd
from tests.e2e.resting import at_rest, kept
from tests.e2e.system import QUIET

AWAY = float(os.environ.get("MYTICKET_TEST_AWAY", "15"))
TOGETHER = AWAY / 3
CLIENTS, PAUSE = 8, 0.2
"""Some thirty bookings a second: what is looked at afterwards stays within what an audit reads in seconds."""
ANSWERS = {201, 204, 402, 409}
"""Booked, canceled, declined, sold out: everything but trouble."""
CONSUMERS = ("book", "pay", "alarm", "mypage")


@pytest.mark.slow
async def test_alarm_and_mypage_are_down(tmp_path: Path, postgres_url: str, mongodb_url: str, kafka: str) -> None:
    async with Five(tmp_path, postgres_url, mongodb_url, kafka, settings=QUIET) as five:
        crowd = await _crowd(five)
        async with crowd.rushing():
            await asyncio.gather(five.stop("alarm"), five.kill("mypage"))
            await asyncio.sleep(AWAY)
        booked = len(crowd.diary.booked)
        await five.start("alarm", "mypage")
        rest = await at_rest(five)
        print(f"\n{booked} bookings while they were down for {AWAY:g} s; {rest}")
        await kept(five, crowd.diary)
        assert not crowd.diary.answers.keys() - ANSWERS, crowd.diary.answers


@pytest.mark.slow
async def test_one_then_three_then_one(tmp_path: Path, postgres_url: str, mongodb_url: str, kafka: str) -> None:
    """Two more of each consumer join under load and go again, some in good order and some not."""
    async with Five(tmp_path, postgres_url, mongodb_url, kafka, replicas=3, settings=QUIET, order=()) as five:
        await asyncio.gather(*(five.start_one(service) for service in SERVICES))
        crowd = await _crowd(five)
        async with crowd.rushing():
            await asyncio.sleep(TOGETHER / 2)
            for number in (1, 2):
                await asyncio.gather(*(five.start_one(service, number) for service in CONSUMERS))
            await asyncio.sleep(TOGETHER)
            await asyncio.gather(*(five.stop(service, 1) for service in CONSUMERS))
            await asyncio.gather(*(five.kill(service, 2) for service in CONSUMERS))
            await asyncio.sleep(TOGETHER / 2)
        rest = await at_rest(five)
        print(f"\n1 → 3 → 1, {len(crowd.diary.booked)} bookings; {rest}")
        await kept(five, crowd.diary)
        assert crowd.diary.booked


async def _crowd(five: Five) -> Crowd:
    crowd = Crowd(five, CLIENTS, random.Random(1), cards=CALM, pause=PAUSE)
    await crowd.open_up()
    return crowd
