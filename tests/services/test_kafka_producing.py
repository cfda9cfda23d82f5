"""A producer that has written to a partition that is gone: kafka-python's asks for its leader without a pause."""

import asyncio
import time

import pytest
from kafka import KafkaProducer
from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaTimeoutError

from adapters.kafka import clients, create_topics, producing, sending
from tests.services.kafka_world import UNCLOSED, envelopes, lies, named, opened

pytestmark = UNCLOSED
MANY = [envelope for key in "abcdefghijkl" for envelope in envelopes(1, key)]
"""For each of three partitions some."""


@pytest.fixture(autouse=True)
def soon_noticed(monkeypatch):
    monkeypatch.setitem(clients._ALL, "metadata_max_age_ms", 200)


async def test_one_that_nobody_uses_comes_to_rest(kafka, kafka_topic, monkeypatch):
    monkeypatch.setattr(sending, "UNUSED", 1.0)
    await create_topics(kafka, kafka_topic, 3, 1)
    async with opened(kafka, kafka_topic) as log:
        publisher = log.publisher()
        await publisher.publish(MANY)
        await _made_with_one_partition(kafka, kafka_topic)
        await _at_rest()
        await publisher.publish(MANY)
        assert log.trouble() is None
    assert named(await lies(kafka, kafka_topic)) == [it.id for it in MANY]


async def test_one_in_use_comes_to_rest(kafka, kafka_topic, monkeypatch):
    monkeypatch.setattr(producing, "OLD", 0.0)
    await create_topics(kafka, kafka_topic, 3, 1)
    async with opened(kafka, kafka_topic) as log:
        publisher = log.publisher()
        await publisher.publish(MANY)
        await _made_with_one_partition(kafka, kafka_topic)
        await publisher.publish(MANY)
        await _at_rest()
        assert log.trouble() is None


async def test_one_in_use_is_kept(kafka, kafka_topic, monkeypatch):
    made = []
    monkeypatch.setattr(clients, "KafkaProducer", lambda **config: made.append(KafkaProducer(**config)) or made[-1])
    await create_topics(kafka, kafka_topic, 1, 1)
    async with opened(kafka, kafka_topic) as log:
        publisher = log.publisher()
        for _ in range(5):
            await publisher.publish(envelopes(1))
    assert len(made) == 1


async def test_an_old_one_is_better_than_none(kafka, kafka_topic, monkeypatch, caplog):
    made = []

    def once(**config):
        if made:
            raise KafkaTimeoutError("nobody there")
        made.append(KafkaProducer(**config))
        return made[0]

    monkeypatch.setattr(producing, "OLD", 0.0)
    monkeypatch.setattr(clients, "KafkaProducer", once)
    await create_topics(kafka, kafka_topic, 1, 1)
    async with opened(kafka, kafka_topic) as log:
        publisher = log.publisher()
        for _ in range(2):
            await publisher.publish(envelopes(1))
        assert log.trouble() is None
    assert "goes on with an old producer" in caplog.text
    assert len(await lies(kafka, kafka_topic)) == 2


async def _made_with_one_partition(kafka, topic):
    await asyncio.to_thread(_delete, kafka, topic)
    while await create_topics(kafka, topic, 1, 1) != [topic]:
        pass  # deleting it takes its time


def _delete(kafka, topic):
    admin = KafkaAdminClient(bootstrap_servers=kafka)
    try:
        admin.delete_topics([topic])
    finally:
        admin.close()


async def _at_rest():
    """Within seconds; a core that spins is busy for the whole of each."""
    for _ in range(5):
        if await _busy(1.0) < 0.5:
            return
    raise AssertionError("a core is busy all the time")


async def _busy(seconds):
    before = time.process_time()
    await asyncio.sleep(seconds)
    return (time.process_time() - before) / seconds
