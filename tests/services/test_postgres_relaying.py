"""On a real PostgreSQL: a replica that does not lead its relay waits, whatever is said meanwhile."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from adapters.persistence import SqlOutbox
from apps.runtime import Workers
from apps.workers import relaying
from tests.services.postgres_world import administering, two
from tests.services.stores import Bookings


class Published(asyncio.Event):
    async def publish(self, envelopes):
        self.set()


class Asked:
    """A leader, and how often it was asked whether it is one."""

    def __init__(self, leader):
        self.leader, self.times = leader, 0

    async def leads(self):
        self.times += 1
        return await self.leader.leads()


@pytest.fixture
async def replicas(postgres_database):
    async with two(postgres_database, "book") as made:
        yield made


async def test_who_does_not_lead_waits_and_takes_over(replicas):
    leader, other = replicas
    assert await leader.leader.leads()
    published, asked = Published(), Asked(other.leader)
    workers = Workers([relaying("book", SqlOutbox(other), published, asked, alone=False)])
    workers.start()
    try:
        await Bookings(other).offer(1)
        await Bookings(other).hold("k")  # which says that it is sold out
        before = asked.times
        await asyncio.sleep(1.5)
        assert asked.times - before <= 3, "in turns of a second"
        assert not published.is_set()
        await leader.leader.close()
        async with asyncio.timeout(10):
            await published.wait()
    finally:
        await workers.stop(timedelta(seconds=2))


async def test_another_version_beside_it_does_not_lead_as_well(replicas, postgres_database):
    assert await replicas[0].leader.leads()
    async with administering(postgres_database) as other:
        assert not await other.fetchval("SELECT pg_try_advisory_lock(592840848)")
