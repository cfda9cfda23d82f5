"""Sending when things go wrong: in time, in order, and never silently."""

import asyncio
import threading
from contextlib import closing

import pytest
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient
from kafka.errors import InvalidRecordError
from kafka.producer.sender import Sender

from adapters.kafka import clients, create_topics, sending
from adapters.kafka.records import Message
from myticket_core.conformance.log_store import envelope, ids, take
from myticket_core.errors import Unavailable
from tests.services.kafka_world import NOBODY, UNCLOSED, Stopwatch, envelopes, lies, longest_stall, named, opened
from tests.until import until

pytestmark = UNCLOSED
IN_TIME = sending.SENT + 2


async def test_with_no_broker_it_fails_in_time_and_the_loop_goes_on():
    async with opened(NOBODY, "myticket") as log:
        publisher = log.publisher()
        with Stopwatch() as watch, pytest.raises(Unavailable) as raised:
            await publisher.publish(envelopes(3))
        assert watch.seconds < IN_TIME
        assert raised.value.retry_after.total_seconds() <= 2
        assert await longest_stall(publisher.publish(envelopes(3))) < 0.5
        assert "bootstrap" in log.trouble()
        assert log.stuck() is None


async def test_a_constructor_that_fails_leaves_no_thread():
    before = {thread.name for thread in threading.enumerate()}
    async with opened(NOBODY, "myticket") as log:
        with pytest.raises(Unavailable):
            await log.publisher().publish(envelopes(1))
    assert {thread.name for thread in threading.enumerate()} <= before | {"asyncio_0"}


async def test_a_topic_that_nobody_made(kafka, kafka_topic):
    async with opened(kafka, kafka_topic) as log:
        publisher = log.publisher()
        with Stopwatch() as watch, pytest.raises(Unavailable, match=rf"is there a topic {kafka_topic}\?"):
            await publisher.publish(envelopes(1))
        assert watch.seconds < IN_TIME
        assert kafka_topic not in await asyncio.to_thread(_topics, kafka)
        await create_topics(kafka, kafka_topic, 1, 1)
        await publisher.publish(envelopes(1))
        assert log.trouble() is None


async def test_nothing_overtakes_what_failed(kafka, kafka_topic, monkeypatch):
    """Without the numbers of an idempotent producer, as kafka-python begins anew in them now and then (KIP-360)."""
    monkeypatch.setitem(clients._PRODUCER, "enable_idempotence", False)
    monkeypatch.setitem(clients._PRODUCER, "max_in_flight_requests_per_connection", 1)
    monkeypatch.setitem(clients._PRODUCER, "batch_size", 0)
    await create_topics(kafka, kafka_topic, 1, 1)
    sent = envelopes(20)
    async with opened(kafka, kafka_topic) as log:
        publisher = log.publisher()
        with monkeypatch.context() as patched:
            patched.setattr(Sender, "_complete_batch", _failing_once(Sender._complete_batch))
            with pytest.raises(Unavailable, match="as arranged"):
                await publisher.publish(sent)
        assert named(await lies(kafka, kafka_topic)) == [sent[0].id]
        await publisher.publish(sent)
    assert list(dict.fromkeys(named(await lies(kafka, kafka_topic)))) == [it.id for it in sent]


def _failing_once(complete):
    failed = []

    def completing(sender, batch, response):
        if failed:
            return complete(sender, batch, response)
        failed.append(batch)
        return sender._complete_batch_with_exception(batch, InvalidRecordError("as arranged"))

    return completing


async def test_what_is_too_large_at_once_is_sent_in_parts_and_in_order(kafka, kafka_topic):
    await create_topics(kafka, kafka_topic, 1, 1)
    await _allow_at_most(kafka, kafka_topic, 20_000)
    sent = envelopes(500)
    async with opened(kafka, kafka_topic) as log:
        await log.publisher().publish(sent)
    assert named(await lies(kafka, kafka_topic)) == [it.id for it in sent]


async def test_what_the_broker_refuses_says_so_and_nothing_behind_it_is_in(kafka, kafka_topic):
    await create_topics(kafka, kafka_topic, 1, 1)
    await _allow_at_most(kafka, kafka_topic, 20_000)
    first, huge, last = envelope(), envelope(note="x" * 30_000), envelope()
    async with opened(kafka, kafka_topic) as log:
        publisher = log.publisher()
        too_large = rf"TooLargeError: 30\d{{3}} bytes for the topic {kafka_topic}: more than its max.message.bytes"
        with pytest.raises(Unavailable, match=too_large):
            await publisher.publish([first, huge, last, *envelopes(1000)])
        assert named(await lies(kafka, kafka_topic)) in ([], [first.id])
        await _allow_at_most(kafka, kafka_topic, 1_000_000)
        await publisher.publish([first, huge, last])
    found = dict.fromkeys(named(await lies(kafka, kafka_topic)))
    assert list(found) == [first.id, huge.id, last.id]


async def test_what_cannot_be_sent_at_all_says_so(kafka, kafka_topic):
    await create_topics(kafka, kafka_topic, 1, 1)
    async with opened(kafka, kafka_topic) as log:
        publisher = log.publisher()
        with pytest.raises(Unavailable, match=f"MessageSizeTooLarge.* {kafka_topic}: .*max_request_size"):
            await publisher.publish([envelope(), envelope(note="x" * 2_000_000)])
        one = envelope()
        await publisher.publish([one])
        assert ids(await take(log.reader("g"), 1)) == [one.id]


async def test_it_stops_while_something_is_under_way_and_what_was_given_is_sent(kafka, kafka_topic):
    await create_topics(kafka, kafka_topic, 1, 1)
    many = envelopes(500)
    async with opened(kafka, kafka_topic) as log:
        under_way = asyncio.ensure_future(log.publisher().publish(many))
        await asyncio.sleep(0)
    await under_way
    assert named(await lies(kafka, kafka_topic)) == [one.id for one in many]


async def test_whoever_goes_away_before_his_turn_is_not_sent(kafka, kafka_topic):
    await create_topics(kafka, kafka_topic, 1, 1)
    async with opened(kafka, kafka_topic) as log:
        sender = log.publisher()._sender
        first = sender.put([Message(kafka_topic, b"1", b"1", [])])
        second = sender.put([Message(kafka_topic, b"1", b"2", [])])
        assert second.cancel()  # the producer of the first is still being made
        await asyncio.wrap_future(first)
    assert [record.value for record in await lies(kafka, kafka_topic)] == [b"1"]


def test_a_group_is_bounded():
    sender = sending.Sender(None, "nobody")
    for _ in range(10):
        sender._waiting.put(sending.Job([Message("t", None, b"", [])] * 500))
    jobs, last = sender._next()
    assert (sum(len(job.messages) for job in jobs), last) == (sending.GROUP, False)


def _topics(kafka):
    admin = KafkaAdminClient(bootstrap_servers=kafka)
    try:
        return admin.list_topics()
    finally:
        admin.close()


async def _allow_at_most(kafka, topic, size):
    """And wait until the broker goes by it: it may not have heard of the topic either yet."""
    asked = ConfigResource(ConfigResourceType.TOPIC, topic, {"max.message.bytes": str(size)})
    with closing(KafkaAdminClient(bootstrap_servers=kafka)) as admin:

        async def found():
            said = await asyncio.to_thread(admin.describe_configs, [asked])
            return said["topic"][topic].get("max.message.bytes", {}).get("value") == str(size)

        said = await asyncio.to_thread(admin.alter_configs, [asked], raise_on_unknown=False)
        assert said == {"topic": {topic: "OK"}}
        await until(found)
