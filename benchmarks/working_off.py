"""How fast real processes work off events that wait for them, and what that takes of the processor."""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import closing
from typing import Final, TypeAlias

import asyncpg
import psutil
from attrs import frozen
from kafka import KafkaConsumer, TopicPartition

from tests.e2e.five import Five, Replica

PARTITIONS: Final = 6
BETWEEN: Final = 0.2
"""Seconds from one look at what is done to the next."""
FEWEST: Final = 4
"""Looks, without which too little was seen of it."""

_LEFT: Final = "SELECT count(*) FROM outbox WHERE NOT published"

Done: TypeAlias = Callable[[], Awaitable[int]]
"""How many events so far."""


@frozen
class Work:
    """So many events in so many seconds; seconds of CPU of who does it, and of its store."""

    events: int
    seconds: float
    cpu: float
    stores: float

    def since(self, before: Work) -> Work:
        return Work(
            self.events - before.events,
            self.seconds - before.seconds,
            self.cpu - before.cpu,
            self.stores - before.stores,
        )

    @property
    def per_second(self) -> float:
        return self.events / self.seconds

    def each(self) -> str:
        cpu, stores = (1000 * spent / self.events for spent in (self.cpu, self.stores))
        return f"CPU of an event {cpu:.2f} ms, its store's {stores:.2f} ms"


async def relayed(five: Five, store: psutil.Process, events: int) -> Work:
    """Book publishes what lies in its outbox."""
    connection = await asyncpg.connect(five.made.store("book"))

    async def done() -> int:
        return events - int(await connection.fetchval(_LEFT))

    try:
        return await _worked_off(five, "book", store, done, events)
    finally:
        await connection.close()


async def consumed(five: Five, service: str, store: psutil.Process, events: int) -> Work:
    """The service reads what lies in the topic; what it has committed is done."""
    places = [TopicPartition(five.made.name, partition) for partition in range(PARTITIONS)]
    with closing(KafkaConsumer(bootstrap_servers=five.kafka, group_id=five.made.groups + service)) as watching:

        async def done() -> int:
            return sum([await asyncio.to_thread(watching.committed, place) or 0 for place in places])

        return await _worked_off(five, service, store, done, events)


async def rebuilt(five: Five, store: psutil.Process) -> Work:
    """The whole command, its start included."""
    began = Work(0, time.perf_counter(), _of_commands(), spent(store))
    told = json.loads(await five.run("rebuild", "mypage", "--json"))
    return Work(told["records"], time.perf_counter(), _of_commands(), spent(store)).since(began)


async def _worked_off(five: Five, service: str, store: psutil.Process, done: Done, events: int) -> Work:
    """From the first look at which some were done until the last one at which some were left."""
    await five.start_one(service)
    looks = [look async for look in _looks(five.replica(service), store, done, events)]
    await five.stop(service)
    if len(looks) < FEWEST:
        sys.exit(f"{service} was done with {events} events after {len(looks)} looks: give more --events")
    return looks[-2].since(looks[0])


async def _looks(replica: Replica, store: psutil.Process, done: Done, events: int) -> AsyncIterator[Work]:
    """Once it has begun, until it has done all."""
    assert replica.process is not None
    process, so_far = psutil.Process(replica.process.pid), 0
    while so_far < events:
        assert replica.running, replica.tail()
        await asyncio.sleep(BETWEEN)
        so_far = await done()
        if so_far:
            yield Work(so_far, time.perf_counter(), spent(process), spent(store))


def spent(process: psutil.Process) -> float:
    """Seconds of CPU so far, with what it has started."""
    return sum(sum(it.cpu_times()[:2]) for it in (process, *process.children(recursive=True)))


def _of_commands() -> float:
    """Seconds of CPU of those that were started here and have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
