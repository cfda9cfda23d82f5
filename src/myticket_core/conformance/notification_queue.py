"""What is to be told: stored once for each, and waiting to be delivered."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from attrs import evolve

from myticket_core.access import EVERYTHING
from myticket_core.conformance.base import SOON, Conformance, race, soon, started
from myticket_core.conformance.builders import NOW, Boom, boom, cause
from myticket_core.conformance.notification_store import SECOND, due, message, queued
from myticket_core.errors import NotFound
from myticket_core.notification.model import Message, NotificationId
from myticket_core.notification.ports import Notifications
from myticket_core.paging import Paging


class Queueing(Conformance[Notifications]):
    """What was added waits until it is delivered."""

    async def test_what_was_added_is_read_again_in_every_member(self) -> None:
        store = await self.new()
        (waiting,) = await queued(store, message())
        self.assertEqual((message(), NOW, NOW, 0), (waiting.message, waiting.created_at, waiting.due_at, 0))
        self.assertGreater(waiting.id, 0)
        (failed, sent) = (waiting.failed("no answer", NOW), waiting.delivered(NOW).marked(True, NOW + SECOND))
        self.assertEqual(failed, await store.change(waiting.id, lambda _: failed))
        self.assertEqual([failed], await due(store))
        self.assertEqual(sent, await store.change(waiting.id, lambda _: sent))
        self.assertEqual(sent, await store.get(waiting.id, EVERYTHING))

    async def test_what_is_shown_where_it_is_stored_is_delivered_from_the_start(self) -> None:
        store = await self.new()
        both = [message(), message(channel="d")]
        await store.add(both, NOW, cause(consumer="alarm"), shown=("d",))
        self.assertEqual([[both[0]], []], [[it.message for it in await due(store, channel)] for channel in "cd"])
        (seen,) = (await store.list(EVERYTHING, None, Paging())).items
        self.assertEqual((both[1], NOW, NOW, 1), (seen.message, seen.created_at, seen.delivered_at, seen.attempts))
        await store.add(both, NOW + SECOND, cause(consumer="other"), shown=("d",))
        self.assertEqual([seen], list((await store.list(EVERYTHING, None, Paging())).items))

    async def test_one_per_event_recipient_and_channel(self) -> None:
        store = await self.new()
        different = [message(), message("e2"), message(customer=2), message(customer=None, company=1), message("e3")]
        await store.add(different, NOW, cause(consumer="alarm"))
        await store.add([message("e2"), message("e4"), message("e4")], NOW, cause(consumer="other"))
        self.assertEqual([*different, message("e4")], [it.message for it in await due(store)])
        await store.add([message(channel="d")], NOW, cause(consumer="alarm"))
        self.assertEqual(1, len(await due(store, "d")))

    async def test_each_place_of_a_recipient_is_one_more(self) -> None:
        store = await self.new()
        places = [evolve(message(), place=place) for place in ("", "here", "there")]
        await store.add(places, NOW, cause(consumer="alarm"))
        await store.add(places[1:], NOW, cause(consumer="other"))
        self.assertEqual(places, [it.message for it in await due(store)])

    async def test_an_event_is_handled_once_by_each_consumer(self) -> None:
        store, why = await self.new(), cause(consumer="alarm")
        await race(store.add([message()], NOW, why) for _ in range(20))
        await store.add([message("told anew")], NOW, why)
        self.assertEqual([message()], [it.message for it in await due(store)])

    async def test_all_or_none(self) -> None:
        store, why = await self.new(), cause(consumer="alarm")
        with self.assertRaises(Boom):
            await store.add(_Breaking([message(), message("e2")]), NOW, why)
        self.assertEqual([], await due(store))
        await store.add([message()], NOW, why)
        self.assertEqual(1, len(await due(store)), "what failed can be done again")

    async def test_due_are_the_queued_ones_of_the_channel_the_longest_due_first(self) -> None:
        store = await self.new()
        first, second, third, fourth = await queued(store, *(message(f"e{number}") for number in range(4)))
        await queued(store, message("other", channel="d"))
        later = await store.change(first.id, lambda it: it.failed("no answer", NOW + 2 * SECOND))  # due a second later
        await store.change(fourth.id, lambda it: it.delivered(NOW))
        self.assertEqual([second, third], list(await store.due(NOW + 2 * SECOND, "c", 10)))
        self.assertEqual([second, third, later], list(await store.due(later.due_at, "c", 10)))
        self.assertEqual([second], list(await store.due(later.due_at, "c", 1)))
        self.assertEqual([], list(await store.due(NOW, "c", 10)))

    async def test_no_change_is_lost_in_a_race_and_a_failed_one_leaves_nothing(self) -> None:
        store = await self.new()
        (waiting,) = await queued(store, message())
        tried = (store.change(waiting.id, lambda it: evolve(it, attempts=it.attempts + 1)) for _ in range(50))
        await race(tried)
        with self.assertRaises(Boom):
            await store.change(waiting.id, boom)
        self.assertEqual([evolve(waiting, attempts=50)], await due(store))
        await self.check_refused(store.change(NotificationId(waiting.id + 1), lambda it: it), NotFound)

    async def test_waiting_ends_when_something_is_queued(self) -> None:
        store = await self.new()
        waiting = await started(store.wait(SOON * 2))
        self.assertFalse(waiting.done(), "there was nothing to wake up for")
        await queued(store, message())
        await soon(waiting)

    async def test_what_was_queued_just_before_waiting_ends_it_too(self) -> None:
        store = await self.new()
        await queued(store, message())
        await soon(store.wait(SOON * 2))

    async def test_waiting_ends_in_time_when_nothing_is_queued(self) -> None:
        store = await self.new()
        await soon(store.wait(timedelta(milliseconds=20)))

    async def test_nothing_is_lost_in_a_restart(self) -> None:
        store, why = await self.new(), cause(consumer="alarm")
        await store.add([message()], NOW, why)
        before = await due(store)
        store = await self.restarted(store)
        await store.add([message("told anew")], NOW, why)
        self.assertEqual(before, await due(store))


class _Breaking(list[Message]):
    """Messages of which only the first can be had."""

    def __iter__(self) -> Iterator[Message]:
        yield self[0]
        raise Boom
