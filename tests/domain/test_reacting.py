"""Whenever an event, then a command: once, in order per key, parked rather than dropped, waited for when it is down."""

import asyncio
from datetime import timedelta
from types import SimpleNamespace

import pytest
from attrs import Factory, define, evolve

from myticket_core.booking.events import BookCanceled, Booked
from myticket_core.errors import NotFound, Unavailable
from myticket_core.messages import Cause, command
from myticket_core.ports import Parked, Record
from myticket_core.reacting import Consumer, Reactor, Replay, lane_of
from tests.domain.examples import NOON, record


@command
class Note:
    id: int
    what: str


WHENEVER = {
    Booked: lambda said: Note(id=said.id, what="booked"),
    BookCanceled: lambda said: Note(id=said.id, what="canceled"),
}


@define
class Handler:
    """Fails as it is told, and notes what it did."""

    done: list = Factory(list)
    causes: list = Factory(list)
    failures: dict = Factory(dict)  # id → the errors it is going to raise, one by one; a single one: always

    async def __call__(self, order, cause):
        failing = self.failures.get(order.id)
        if isinstance(failing, Exception):
            raise failing
        if failing:
            raise failing.pop(0)
        self.done.append((order.id, order.what))
        self.causes.append(cause)


@define
class Log:
    records: list
    committed: int = 0
    at: int = 0

    async def read(self, limit, at_most):
        found = self.records[self.at : self.at + limit]
        self.at += len(found)
        return found

    async def commit(self, records):
        self.committed = records[-1].position + 1

    async def rewind(self):
        self.at = self.committed


@define
class Lot:
    entries: dict = Factory(dict)
    inbox: set = Factory(set)

    async def park(self, parked):
        if (parked.consumer, parked.id) not in self.inbox:
            self.entries.setdefault((parked.consumer, parked.id), parked)
        return (parked.consumer, parked.id) in self.entries

    async def keys(self, consumer):
        return frozenset(it.key for it in await self.parked(consumer) if it.key is not None)

    async def parked(self, consumer, key=None):
        return [it for it in self.entries.values() if it.consumer == consumer and key in (None, it.key)]

    async def release(self, consumer, id):
        if self.entries.pop((consumer, id), None) is None:
            raise NotFound("parked event", id)


@define
class Clock:
    slept: list = Factory(list)

    def now(self):
        return NOON

    async def sleep(self, duration):
        self.slept.append(duration.total_seconds())
        await asyncio.sleep(0)


async def together(jobs):
    for outcome in await asyncio.gather(*jobs, return_exceptions=True):
        if outcome is not None:
            raise outcome


class Scene:
    """`at_once`: with a handler of many, which notes how many it was given."""

    def __init__(self, *records, failures=None, at_once=False):
        numbered = [evolve(record, position=position) for position, record in enumerate(records)]
        self.handler, self.log, self.lot, self.clock = Handler(failures=failures or {}), Log(numbered), Lot(), Clock()
        self.at_once = []
        self.consumer = Consumer("alarm", WHENEVER, {Note: self.handler}, self.all if at_once else None)
        self.react = Reactor(self.consumer, self.log, self.lot, self.clock, together, attempts=3)

    async def all(self, orders):
        self.at_once.append(len(orders))
        for order, cause in orders:
            await self.handler(order, cause)

    async def parked(self):
        return [(entry.id, entry.key) for entry in await self.lot.parked("alarm")]


def booked(id, **more) -> Record:
    return record(Booked(id=id), id=f"b{id}", **more)


def canceled(id) -> Record:
    return record(BookCanceled(id=id), id=f"c{id}")


NONSENSE = Record(0, None, b"hello", {})


async def test_an_event_is_handled_and_then_its_offset_moves():
    scene = Scene(booked(1), canceled(1), booked(2))
    assert await scene.react() == 3
    assert [it for it in scene.handler.done if it[0] == 1] == [(1, "booked"), (1, "canceled")]
    assert (2, "booked") in scene.handler.done
    assert scene.log.committed == 3
    assert scene.handler.causes[0] == Cause(id="b1", correlation_id="case", consumer="alarm", at=NOON)
    assert await scene.react() == 0


async def test_who_is_behind_may_do_at_once_what_several_events_of_a_key_ask_for():
    other = Record(0, "1", b'{"eventType":"SeatHeld","id":1}', {})
    scene = Scene(booked(1), other, canceled(1), booked(2), at_once=True)
    await scene.react()
    assert [it for it in scene.handler.done if it[0] == 1] == [(1, "booked"), (1, "canceled")]
    assert (2, "booked") in scene.handler.done
    assert (scene.at_once, scene.log.committed) == ([2], 4)


async def test_what_fails_at_once_is_done_one_by_one():
    scene = Scene(booked(1), canceled(1), at_once=True, failures={1: [ValueError("odd")]})
    await scene.react()
    assert scene.handler.done == [(1, "booked"), (1, "canceled")]
    assert (scene.at_once, await scene.parked(), scene.clock.slept) == ([2], [], [])


async def test_what_cannot_be_done_at_once_either_is_parked_with_what_follows():
    scene = Scene(booked(1), canceled(1), booked(2), at_once=True, failures={1: ValueError("odd")})
    await scene.react()
    assert scene.handler.done == [(2, "booked")]
    assert await scene.parked() == [("b1", "1"), ("c1", "1")]


async def test_what_cannot_be_read_is_parked_alone_also_among_many():
    bad = Record(0, "1", b"hello", {})
    scene = Scene(booked(1), bad, canceled(1), at_once=True)
    await scene.react()
    assert (scene.handler.done, scene.at_once) == ([(1, "booked")], [])
    assert [key for _, key in await scene.parked()] == ["1", "1"]


async def test_behind_what_is_parked_nothing_is_done_at_once():
    scene = Scene(booked(1), at_once=True, failures={1: ValueError("odd")})
    await scene.react()
    scene.handler.failures.clear()
    scene.log.records += [evolve(canceled(1), position=1), evolve(booked(1), position=2)]
    await scene.react()
    assert (scene.handler.done, scene.at_once) == ([], [])


async def test_an_event_without_a_policy_is_none_of_our_business():
    other = Record(0, "1", b'{"eventType":"SeatHeld","id":1}', {})
    scene = Scene(other, booked(1))
    await scene.react()
    assert scene.handler.done == [(1, "booked")]
    assert await scene.parked() == []


async def test_what_the_headers_say_is_for_others_is_not_even_read():
    scene = Scene(evolve(NONSENSE, headers={"ce_type": "SeatHeld"}), booked(1))
    assert await scene.react() == 2
    assert await scene.parked() == []
    assert scene.log.committed == 2


async def test_what_fails_is_tried_again_ever_later():
    scene = Scene(booked(1), failures={1: [ValueError(), KeyError()]})
    await scene.react()
    assert scene.handler.done == [(1, "booked")]
    assert scene.clock.slept == [0.1, 0.2]


async def test_what_keeps_failing_is_parked_with_its_reason_and_what_follows_waits_behind_it():
    scene = Scene(booked(1), canceled(1), booked(2), failures={1: ValueError("no such seat")})
    await scene.react()
    assert scene.handler.done == [(2, "booked")]
    first, second = await scene.lot.parked("alarm")
    assert (first.id, first.key, first.reason, first.at) == ("b1", "1", "ValueError: no such seat", NOON)
    assert (second.id, second.reason) == ("c1", "waits behind a parked event of its key")
    assert scene.log.committed == 3


async def test_what_comes_in_a_later_batch_waits_behind_it_too():
    scene = Scene(booked(1), failures={1: [ValueError()] * 3})
    await scene.react()
    scene.log.records += [evolve(canceled(1), position=1), evolve(booked(2), position=2)]
    await scene.react()
    assert scene.handler.done == [(2, "booked")]
    assert await scene.parked() == [("b1", "1"), ("c1", "1")]


async def test_what_was_released_meanwhile_holds_up_nobody():
    scene = Scene(booked(1), canceled(1))
    then = [frozenset({"1"})]  # as it was when the batch began

    async def keys(_):
        return then.pop() if then else frozenset()

    react = Reactor(scene.consumer, scene.log, SimpleNamespace(keys=keys), scene.clock, together)
    await react()
    assert scene.handler.done == [(1, "booked"), (1, "canceled")]


async def test_what_was_handled_elsewhere_is_not_parked_and_nothing_waits_behind_it():
    scene = Scene(booked(1), canceled(1), failures={1: [ValueError()] * 3})
    scene.lot.inbox.add(("alarm", "b1"))
    await scene.react()
    assert (scene.handler.done, await scene.parked()) == ([(1, "canceled")], [])


class Overtaken(Handler):
    """While it handles something, who had the partition before parks these: their looks were before its commit."""

    def __init__(self, lot, *ids):
        super().__init__()
        self.lot, self.ids = lot, ids

    async def __call__(self, order, cause):
        for id in self.ids:
            await self.lot.park(Parked(id, "alarm", "1", NONSENSE, "ValueError: only there", NOON))
        await super().__call__(order, cause)


@pytest.mark.parametrize("at_once", [False, True])
async def test_what_is_parked_elsewhere_while_it_is_handled_here_is_taken_out_and_nothing_else(at_once):
    other = Record(0, "1", b'{"eventType":"SeatHeld","id":1}', {"ce_id": "s1"})
    scene = Scene(booked(1), other, canceled(1), at_once=at_once)
    scene.handler = scene.consumer.handlers[Note] = Overtaken(scene.lot, "b1", "s1", "c1", "b9")
    await scene.react()
    assert scene.handler.done == [(1, "booked"), (1, "canceled")]
    assert await scene.parked() == [("s1", "1"), ("b9", "1")]


class Replayed(Lot):
    """While an event is parked behind another one, that is replayed, with nothing behind it."""

    replay = None

    async def park(self, parked):
        if self.replay is not None and parked.id == "c1":
            replay, self.replay = self.replay, None
            await replay("b1")
        await super().park(parked)


async def test_what_is_parked_when_the_last_one_before_it_is_released_is_handled_none_the_less():
    scene = Scene(booked(1), canceled(1), booked(2), failures={1: [ValueError()] * 3})
    scene.lot = Replayed()
    scene.react = evolve(scene.react, parking=scene.lot)
    scene.lot.replay = Replay(scene.consumer, scene.lot)
    await scene.react()
    assert [it for it in scene.handler.done if it[0] == 1] == [(1, "booked"), (1, "canceled")]
    assert (await scene.parked(), scene.log.committed) == ([], 3)


async def test_what_then_fails_is_parked_for_its_own_reason():
    scene = Scene(booked(1), canceled(1), failures={1: [ValueError()] * 3})
    scene.lot = Replayed()
    scene.react = evolve(scene.react, parking=scene.lot)

    async def replay(id):
        await Replay(scene.consumer, scene.lot)(id)
        scene.handler.failures[1] = ValueError("used")

    scene.lot.replay = replay
    await scene.react()
    (left,) = await scene.lot.parked("alarm")
    assert (left.id, left.reason, scene.handler.done) == ("c1", "ValueError: used", [(1, "booked")])


async def test_what_the_consumer_has_come_to_itself_fails_no_replay():
    scene = Scene(booked(1), failures={1: [ValueError()] * 3})
    await scene.react()
    handle = scene.handler

    async def meanwhile(order, cause):
        await handle(order, cause)
        await scene.lot.release("alarm", "b1")

    assert await Replay(Consumer("alarm", WHENEVER, {Note: meanwhile}), scene.lot)("b1") == 1


async def test_what_is_parked_and_delivered_again_stays_where_it_is():
    scene = Scene(booked(1), canceled(1), failures={1: [ValueError()] * 3})
    await scene.react()
    scene.log.committed = scene.log.at = 0
    await scene.react()
    assert scene.handler.done == []
    assert await scene.parked() == [("b1", "1"), ("c1", "1")]


async def test_what_cannot_be_read_is_parked_and_blocks_nobody():
    scene = Scene(NONSENSE, evolve(NONSENSE, headers={"ce_id": "n"}), booked(1))
    await scene.react()
    assert scene.handler.done == [(1, "booked")]
    assert await scene.parked() == [("myticket-0-0", None), ("n", None)]


async def test_what_cannot_be_read_holds_up_its_own_key():
    scene = Scene(evolve(NONSENSE, key="1"), booked(1), booked(2))
    await scene.react()
    assert scene.handler.done == [(2, "booked")]
    assert [key for _, key in await scene.parked()] == ["1", "1"]


async def test_a_store_that_is_down_is_waited_for_however_long():
    down = Unavailable("down", timedelta(seconds=7))
    scene = Scene(booked(1), failures={1: [down] * 20})
    await scene.react()
    assert scene.handler.done == [(1, "booked")]
    assert scene.clock.slept == [7] * 20
    assert await scene.parked() == []


async def test_being_down_does_not_count_as_failing():
    scene = Scene(booked(1), failures={1: [ValueError(), Unavailable("down"), ValueError(), Unavailable("down")]})
    await scene.react()
    assert scene.handler.done == [(1, "booked")]


@pytest.mark.parametrize("broken", ["park", "keys"])
async def test_where_nothing_can_be_parked_the_batch_is_read_again(broken):
    class Broken(Lot):
        pass

    async def fail(*_):
        raise Unavailable("the parking is down")

    setattr(Broken, broken, fail)
    scene = Scene(NONSENSE, booked(1))
    scene.react = evolve(scene.react, parking=Broken())
    with pytest.raises(Unavailable):
        await scene.react()
    assert (scene.log.committed, scene.log.at) == (0, 0)
    scene.react = evolve(scene.react, parking=scene.lot)
    assert await scene.react() == 2
    assert scene.log.committed == 2


async def test_a_replay_goes_in_order_and_under_the_same_ids():
    scene = Scene(booked(1), canceled(1), booked(2), failures={1: [ValueError()] * 3, 2: [ValueError()] * 3})
    await scene.react()
    replay = Replay(scene.consumer, scene.lot)
    assert await replay("c1") == 2
    assert scene.handler.done == [(1, "booked"), (1, "canceled")]
    assert [cause.id for cause in scene.handler.causes] == ["b1", "c1"]
    assert await scene.parked() == [("b2", "2")]


async def test_what_is_parked_behind_it_meanwhile_is_replayed_too():
    scene = Scene(booked(1), canceled(1), failures={1: [ValueError()] * 3})
    await scene.react()
    behind = (await scene.lot.parked(scene.consumer.name))[1]
    await scene.lot.release(scene.consumer.name, behind.id)

    class Late(Lot):
        async def release(self, consumer, id):
            await super().release(consumer, id)
            if id == "b1":
                await self.park(behind)

    lot = Late()
    for entry in await scene.lot.parked(scene.consumer.name):
        await lot.park(entry)
    assert await Replay(scene.consumer, lot)("b1") == 2
    assert await lot.parked(scene.consumer.name) == []


async def test_a_replay_that_fails_keeps_everything_parked():
    scene = Scene(booked(1), canceled(1), failures={1: ValueError("still")})
    await scene.react()
    with pytest.raises(ValueError, match="still"):
        await Replay(scene.consumer, scene.lot)("b1")
    assert await scene.parked() == [("b1", "1"), ("c1", "1")]


async def test_a_replay_of_what_has_no_key_is_of_that_alone():
    scene = Scene(booked(1, keyed=False), failures={1: [ValueError()] * 3})
    await scene.react()
    (entry,) = await scene.lot.parked("alarm")
    scene.lot.entries["alarm", "b1"] = evolve(entry, key=None)
    scene.lot.entries["alarm", "other"] = evolve(entry, key=None, id="other")
    assert await Replay(scene.consumer, scene.lot)("b1") == 1
    assert [id for id, _ in await scene.parked()] == ["other"]


async def test_there_is_nothing_to_replay():
    scene = Scene()
    with pytest.raises(NotFound):
        await Replay(scene.consumer, scene.lot)("b1")


@pytest.mark.parametrize(
    "entry, lane",
    [(booked(1), "1"), (booked(1, keyed=False), "1"), (evolve(NONSENSE, key="k"), "k"), (NONSENSE, "myticket-0-0")],
)
def test_what_keeps_its_order(entry, lane):
    assert lane_of(entry) == lane
