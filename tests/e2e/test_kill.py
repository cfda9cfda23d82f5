"""kill -9 of the whole system under load, again and again: nothing acknowledged is lost, and it all adds up.

More of it by hand: MYTICKET_TEST_KILLS=200 python -m pytest tests/e2e/test_kill.py
"""

from __future__ import annotations

import asyncio
import os
import random
from pathlib import Path

import pytest

from tests.e2e.load import Crowd, Diary
from tests.e2e.system import NO_GRAPHQL, System

KILLS = int(os.environ.get("MYTICKET_TEST_KILLS", "40"))
SEED = int(os.environ.get("MYTICKET_TEST_SEED", "20261122"))
CLIENTS = 24
HASTY = {
    **NO_GRAPHQL,
    "MYTICKET_HOLD_SECONDS": "2",
    "MYTICKET_PAYMENT_TIMEOUT_SECONDS": "1",
    "MYTICKET_LOG_LEVEL": "warning",
}


@pytest.mark.slow
async def test_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    chance = random.Random(SEED)
    async with System(tmp_path, dict(HASTY)) as system:
        crowd = Crowd(system, CLIENTS, chance)
        await crowd.open_up()
        for kill in range(KILLS):
            await _until_killed(crowd, chance.uniform(0.05, 0.9), with_deletion=kill % 10 == 9)
            await system.start()
        await crowd.rush(0.5)
        seconds, audit = await system.at_rest()
        print(f"\n{KILLS} kills, {crowd.diary.answers}, at rest after {seconds:.1f} s, {audit['compared']}")
        await _kept(system, crowd.diary)


async def _until_killed(crowd: Crowd, seconds: float, with_deletion: bool) -> None:
    if with_deletion:
        await crowd.delete_one()
    rush = asyncio.create_task(crowd.rush(seconds + 0.3))
    await asyncio.sleep(seconds)
    await crowd.system.kill()
    await rush


async def _kept(system: System, diary: Diary) -> None:
    """Every acknowledged booking is there, BOOKED unless somebody canceled it or deleted its ticket."""
    admin = await system.admin()
    assert diary.booked, "the crowd booked nothing: this run proves nothing"
    for id in diary.booked:
        answer = await system.ask("GET", f"/books/{id}", admin)
        assert answer.status == 200, f"booking {id} was acknowledged and is gone"
        may_be_canceled = id in diary.canceling or answer.body["ticketId"] in diary.deleted
        assert answer.body["status"] in ({"BOOKED", "CANCELED"} if may_be_canceled else {"BOOKED"}), answer.body
        assert id not in diary.canceled or answer.body["status"] == "CANCELED", answer.body
