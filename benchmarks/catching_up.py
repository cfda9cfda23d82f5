"""How fast alarm and my page work off what they missed: real processes, on PostgreSQL, documents and Kafka, one by one.

python -m benchmarks.catching_up [--events 20000]
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import psutil
from kafka import KafkaConsumer, TopicPartition

from adapters.kafka import KafkaLog, create_topics
from adapters.system import SystemClock
from myticket_core.messages import Envelope
from scripts.services import Documents, Kafka, Postgres
from tests.e2e.five import Five

QUIET = {"MYTICKET_LOG_LEVEL": "warning"}
BATCH = 500
PARTITIONS = 6


def said(events: int) -> Iterator[Envelope]:
    """Half of them Booked, half PaymentApproved: what a booking says."""
    clock = SystemClock()
    about = {"ticketId": 1, "price": 15000, "companyId": 1, "customerId": 1, "startDate": None, "endDate": None}
    for id in range(1, events // 2 + 1):
        booked = {"id": id, "status": "BOOKED", "paymentId": id, **about}
        approved = {"id": id, "bookId": id, "status": "APPROVED", **about}
        for kind, source, data in (("Booked", "book", booked), ("PaymentApproved", "pay", approved)):
            yield Envelope(f"{kind}{id:032x}", kind, source, str(id), data, clock.now(), f"of-{id}", "cause", 1)


async def main(events: int) -> None:
    with ExitStack() as running, tempfile.TemporaryDirectory() as folder:
        postgres, documents, kafka = (running.enter_context(kind()) for kind in (Postgres, Documents, Kafka))
        five = Five(Path(folder), postgres.url, documents.url, kafka.url, settings=QUIET, order=())
        async with five:
            await _backlog(five, events)
            for service, store in (("alarm", postgres), ("mypage", documents)):
                await _measured(five, service, psutil.Process(store.pid), events)


async def _backlog(five: Five, events: int) -> None:
    await create_topics(five.kafka, five.made.name, PARTITIONS, 1)
    log = KafkaLog(five.kafka, five.made.name, "bench")
    publisher, all_said = log.publisher(), list(said(events))
    for start in range(0, events, BATCH):
        await publisher.publish(all_said[start : start + BATCH])
    await log.close()


async def _measured(five: Five, service: str, store: psutil.Process, events: int) -> None:
    """From when it has begun until it has read all."""
    await five.start_one(service)
    process = psutil.Process(five.replica(service).process.pid)  # type: ignore[union-attr]
    with closing(KafkaConsumer(bootstrap_servers=five.kafka, group_id=five.made.groups + service)) as watching:
        first = await _until(watching, five.made.name, 1)
        began, spent = time.perf_counter(), (_spent(process), _spent(store))
        done = await _until(watching, five.made.name, events) - first
    seconds, (its, stores) = time.perf_counter() - began, spent
    each = [1000 * (now - before) / done for now, before in ((_spent(process), its), (_spent(store), stores))]
    print(f"{service}: {done / seconds:6.0f} events/s; CPU of an event {each[0]:.2f} ms, its store's {each[1]:.2f} ms")
    await five.stop(service)


def _spent(process: psutil.Process) -> float:
    """Seconds of CPU so far, with what it has started."""
    return sum(sum(it.cpu_times()[:2]) for it in (process, *process.children(recursive=True)))


async def _until(watching: KafkaConsumer, topic: str, number: int) -> int:
    """How many records its group has committed, once there are so many."""
    places = [TopicPartition(topic, partition) for partition in range(PARTITIONS)]
    while True:
        done = sum([await asyncio.to_thread(watching.committed, place) or 0 for place in places])
        if done >= number:
            return int(done)
        await asyncio.sleep(0.2)


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--events", type=int, default=20_000)
    asyncio.run(main(options.parse_args().events))
