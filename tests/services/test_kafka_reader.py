"""Reading when things go wrong: nothing is lost, each key keeps its order, and one that hangs is replaced."""

import asyncio
import threading
import time
from collections import defaultdict
from datetime import timedelta

import pytest
from kafka import KafkaConsumer, TopicPartition
from kafka.consumer.fetcher import Fetcher
from kafka.errors import CommitFailedError, KafkaTimeoutError, RebalanceInProgressError
from kafka.structs import ConsumerGroupMetadata, MemberState

from adapters.kafka import clients, create_topics, ends, member, polling, reader
from adapters.kafka.member import Member
from adapters.kafka.polling import Poller
from adapters.kafka.tenure import Tenure
from myticket_core.conformance.log_store import envelope, ids, take
from myticket_core.errors import Unavailable
from myticket_core.ports import Record
from tests.services.kafka_world import NOBODY, UNCLOSED, Stopwatch, envelopes, longest_stall, none_of, opened
from tests.until import until

SOON = timedelta(seconds=5)


async def test_a_loop_that_waits_for_a_thread_is_seen():
    async def blocking():
        time.sleep(1)  # noqa: ASYNC251  what is looked for; its witness counts its own steps, and the machine may be busy

    assert await longest_stall(blocking()) >= 0.5
    assert await longest_stall(asyncio.sleep(0.2)) < 0.5


@pytest.mark.usefixtures("swept")
@pytest.mark.filterwarnings(UNCLOSED[1].args[0])
async def test_with_no_broker_there_is_nothing_to_read_and_the_loop_goes_on(monkeypatch):
    run = Poller._run
    monkeypatch.setattr(Poller, "_run", lambda poller: (run(poller), time.sleep(0.2)))  # a busy machine's thread
    async with opened(NOBODY, "myticket") as log:
        one = log.reader("g")
        assert await longest_stall(one.read(10, timedelta(seconds=4))) < 0.5
        await until(log.trouble)
        assert log.stuck() is None
        with pytest.raises(Unavailable):
            await one.commit([Record(1, None, b"", {})])
        await one.rewind()
        with Stopwatch() as watch:
            await log.close()
    assert watch.seconds < 6
    assert not [it.name for it in threading.enumerate() if "kafka" in it.name]


async def test_a_topic_that_is_made_later_is_noticed(kafka, kafka_topic, monkeypatch):
    monkeypatch.setitem(clients._ALL, "metadata_max_age_ms", 500)
    async with opened(kafka, kafka_topic) as log:
        one = log.reader("g")
        assert await none_of(one, 1) == []
        await create_topics(kafka, kafka_topic, 3, 1)
        sent = envelope()
        await log.publisher().publish([sent])
        assert ids(await take(one, 1)) == [sent.id]


async def test_a_join_that_outlasts_a_poll_is_finished_by_a_later_one(kafka, kafka_topic, monkeypatch):
    """kafka-python forgets it, when it learns of the topic's partitions at the wrong moment."""
    monkeypatch.setattr(polling, "WAIT", 0.001)
    await create_topics(kafka, kafka_topic, 1, 1)
    sent = envelope()
    async with opened(kafka, kafka_topic) as log:
        await log.publisher().publish([sent])
        for number in range(5):
            assert ids(await take(log.reader(f"g{number}"), 1)) == [sent.id]


async def test_a_batch_in_hand_for_long_keeps_its_place_in_the_group(kafka, kafka_topic, monkeypatch):
    monkeypatch.setitem(clients._CONSUMER, "max_poll_interval_ms", 1000)
    monkeypatch.setitem(clients._CONSUMER, "heartbeat_interval_ms", 300)
    await create_topics(kafka, kafka_topic, 3, 1)
    sent = envelopes(500)
    async with opened(kafka, kafka_topic) as log:
        await log.publisher().publish(sent)
        one = log.reader("g")
        batch = await take(one, 10)
        await asyncio.sleep(3)  # three times what Kafka lets pass between two polls
        await one.commit(batch)
    async with opened(kafka, kafka_topic) as log:
        assert ids(await take(log.reader("g"), 10)) == [it.id for it in sent[10:20]]


async def test_readers_come_and_go_while_records_are_in_hand(kafka, kafka_topic):
    """Two readers of a group, then one, then two: every record is handled, each key in order."""
    await create_topics(kafka, kafka_topic, 3, 1)
    sent = [envelope(str(number % 11)) for number in range(1200)]
    handled = defaultdict(list)
    async with (
        opened(kafka, kafka_topic) as log,
        opened(kafka, kafka_topic) as second,
        opened(kafka, kafka_topic) as third,
    ):
        stays = asyncio.ensure_future(_handling(log.reader("g"), handled))
        await log.publisher().publish(sent[:600])
        await until(lambda: handled)
        leaves = asyncio.ensure_future(_handling(second.reader("g"), handled))
        await log.publisher().publish(sent[600:])
        await until(lambda: _all(handled) > 600)
        leaves.cancel()
        await second.close()
        comes = asyncio.ensure_future(_handling(third.reader("g"), handled))
        await until(lambda: _all(handled) == 1200, 60)
        for task in (stays, leaves, comes):
            task.cancel()
        await asyncio.gather(stays, leaves, comes, return_exceptions=True)
    for key in handled:
        assert list(dict.fromkeys(handled[key])) == [it.id for it in sent if it.key == key]


async def _handling(one, handled):
    while True:
        batch = await one.read(50, SOON)
        for record in batch:
            handled[record.key] += ids([record])
            await asyncio.sleep(0.001)
        await one.commit(batch)


def _all(handled):
    return sum(len(set(of_key)) for of_key in handled.values())


async def test_what_is_told_while_nobody_waits_comes_in_one_answer(kafka, kafka_topic, monkeypatch):
    await create_topics(kafka, kafka_topic, 3, 1)
    answers, unpack = [], Fetcher._handle_fetch_response
    monkeypatch.setattr(Fetcher, "_handle_fetch_response", lambda *it: (answers.append(it[-1].responses), unpack(*it)))
    async with opened(kafka, kafka_topic) as log:
        publisher, one = log.publisher(), log.reader("g")
        await publisher.publish(envelopes(1))
        await one.commit(await take(one, 1))
        answers.clear()
        sent = [envelope(str(number)) for number in range(60)]
        for few in range(0, 60, 10):
            await publisher.publish(sent[few : few + 10])
        assert sorted(ids(await one.read(100, SOON))) == sorted(it.id for it in sent)
    assert len([it for it in answers if it]) <= 2, "one, and one that may have been on its way"


async def test_behind_an_answer_that_came_while_nobody_waited_is_what_was_told_since(kafka, kafka_topic, monkeypatch):
    """kafka-python asks for the next one when it hands out what it had in hand, of a burst for example."""
    monkeypatch.setattr(polling, "NEXT", 1.0)  # a busy machine's broker answers later than a reader waits for it
    await create_topics(kafka, kafka_topic, 3, 1)
    async with opened(kafka, kafka_topic) as log:
        publisher, one = log.publisher(), log.reader("g")
        await publisher.publish([envelope(str(number)) for number in range(450)])
        await one.commit(await take(one, 450))
        for _ in range(3):
            sent = [envelope(str(number)) for number in range(60)]
            for few in range(0, 60, 10):
                await publisher.publish(sent[few : few + 10])
            batch = await one.read(100, SOON)
            assert sorted(ids(batch)) == sorted(it.id for it in sent)
            await one.commit(batch)


async def test_what_was_read_of_a_paused_partition_comes_although_others_bring_something(
    kafka, kafka_topic, monkeypatch
):
    await create_topics(kafka, kafka_topic, 2, 1)
    owned, stayed = _calls(monkeypatch, "owns"), _calls(monkeypatch, "stay")
    keys = [str(number) for number in range(50)]
    async with opened(kafka, kafka_topic) as log, opened(kafka, kafka_topic) as other:
        publisher, one, leaves = log.publisher(), log.reader("g"), other.reader("g")
        await asyncio.gather(none_of(one, 0.1), none_of(leaves, 0.1))
        await until(lambda: owned[-2:] in ([({0},), ({1},)], [({1},), ({0},)]))
        await publisher.publish([envelope(key) for key in 60 * keys])
        batch = await one.read(200, SOON)
        mine = {it.key for it in batch}
        stayed.clear()
        await until(lambda: len(stayed) > 2)  # the partition is paused by then
        owned.clear()
        await other.close()
        await until(lambda: ({0, 1},) in owned)
        await one.commit(batch)
        come, flowing = len(batch), next(key for key in keys if key not in mine)
        async with asyncio.timeout(8):
            while come < 60 * len(mine):
                await publisher.publish([envelope(flowing)])
                await one.commit(batch := await one.read(200, SOON))
                come += sum(it.key in mine for it in batch)


def _calls(monkeypatch, name):
    """What this method of all members is called with, from now on."""
    calls, method = [], getattr(Member, name)
    monkeypatch.setattr(Member, name, lambda member, *given: (calls.append(given), method(member, *given))[1])
    return calls


async def test_what_was_fetched_ahead_is_left_to_who_owns_it_now(kafka, kafka_topic):
    await create_topics(kafka, kafka_topic, 2, 1)
    async with opened(kafka, kafka_topic) as log, opened(kafka, kafka_topic) as another:
        await log.publisher().publish([envelope(str(number)) for number in range(100)])
        one, other = log.reader("g"), another.reader("g")
        first = await take(one, 1)
        theirs = await take(other, 40)
        mine = [*first, *await take(one, 40), *await none_of(one, 0.5)]
        where = {record.partition for record in theirs}
        assert [record for record in mine[1:] if record.partition in where] == []
        positions = [record.position for record in mine if record.partition not in where]
        assert positions == list(range(len(positions))), "and what stays goes on where it was"


async def test_groups_do_not_hear_of_each_other(kafka, kafka_topic):
    await create_topics(kafka, kafka_topic, 3, 1)
    sent = envelopes(20)
    async with opened(kafka, kafka_topic) as log:
        await log.publisher().publish(sent)
        first, second = log.reader("g"), log.reader("h")
        await first.commit(await take(first, 20))
        assert ids(await take(second, 20)) == [it.id for it in sent]
        await second.rewind()
        assert await none_of(first, 1) == []


async def test_two_installations_share_no_group(kafka, kafka_topic):
    await create_topics(kafka, kafka_topic, 1, 1)
    sent = envelopes(2)
    async with opened(kafka, kafka_topic) as log, opened(kafka, kafka_topic, prefix=f"other.{kafka_topic}.") as other:
        await log.publisher().publish(sent)
        for reader in (log.reader("g"), other.reader("g")):
            assert ids(await take(reader, 2)) == [it.id for it in sent]


@pytest.mark.parametrize("error", [CommitFailedError(), RebalanceInProgressError()])
async def test_a_commit_in_a_rebalance_stops_nothing(kafka, kafka_topic, monkeypatch, error):
    await create_topics(kafka, kafka_topic, 1, 1)
    sent = envelopes(2)
    async with opened(kafka, kafka_topic) as log:
        await log.publisher().publish(sent)
        one = log.reader("g")
        batch = await take(one, 1)
        with monkeypatch.context() as patched:
            patched.setattr(KafkaConsumer, "commit", _raising(error))
            await one.commit(batch)
            assert ids(await take(one, 1)) == [sent[1].id]
            await one.rewind()
            assert ids(await take(one, 2)) == [it.id for it in sent], "what was not committed comes again"


async def test_what_could_not_be_committed_in_a_rebalance_is_committed_after_it(kafka, kafka_topic, monkeypatch):
    """Its partition may stay with who had it: then it does not come again, and waited for the next record."""
    await create_topics(kafka, kafka_topic, 1, 1)
    sent, commit, done = envelopes(2), KafkaConsumer.commit, []
    answers = iter([RebalanceInProgressError(), RebalanceInProgressError()])

    def late(consumer, offsets, **how):
        if error := next(answers, None):
            raise error
        commit(consumer, offsets, **how)
        done.append(offsets)

    async with opened(kafka, kafka_topic) as log:
        await log.publisher().publish(sent)
        one = log.reader("g")
        batch = await take(one, 1)
        monkeypatch.setattr(KafkaConsumer, "commit", late)
        await one.commit(batch)
        await until(lambda: done)
    async with opened(kafka, kafka_topic) as log:
        assert ids(await take(log.reader("g"), 1)) == [sent[1].id]


async def test_a_commit_that_fails_otherwise_says_so(kafka, kafka_topic, monkeypatch):
    await create_topics(kafka, kafka_topic, 1, 1)
    async with opened(kafka, kafka_topic) as log:
        await log.publisher().publish(envelopes(1))
        one = log.reader("g")
        batch = await take(one, 1)
        monkeypatch.setattr(KafkaConsumer, "commit", _raising(KafkaTimeoutError()))
        with pytest.raises(Unavailable, match="KafkaTimeoutError"):
            await one.commit(batch)


async def test_a_consumer_that_fails_is_replaced(kafka, kafka_topic, monkeypatch):
    await create_topics(kafka, kafka_topic, 1, 1)
    sent = envelopes(3)
    async with opened(kafka, kafka_topic) as log:
        await log.publisher().publish(sent)
        one = log.reader("g")
        await one.commit(await take(one, 2))
        with monkeypatch.context() as patched:
            patched.setattr(KafkaConsumer, "poll", _raising(KafkaTimeoutError("as arranged")))
            await until(log.trouble)
        assert ids(await take(one, 1)) == [sent[2].id]
        await until(lambda: log.trouble() is None)


@pytest.mark.filterwarnings(UNCLOSED[1].args[0])
async def test_a_commit_that_hangs_is_given_up_and_another_consumer_goes_on(kafka, kafka_topic, monkeypatch):
    monkeypatch.setattr(reader, "HANGS", 1.5)
    monkeypatch.setitem(clients._CONSUMER, "max_poll_interval_ms", 3000)
    await create_topics(kafka, kafka_topic, 1, 1)
    sent, wakes_up = envelopes(3), threading.Event()
    async with opened(kafka, kafka_topic) as log:
        await log.publisher().publish(sent)
        one = log.reader("g")
        batch = await take(one, 2)
        with monkeypatch.context() as patched:
            patched.setattr(KafkaConsumer, "commit", lambda *_, **__: wakes_up.wait())
            with Stopwatch() as watch, pytest.raises(Unavailable, match="hangs"):
                await one.commit(batch)
            assert watch.seconds < 3
        try:
            assert ids(await take(one, 3)) == [it.id for it in sent]
            assert log.stuck() is None
        finally:
            wakes_up.set()
        await until(lambda: not [it for it in one._given_up if it.running])


async def test_a_consumer_that_fetches_nothing_any_more_is_replaced(kafka, kafka_topic, monkeypatch):
    """As seen once in a while behind a broker that had stood still: it is in its group, polls, and nothing comes."""
    monkeypatch.setattr(ends, "LOOK", 0.5)
    await create_topics(kafka, kafka_topic, 1, 1)
    made, make = [], clients.KafkaConsumer
    monkeypatch.setattr(clients, "KafkaConsumer", lambda **config: made.append(make(**config)) or made[-1])
    sent = envelopes(4)
    async with opened(kafka, kafka_topic) as log:
        publisher, one = log.publisher(), log.reader("g")
        await publisher.publish(sent[:2])
        await one.commit(await take(one, 2))
        made[0]._fetcher.send_fetches = lambda: None
        assert await none_of(one, 3 * ends.LOOK) == [], "what was fetched ahead is over, and nothing is missing"
        await publisher.publish(sent[2:])
        assert ids(await take(one, 2)) == [it.id for it in sent[2:]]
        assert len(made) == 2


async def test_how_much_is_still_to_be_dealt_with(kafka, kafka_topic, monkeypatch):
    """What is in somebody's hands, too, and what nobody has fetched."""
    monkeypatch.setattr(ends, "LOOK", 0.2)
    await create_topics(kafka, kafka_topic, 3, 1)
    async with opened(kafka, kafka_topic) as log:
        one = log.reader("g")
        assert await log.behind("g") == 0
        await log.publisher().publish([*envelopes(20, "a"), *envelopes(20, "b")])
        batch = await take(one, 10)
        await _behind(log, 40)
        await one.commit(batch)
        await _behind(log, 30)
        await one.commit(await take(one, 30))
        await _behind(log, 0)
        assert await log.behind("another") == 0


def test_a_partition_without_a_leader_is_no_reason_to_leave_the_others(monkeypatch):
    """kafka-python leaves it out of the question, and then does not find it in the answer."""
    monkeypatch.setattr(ends, "LOOK", 0)
    consumer, seen = _Leaderless(), ends.Ends()
    seen.look(consumer, {0: 3})
    assert (seen.trouble, seen.behind) == (ends.SILENT, None)
    consumer.leader = True
    seen.look(consumer, {0: 3})
    assert (seen.trouble, seen.behind) == (None, 6)


class _Leaderless:
    """Of two partitions, of 8 records each, one has no leader; it stands at 7 in both."""

    leader = False

    def assignment(self):
        return {TopicPartition("myticket", 0), TopicPartition("myticket", 1)}

    def end_offsets(self, places, timeout_ms):
        if not self.leader:
            raise KeyError(places[0])
        return dict.fromkeys(places, 8)

    def position(self, place, timeout_ms):
        return 7


async def test_who_does_not_get_into_the_group_says_so_whichever_consumer_it_is(monkeypatch):
    """While its coordinator is away and other brokers answer no poll fails, and of no partition nothing is behind."""
    for module, name, seconds in ((ends, "LOOK", 0), (polling, "LEFT_OUT", 0.1), (member, "OUTSIDE", 0.5)):
        monkeypatch.setattr(module, name, seconds)
    group = _Group()
    monkeypatch.setattr(clients.Cluster, "consumer", lambda *_: _Coordinated(group))
    async with opened(NOBODY, "myticket") as log:
        await log.reader("g").rewind()
        await _behind(log, 6)
        assert log.trouble() is None
        group.state, group.ask = MemberState.UNJOINED, log.trouble
        await until(log.trouble)
        before = len(group.told)
        await until(lambda: len([it for it in group.told[before:] if len(it) > 1]) == 2)
        assert all(all(it) for it in group.told[before:])
        assert await log.behind("g") == 6
        group.state = MemberState.STABLE
        await until(lambda: log.trouble() is None)


class _Group:
    """What its consumers heard of trouble at each of their polls, one list for each of them."""

    def __init__(self):
        self.state, self.ask, self.told = MemberState.STABLE, lambda: None, []


class _Coordinated:
    """A consumer that no poll fails; in its group it has one partition, of 8 records, and stands at the third."""

    def __init__(self, group):
        self._group, self._told = group, []
        group.told.append(self._told)

    def poll(self, milliseconds):
        self._told.append(self._group.ask())
        return {}

    def group_metadata(self):
        return ConsumerGroupMetadata("g", state=self._group.state)

    def assignment(self):
        return {TopicPartition("myticket", 0)} if self._group.state is MemberState.STABLE else set()

    def end_offsets(self, places, timeout_ms):
        return dict.fromkeys(places, 8)

    def position(self, place, timeout_ms):
        return 2

    def subscribe(self, topics, listener):
        pass

    pause = seek = close = lambda *_, **__: None


async def _behind(log, number):
    async with asyncio.timeout(10):
        while await log.behind("g") != number:  # noqa: ASYNC110 - a thread says it
            await asyncio.sleep(0.05)


async def test_when_too_many_hang_only_a_restart_helps(kafka, kafka_topic, monkeypatch):
    monkeypatch.setattr(reader, "HANGS", 0.3)
    monkeypatch.setattr(clients, "KafkaConsumer", _hanging := _Hanging())
    async with opened(kafka, kafka_topic) as log:
        one = log.reader("g")
        for _ in range(reader.MOST):
            assert log.stuck() is None
            with pytest.raises(Unavailable, match="hangs"):
                await one.rewind()
        assert log.stuck() == f"3 Kafka consumers of {kafka_topic}.g hang"
        _hanging.wakes_up.set()
        await until(lambda: log.stuck() is None)


class _Hanging:
    def __init__(self):
        self.wakes_up = threading.Event()

    def __call__(self, **_):
        self.wakes_up.wait()
        raise KafkaTimeoutError


def _raising(error):
    def call(*_, **__):
        raise error

    return call


def _of(partition, *positions):
    return [Record(position, None, b"", {}, partition) for position in positions]


def test_only_what_is_ours_and_ahead_is_committed():
    tenure = Tenure()
    tenure.fetched([*_of(0, 5, 6, 7), *_of(1, 0)])
    assert tenure.ends([*_of(0, 6, 5), *_of(1, 0), *_of(2, 9)]) == {0: 7, 1: 1}
    tenure.committed({0: 7})
    assert tenure.ends(_of(0, 5, 6)) == {}
    assert tenure.begins == {0: 7, 1: 0}
    tenure.ended({0})
    assert tenure.ends(_of(0, 7)) == {}, "somebody else's by now"
    tenure.fetched(_of(0, 20))
    assert tenure.ends(_of(0, 7)) == {}, "it would step back"
