"""A topic on a real broker, and ways to write to it and read from it that are not ours."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, closing
from datetime import timedelta
from typing import Any

import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from adapters.kafka import KafkaLog, Security
from myticket_core.conformance.log_store import envelope, ids, take
from myticket_core.messages import Envelope
from myticket_core.ports import EventLog, Record

NOBODY = "127.0.0.1:1"
STEP = 0.01
UNCLOSED = [
    pytest.mark.usefixtures("swept"),
    pytest.mark.filterwarnings("ignore:.*<(socket.socket|ssl.SSLSocket):pytest.PytestUnraisableExceptionWarning"),
]
"""For tests without a broker: kafka-python forgets to close a socket that could not connect."""


@asynccontextmanager
async def opened(
    bootstrap: str, topic: str, service: str = "test", prefix: str | None = None, security: Security | None = None
) -> AsyncIterator[KafkaLog]:
    """With groups of this topic only, unless said."""
    log = KafkaLog(bootstrap, topic, service, prefix or f"{topic}.", security or Security())
    try:
        yield log
    finally:
        await log.close()


def envelopes(number: int, key: str = "1") -> list[Envelope]:
    return [envelope(key) for _ in range(number)]


def wrote(bootstrap: str, topic: str, *records: dict[str, Any]) -> None:
    """As others write."""
    with closing(KafkaProducer(bootstrap_servers=bootstrap)) as producer:
        for record in records:
            producer.send(topic, **record).get(10)


async def lies(bootstrap: str, topic: str) -> list[Any]:
    """Everything in the topic, by kafka-python alone."""
    return await asyncio.to_thread(_lies, bootstrap, topic)


def _lies(bootstrap: str, topic: str) -> list[Any]:
    found: list[Any] = []
    with closing(KafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest")) as consumer:
        places = [TopicPartition(topic, number) for number in consumer.partitions_for_topic(topic)]
        consumer.assign(places)
        ends = consumer.end_offsets(places)
        while any(consumer.position(place) < ends[place] for place in places):
            for some in consumer.poll(500).values():
                found += some
    return found


def named(records: Iterable[Any]) -> list[str]:
    """The event ids of records as kafka-python has them."""
    return [dict(record.headers)["ce_id"].decode() for record in records]


async def none_of(reader: EventLog, seconds: float) -> list[Record]:
    """What comes in that time, which should be nothing."""
    return list(await reader.read(100, timedelta(seconds=seconds)))


class Stopwatch:
    def __enter__(self) -> Stopwatch:
        self.began = time.monotonic()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds = time.monotonic() - self.began


async def longest_stall(work: Any) -> float:
    """The longest the event loop did nothing else while `work` ran, in seconds.

    A thread beside it counts them: when the machine or the garbage collector stops both, nobody has blocked the loop.
    """
    missed, longest, over, task = 0, 0, threading.Event(), asyncio.ensure_future(work)

    def witness() -> None:
        nonlocal missed, longest
        while not over.wait(STEP):
            missed += 1
            longest = max(longest, missed)

    thread = threading.Thread(target=witness)
    thread.start()
    try:
        while not task.done():
            missed = 0
            await asyncio.sleep(STEP)
    finally:
        over.set()
        thread.join()
    await asyncio.gather(task, return_exceptions=True)
    return longest * STEP


__all__ = ["envelope", "ids", "take"]
