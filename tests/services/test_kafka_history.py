"""The history on Kafka where it cannot be had: no broker, no topic, a broker that goes away, records deleted."""

import asyncio
import time
from contextlib import AsyncExitStack

import pytest
from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType

from adapters.kafka import create_topics, history
from myticket_core.errors import Rejected, Unavailable
from tests.services.kafka_world import NOBODY, UNCLOSED, Stopwatch, envelopes, ids, opened

pytestmark = UNCLOSED


async def all_of(read, limit=10):
    records = []
    while found := await read(limit):
        records += found
    return records


async def test_no_broker():
    async with opened(NOBODY, "myticket") as log:
        with Stopwatch() as watch, pytest.raises(Unavailable, match="Kafka: "):
            await log.history().read(10)
    assert watch.seconds < 10


async def test_a_topic_that_nobody_has_made(kafka, kafka_topic):
    async with opened(kafka, kafka_topic) as log:
        with pytest.raises(Rejected, match=f"there is no topic {kafka_topic}"):  # waiting makes none
            await log.history().read(10)


async def test_what_was_deleted_is_not_passed_over_in_silence(kafka, kafka_topic):
    await create_topics(kafka, kafka_topic, 1, 1)
    async with opened(kafka, kafka_topic) as log:
        await log.publisher().publish(envelopes(5))
        begun = log.history()
        assert len(await begun.read(2)) == 2
        await asyncio.to_thread(_delete, kafka, kafka_topic, 3)
        with pytest.raises(Rejected, match="the first 3 records are deleted"):
            await all_of(log.history().read)
        with pytest.raises(Rejected, match="the first 3 records are deleted"):
            await all_of(begun.read)


def _delete(kafka, topic, before):
    admin = KafkaAdminClient(bootstrap_servers=kafka)
    try:
        admin.delete_records({TopicPartition(topic, 0): before})
    finally:
        admin.close()


async def test_a_topic_that_we_made_keeps_everything(kafka, kafka_topic):
    await create_topics(kafka, kafka_topic, 1, 1)
    assert await asyncio.to_thread(_kept, kafka, kafka_topic) == "-1"


def _kept(kafka, topic):
    admin = KafkaAdminClient(bootstrap_servers=kafka)
    try:
        said = admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
        return said["topic"][topic]["retention.ms"]["value"]
    finally:
        admin.close()


async def test_it_goes_on_where_it_was_when_the_broker_is_back(real_services, kafka_topic, monkeypatch):
    monkeypatch.setattr(history, "SILENT", 2.0)
    broker = await asyncio.to_thread(real_services.own, "MYTICKET_TEST_KAFKA")
    try:
        await create_topics(broker.url, kafka_topic, 3, 1)
        async with opened(broker.url, kafka_topic) as log:
            said = envelopes(2000)
            await log.publisher().publish(said)
            reading = log.history()
            read = [*await reading.read(7)]
            broker.pause()
            with pytest.raises(Unavailable):
                await _read_on(reading, read)
            broker.resume()
            read += await _rest(reading)
            assert ids(read) == [one.id for one in said]
    finally:
        await asyncio.to_thread(broker.stop)


async def test_who_is_ended_while_nothing_comes_closes_within_seconds(kafka, kafka_topic, monkeypatch):
    await create_topics(kafka, kafka_topic, 1, 1)
    polled = asyncio.Event()
    loop = asyncio.get_running_loop()

    def nothing(consumer, timeout_ms, **how):
        loop.call_soon_threadsafe(polled.set)
        time.sleep(timeout_ms / 1000)
        return {}

    monkeypatch.setattr(KafkaConsumer, "poll", nothing)
    async with AsyncExitStack() as closing:
        log = await closing.enter_async_context(opened(kafka, kafka_topic))
        await log.publisher().publish(envelopes(1))
        reading = asyncio.create_task(log.history().read(1))
        await polled.wait()
        reading.cancel()
        with Stopwatch() as watch:
            await closing.aclose()
    assert watch.seconds < 6


async def _read_on(reading, read):
    """What was fetched ahead still comes."""
    while found := await reading.read(100):
        read += found


async def _rest(reading):
    """Asked again as often as it takes."""
    records = []
    async with asyncio.timeout(60):
        while True:
            try:
                found = await reading.read(500)
            except Unavailable:
                continue
            if not found:
                return records
            records += found
