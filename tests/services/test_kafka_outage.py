"""A broker that stands still, dies and comes back, under a log that is in use."""

import asyncio
from datetime import timedelta

import pytest

from adapters.kafka import create_topics, ends, member, sending
from myticket_core.conformance.log_store import ids, take
from myticket_core.errors import Unavailable
from tests.services.kafka_world import UNCLOSED, Stopwatch, envelopes, lies, longest_stall, named, opened

pytestmark = [pytest.mark.slow, *UNCLOSED]
SLICE = timedelta(seconds=1)


@pytest.fixture(scope="module")
def broker(real_services):
    own = real_services.own("MYTICKET_TEST_KAFKA")
    yield own
    own.stop()


async def test_a_broker_that_stands_still(broker, kafka_topic):
    await create_topics(broker.url, kafka_topic, 3, 1)
    sent = [*envelopes(40, "a"), *envelopes(40, "b")]
    async with opened(broker.url, kafka_topic) as log:
        publisher, reader = log.publisher(), log.reader("g")
        await publisher.publish(sent[:20])
        batch = await take(reader, 10)
        broker.pause()
        try:
            with Stopwatch() as watch, pytest.raises(Unavailable):
                await publisher.publish(sent[20:])
            assert watch.seconds < sending.SENT + 4
            assert await longest_stall(publisher.publish(sent[20:])) < 0.5
            with Stopwatch() as watch, pytest.raises(Unavailable):
                await reader.commit(batch)
            assert watch.seconds < member.COMMITTED_MS / 1000 + 3
            assert log.stuck() is None
        finally:
            broker.resume()
        await _published(publisher, sent[20:])
        await _committed(reader, batch)
        found = dict.fromkeys(named(await lies(broker.url, kafka_topic)))
        assert sorted(found) == sorted(it.id for it in sent)
        for key in ("a", "b"):
            assert [id for id in found if id in _of(sent, key)] == _of(sent, key)
        later = dict.fromkeys(ids(await _all(reader, 80, batch)))  # after a rebalance some of them again
        for key in ("a", "b"):
            assert [id for id in later if id in _of(sent, key)] == _of(sent, key)


async def test_a_broker_that_stands_still_shows_where_one_only_reads(broker, kafka_topic, monkeypatch):
    monkeypatch.setattr(ends, "LOOK", 0.5)
    await create_topics(broker.url, kafka_topic, 3, 1)
    async with opened(broker.url, kafka_topic) as log, opened(broker.url, kafka_topic) as others:
        reader = log.reader("g")
        await others.publisher().publish(envelopes(2))
        await take(reader, 2)
        assert log.trouble() is None
        broker.pause()
        try:
            await _reads_until(reader, lambda: log.trouble() == ends.SILENT)
            assert log.stuck() is None
        finally:
            broker.resume()
        await _reads_until(reader, lambda: log.trouble() is None)


async def test_a_broker_that_is_away_at_the_start_and_dies_later(broker, kafka_topic):
    await create_topics(broker.url, kafka_topic, 3, 1)
    broker.kill()
    sent = envelopes(60)
    async with opened(broker.url, kafka_topic) as log:
        publisher, reader = log.publisher(), log.reader("g")
        assert list(await reader.read(10, SLICE)) == []
        with pytest.raises(Unavailable):
            await publisher.publish(sent[:20])
        broker.start()
        await _published(publisher, sent[:20])
        await _committed(reader, await take(reader, 20))
        broker.kill()
        with pytest.raises(Unavailable):
            await publisher.publish(sent[20:40])
        assert list(await reader.read(10, SLICE)) == []
        broker.start()
        await _published(publisher, sent[20:40])
        assert list(dict.fromkeys(ids(await take(reader, 20)))) == [it.id for it in sent[20:40]]
        assert log.stuck() is None


async def _reads_until(reader, condition):
    async with asyncio.timeout(30):
        while not condition():
            assert list(await reader.read(10, SLICE)) == []


async def _published(publisher, envelopes):
    """As the relay does it."""
    for _ in range(10):
        try:
            return await publisher.publish(envelopes)
        except Unavailable:
            continue
    raise AssertionError("the broker is back, and still nothing can be published")


async def _committed(reader, batch):
    for _ in range(10):
        try:
            return await reader.commit(batch)
        except Unavailable:
            continue
    raise AssertionError("the broker is back, and still nothing can be committed")


async def _all(reader, number, batch):
    """The batch, and what comes until `number` different ones are there."""
    records = [*batch]
    while len(set(ids(records))) < number:
        records += await take(reader, 1)
    return records


def _of(sent, key):
    return [it.id for it in sent if it.key == key]
