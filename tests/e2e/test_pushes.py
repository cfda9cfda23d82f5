"""Payments are told of in browsers while alarm is killed: all of them, and again only what it had under way.

More of it, with what alarm had under way tried again by itself after its minute:
MYTICKET_TEST_PUSHES=10000 python -m pytest tests/e2e/test_pushes.py -s
"""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path

import pytest

from adapters.notify.vapid import new_key
from adapters.notify.web_push import OF_PLACE
from tests.e2e.system import System
from tests.e2e.test_mails import BUYERS, approved, count, happen, time_passes
from tests.services.push_service import PushService, pushing
from tests.until import until

TOLD = int(os.environ.get("MYTICKET_TEST_PUSHES", "500"))
AT_LENGTH = TOLD >= 1000
KILLS = max(1, TOLD // 1000)
UNDER_WAY = BUYERS * OF_PLACE
BEFORE = 50
"""Pushes that are answered before the first kill."""


@pytest.mark.slow
async def test_nothing_is_missing_though_alarm_is_killed_with_all_under_way_that_may_be(tmp_path: Path) -> None:
    settings = {"VAPID_KEY": new_key(), "VAPID_SUBJECT": "mailto:tickets@example.com"}
    async with pushing() as service, System(tmp_path, settings, words=("serve", "alarm")) as alarm:
        for number in range(1, BUYERS + 1):
            browser = service.browser(f"/{number}")
            put = await alarm.ask("PUT", "/contacts/push", await alarm.customer(number), browser.body)
            assert put.status == 200, put
        began = time.monotonic()
        await happen(tmp_path, [approved(number) for number in range(1, TOLD + 1)])
        unheard = 0
        for kill in range(KILLS):
            unheard += await killed(alarm, service, BEFORE + kill * TOLD // KILLS)
            if not AT_LENGTH:
                time_passes(tmp_path)
            await alarm.start()
        await until(lambda: count(tmp_path, "channel = 'push' AND status = 'DELIVERED'") == TOLD, 600)
        took = time.monotonic() - began
    again = len(service.taken) - TOLD
    print(f"\n{TOLD} pushes in {took:.1f} s; again: {again}, by {KILLS} kills of alarm")
    assert {it.said["bookId"] for it in service.taken} == set(range(1, TOLD + 1)), "nothing is missing"
    assert len({it.said["tag"] for it in service.taken}) == TOLD, "and a browser shows it once"
    assert unheard <= again <= UNDER_WAY * KILLS, "at most what may be under way"


async def killed(alarm: System, service: PushService, after: int) -> int:
    """Once so many were taken, and then, unanswered, as many as alarm has under way; how many those are."""
    await until(lambda: len(service.taken) >= after, 300)
    service.answering.clear()
    answered = len(service.taken)
    await until(lambda: len(service.taken) - answered >= min(UNDER_WAY, TOLD - answered), 60)
    await asyncio.sleep(0.6)  # what is tried is that there are no more
    await alarm.kill()
    service.answering.set()
    return len(service.taken) - answered
