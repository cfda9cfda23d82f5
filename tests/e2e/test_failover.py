"""The PostgreSQL of all is lost for good while a crowd books; the one that followed it takes its place."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest

from tests.e2e.five import Five
from tests.e2e.load import CALM, Crowd
from tests.e2e.resting import at_rest, kept
from tests.e2e.system import QUIET
from tests.real import KEEPING, RealServices
from tests.services.replicated import pair

BEFORE, AFTER = 4.0, 8.0
CLIENTS, PAUSE = 8, 0.1


@pytest.mark.slow
async def test_what_was_acknowledged_before_is_there_after(
    tmp_path: Path, real_services: RealServices, mongodb_url: str, kafka: str
) -> None:
    async with (
        pair(lambda: real_services.own(KEEPING[0])) as two,
        Five(tmp_path, two.url, mongodb_url, kafka, settings=QUIET) as five,
    ):
        crowd = Crowd(five, CLIENTS, random.Random(1), cards=CALM, pause=PAUSE)
        await crowd.open_up()
        async with crowd.rushing():
            await asyncio.sleep(BEFORE)
            await two.fail_over()
            before = len(crowd.diary.booked)
            await asyncio.sleep(AFTER)
        rest = await at_rest(five)
        booked = len(crowd.diary.booked)
        print(f"\n{before} bookings before, {booked - before} after; {dict(crowd.diary.answers)}; {rest}")
        await kept(five, crowd.diary)
        assert booked > before > 0
        assert 500 not in crowd.diary.answers
