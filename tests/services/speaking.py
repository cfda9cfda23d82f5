"""Each real server's own protocol: write numbers until it is gone, and read what is there."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

import asyncpg
from attrs import frozen
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import NewTopic
from kafka.errors import KafkaError
from pymongo import MongoClient
from pymongo.errors import PyMongoError

TOPIC = "numbers"
GONE = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)
"""What asyncpg raises when the server was killed: the third if that was just between two statements."""
PARTITION = TopicPartition(TOPIC, 0)


@frozen
class Speaking:
    write: Callable[[str, list[int]], None]
    """0, 1, 2… until the server is gone; each is put in the list once it was acknowledged."""
    read: Callable[[str], set[int]]


def _write_rows(url: str, acknowledged: list[int]) -> None:
    async def rows() -> None:
        server = await asyncpg.connect(url)
        await server.execute("CREATE TABLE numbers (number int)")
        while True:
            await server.execute("INSERT INTO numbers VALUES ($1)", len(acknowledged))
            acknowledged.append(len(acknowledged))

    with contextlib.suppress(*GONE):
        asyncio.run(rows())


def until_gone(url: str, statement: str) -> None:
    """Execute an endless statement until the server is killed."""

    async def statements() -> None:
        server = await asyncpg.connect(url)
        await server.execute(statement)

    with contextlib.suppress(*GONE):
        asyncio.run(statements())


def _read_rows(url: str) -> set[int]:
    async def rows() -> set[int]:
        server = await asyncpg.connect(url)
        try:
            return {row["number"] for row in await server.fetch("SELECT number FROM numbers")}
        finally:
            await server.close()

    return asyncio.run(rows())


def _write_documents(url: str, acknowledged: list[int]) -> None:
    with MongoClient(url, serverSelectionTimeoutMS=500, retryWrites=False) as client:
        try:
            while True:
                client.test.numbers.insert_one({"_id": len(acknowledged)})
                acknowledged.append(len(acknowledged))
        except PyMongoError:
            return


def _read_documents(url: str) -> set[int]:
    with MongoClient(url) as client:
        return {found["_id"] for found in client.test.numbers.find()}


def _write_records(url: str, acknowledged: list[int]) -> None:
    admin = KafkaAdminClient(bootstrap_servers=url)
    admin.create_topics([NewTopic(TOPIC, 1, 1)])
    admin.close()
    producer = KafkaProducer(bootstrap_servers=url, acks="all", request_timeout_ms=1000, delivery_timeout_ms=2000)
    try:
        while True:
            producer.send(TOPIC, str(len(acknowledged)).encode()).get(timeout=3)
            acknowledged.append(len(acknowledged))
    except KafkaError:
        producer.close(timeout=0)


def _read_records(url: str) -> set[int]:
    consumer = KafkaConsumer(bootstrap_servers=url, auto_offset_reset="earliest", enable_auto_commit=False)
    try:
        consumer.assign([PARTITION])
        end, found = consumer.end_offsets([PARTITION])[PARTITION], set()
        while consumer.position(PARTITION) < end:
            for records in consumer.poll(timeout_ms=200).values():
                found.update(int(record.value) for record in records)
        return found
    finally:
        consumer.close()


SPEAKING = {
    "postgres": Speaking(_write_rows, _read_rows),
    "documents": Speaking(_write_documents, _read_documents),
    "kafka": Speaking(_write_records, _read_records),
}
