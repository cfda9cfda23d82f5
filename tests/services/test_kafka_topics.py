import asyncio
from time import time

import pytest
from kafka.errors import TopicAuthorizationFailedError

from adapters.kafka import TopicError, create_topics, topics
from adapters.kafka.clients import Cluster
from myticket_core.errors import Unavailable
from tests.services.kafka_world import NOBODY, UNCLOSED, Stopwatch, lies

pytestmark = UNCLOSED


async def test_the_topic_and_its_dead_letters_are_made_once(kafka, kafka_topic):
    assert sorted(await create_topics(kafka, kafka_topic, 3, 1)) == [kafka_topic, f"{kafka_topic}.dlq"]
    assert await create_topics(kafka, kafka_topic, 7, 1) == []
    assert await _partitions(kafka, kafka_topic) == 3


async def test_services_that_start_at_once_all_succeed(kafka, kafka_topic):
    made = await asyncio.gather(*(create_topics(kafka, kafka_topic, 1, 1) for _ in range(5)))
    assert sorted(name for names in made for name in names) == [kafka_topic, f"{kafka_topic}.dlq"]


async def test_what_is_missing_is_added(kafka, kafka_topic):
    await create_topics(kafka, f"{kafka_topic}.dlq", 1, 1)
    assert await create_topics(kafka, kafka_topic, 1, 1) == [kafka_topic]


async def test_a_machine_whose_clock_is_hours_ahead_is_not_refused(kafka, kafka_topic):
    """By itself Kafka takes nothing that was stamped more than an hour ahead of its own clock."""
    await create_topics(kafka, kafka_topic, 1, 1)
    producer = Cluster(kafka, "test").producer()
    try:
        stamped = int((time() + 3 * 3600) * 1000)
        sent = producer.send(kafka_topic, b"{}", timestamp_ms=stamped)
        producer.flush(timeout=10)
        assert sent.get(timeout=10).offset == 0
    finally:
        producer.close()


async def test_more_copies_than_brokers(kafka, kafka_topic):
    with pytest.raises(TopicError, match=r"cannot be made with 3 copies: there are 1 broker\(s\)"):
        await create_topics(kafka, kafka_topic, 1, 3)


async def test_a_name_that_kafka_does_not_take(kafka):
    with pytest.raises(TopicError, match="InvalidTopicError"):
        await create_topics(kafka, "my ticket", 1, 1)


async def test_no_broker():
    with Stopwatch() as watch, pytest.raises(Unavailable, match=f"no broker of {NOBODY} answers"):
        await create_topics(NOBODY, "myticket", 1, 1)
    assert watch.seconds < 6


def test_no_right_to_make_it():
    """The brokers of the tests let everybody do everything."""
    answer = {"name": "myticket", "error_code": TopicAuthorizationFailedError.errno, "error_message": "denied"}
    refused = topics._refusal(None, answer, {})
    assert isinstance(refused, TopicError)
    assert "topic myticket may not be made by this user" in str(refused)


@pytest.mark.parametrize("kind", ["producer", "consumer", "admin"])
def test_no_client_makes_a_topic_by_asking_for_it(kafka, kind):
    client = getattr(Cluster(kafka, "test"), kind)(*(["g"] if kind == "consumer" else []))
    try:
        cluster = {"producer": lambda: client._metadata, "consumer": lambda: client._cluster}.get(
            kind, lambda: client._manager.cluster
        )()
        cluster.set_topics(["none"])
        assert cluster.metadata_request().allow_auto_topic_creation is False
    finally:
        client.close()


async def _partitions(kafka, topic):
    from kafka import KafkaConsumer

    def ask():
        consumer = KafkaConsumer(bootstrap_servers=kafka)
        try:
            return len(consumer.partitions_for_topic(topic))
        finally:
            consumer.close()

    assert await lies(kafka, topic) == []
    return await asyncio.to_thread(ask)
