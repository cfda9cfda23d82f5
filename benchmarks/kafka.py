"""What the Kafka adapter sends and reads, beside a bare kafka-python loop over the same records, in one run.

python -m benchmarks.kafka --bootstrap 127.0.0.1:9092 [--records 20000]
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from datetime import timedelta
from uuid import uuid4

from kafka import KafkaConsumer, KafkaProducer

from adapters.kafka import KafkaLog, create_topics
from adapters.kafka.records import message
from myticket_core.conformance.builders import NOW
from myticket_core.messages import Envelope

BATCH = 500  # what the relay gives to one publish()
SLICE = timedelta(seconds=1)
JOINED = timedelta(seconds=30)
"""At most so long until a new group has its first records."""


def envelopes(number: int) -> list[Envelope]:
    data = {"bookId": 5, "ticketId": 3, "price": 1500, "companyId": 1, "customerId": 1, "status": "BOOKED"}
    return [
        Envelope(f"{id:032x}", "Booked", "book", str(id % 1000), {"id": id, **data}, NOW, f"of-{id}", "cause", id)
        for id in range(1, number + 1)
    ]


async def main(bootstrap: str, number: int, partitions: int) -> None:
    ours, bare = f"bench_{uuid4().hex}", f"bench_{uuid4().hex}"
    for topic in (ours, bare):
        await create_topics(bootstrap, topic, partitions, 1)
    sent = envelopes(number)
    log = KafkaLog(bootstrap, ours, "bench")
    await log.publisher().publish(sent[:1])  # connected
    tell("send", await publish(log, sent), await bare_send(bootstrap, bare, sent))
    tell("read", await read(log, number), await bare_read(bootstrap, bare, number))
    await log.close()


async def publish(log: KafkaLog, sent: Sequence[Envelope]) -> float:
    """Records per second, as each of these."""
    publisher, began = log.publisher(), time.perf_counter()
    for start in range(0, len(sent), BATCH):
        await publisher.publish(sent[start : start + BATCH])
    return len(sent) / (time.perf_counter() - began)


async def bare_send(bootstrap: str, topic: str, sent: Sequence[Envelope]) -> float:
    """Everything into the producer, once it is connected, then one flush: no batch is confirmed before the next."""

    def run() -> float:
        with closing(KafkaProducer(bootstrap_servers=bootstrap, linger_ms=10, batch_size=64 * 1024)) as producer:
            producer.partitions_for(topic)
            began = time.perf_counter()
            for one in (message(topic, envelope) for envelope in sent):
                producer.send(topic, one.value, one.key, one.headers)
            producer.flush()
            return len(sent) / (time.perf_counter() - began)

    return await asyncio.to_thread(run)


async def read(log: KafkaLog, number: int) -> float:
    """As a reactor does: batches of 200, each committed; from the first one on, when it has joined its group."""
    reader = log.reader("bench")
    first = seen = len(await reader.read(200, JOINED))
    began = time.perf_counter()
    while seen < number:
        records = await reader.read(200, SLICE)
        await reader.commit(records)
        seen += len(records)
    return (seen - first) / (time.perf_counter() - began)


async def bare_read(bootstrap: str, topic: str, number: int) -> float:
    def run() -> float:
        options = {"group_id": topic, "auto_offset_reset": "earliest", "enable_auto_commit": False}
        with closing(KafkaConsumer(topic, bootstrap_servers=bootstrap, **options)) as consumer:
            first = seen = _polled(consumer, JOINED)
            began = time.perf_counter()
            while seen < number:
                seen += _polled(consumer, SLICE)
                consumer.commit()
            return (seen - first) / (time.perf_counter() - began)

    return await asyncio.to_thread(run)


def _polled(consumer: KafkaConsumer, at_most: timedelta) -> int:
    return sum(map(len, consumer.poll(at_most.total_seconds() * 1000, max_records=200).values()))


def tell(what: str, ours: float, bare: float) -> None:
    rates = f"{ours:8.0f} records/s, bare kafka-python {bare:8.0f}, ratio {ours / bare:.2f}"
    print(f"{what}: {rates}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--bootstrap", required=True)
    options.add_argument("--records", type=int, default=20_000)
    options.add_argument("--partitions", type=int, default=3)
    given = options.parse_args()
    asyncio.run(main(given.bootstrap, given.records, given.partitions))
