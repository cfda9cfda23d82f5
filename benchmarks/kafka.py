"""What the Kafka adapter sends and reads, beside a bare kafka-python loop over the same records, in one run.

python -m benchmarks.kafka --bootstrap 127.0.0.1:9092 [--records 20000]
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
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
    tell("send", number, await timed(lambda: publish(log, sent)), await timed(lambda: bare_send(bootstrap, bare, sent)))
    tell(
        "read", number, await timed(lambda: read(log, number)), await timed(lambda: bare_read(bootstrap, bare, number))
    )
    await log.close()


async def publish(log: KafkaLog, sent: list[Envelope]) -> None:
    publisher = log.publisher()
    for start in range(0, len(sent), BATCH):
        await publisher.publish(sent[start : start + BATCH])


async def bare_send(bootstrap: str, topic: str, sent: list[Envelope]) -> None:
    """Everything into the producer, then one flush: no batch is confirmed before the next."""

    def run() -> None:
        with closing(KafkaProducer(bootstrap_servers=bootstrap, linger_ms=10, batch_size=64 * 1024)) as producer:
            for one in (message(topic, envelope) for envelope in sent):
                producer.send(topic, one.value, one.key, one.headers)
            producer.flush()

    await asyncio.to_thread(run)


async def read(log: KafkaLog, number: int) -> None:
    """As a reactor does: batches of 200, each committed."""
    reader, seen = log.reader("bench"), 0
    while seen < number:
        records = await reader.read(200, SLICE)
        await reader.commit(records)
        seen += len(records)


async def bare_read(bootstrap: str, topic: str, number: int) -> None:
    def run() -> None:
        options = {"group_id": topic, "auto_offset_reset": "earliest", "enable_auto_commit": False}
        with closing(KafkaConsumer(topic, bootstrap_servers=bootstrap, **options)) as consumer:
            seen = 0
            while seen < number:
                seen += sum(map(len, consumer.poll(200, max_records=200).values()))
                consumer.commit()

    await asyncio.to_thread(run)


async def timed(work: Callable[[], Awaitable[None]]) -> float:
    began = time.perf_counter()
    await work()
    return time.perf_counter() - began


def tell(what: str, number: int, ours: float, bare: float) -> None:
    rates = f"{number / ours:8.0f} records/s, bare kafka-python {number / bare:8.0f}, ratio {bare / ours:.2f}"
    print(f"{what}: {rates}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--bootstrap", required=True)
    options.add_argument("--records", type=int, default=20_000)
    options.add_argument("--partitions", type=int, default=3)
    given = options.parse_args()
    asyncio.run(main(given.bootstrap, given.records, given.partitions))
