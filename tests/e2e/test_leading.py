"""Three relays on one outbox, the leader stopped for twice its lease: nothing is lost, and no key is out of order.

More of it: MYTICKET_TEST_EVENTS=100000 python -m pytest tests/e2e/test_leading.py -s
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from adapters.persistence.postgres.leading import LEASE
from myticket_core.relay import Relay
from tests.e2e.crashing import Crashing
from tests.e2e.orders import BEFORE, STOP, Order
from tests.e2e.relays import KEYS, feed, first_versions, leader, published

EVENTS = int(os.environ.get("MYTICKET_TEST_EVENTS", "5000"))
STOPPED_FOR = 2 * LEASE / 1000
BATCH = Relay.__init__.__defaults__[0]  # type: ignore[index]
QUIET = 2000


def _three(data: Path, postgres_url: str, mongodb_url: str, kafka: str) -> Crashing:
    return Crashing(data, postgres_url, mongodb_url, kafka, replicas=3, order=("ticket",))


@pytest.mark.slow
async def test_a_leader_that_stood_still(tmp_path: Path, postgres_url: str, mongodb_url: str, kafka: str) -> None:
    """It stands still with a batch in hand, which its successor publishes; it goes on with that when it goes on."""
    async with _three(tmp_path, postgres_url, mongodb_url, kafka) as five:
        feeding = asyncio.create_task(feed(five, EVENTS, STOPPED_FOR + 8))
        await asyncio.sleep(4)
        first = await leader(five)
        stopping = asyncio.create_task(five.carry_out("ticket", Order("publish", BEFORE, STOP), STOPPED_FOR))
        await asyncio.sleep(STOPPED_FOR - 2)
        second = await leader(five)
        assert second != first
        await stopping
        await feeding
        records = await published(five, EVENTS)
        print(f"\n{EVENTS} events, led by {first}, then by {second}; {len(records) - EVENTS} repeats in the log")
        assert _in_order(records)
        assert len(records) <= EVENTS + 2 * BATCH, "what a leader repeats is what it had in hand"


@pytest.mark.slow
async def test_one_of_three_leads(tmp_path: Path, postgres_url: str, mongodb_url: str, kafka: str) -> None:
    """Where nothing happens to anybody, each event is in the log once; without the lock it is there more often."""
    async with _three(tmp_path, postgres_url, mongodb_url, kafka) as five:
        await feed(five, QUIET, 2)
        records = await published(five, QUIET)
        assert _in_order(records)
        assert len(records) == QUIET
        await asyncio.gather(*(five.kill("ticket", number) for number in range(3)))
        five.settings = {"WITHOUT_GUARD": "no_leader"}
        await five.start("ticket")
        await feed(five, QUIET, 2, after=QUIET)
        records = await published(five, 2 * QUIET)
        assert _in_order(records)
        assert len(records) > 2 * QUIET


def _in_order(records: list[object]) -> bool:
    versions = first_versions(records)
    assert len(versions) == KEYS
    assert sum(map(len, versions.values())) == len({dict(it.headers)["ce_id"] for it in records})
    return all(found == list(range(1, len(found) + 1)) for found in versions.values())
