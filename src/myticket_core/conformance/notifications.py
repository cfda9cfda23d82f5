"""Any store of notifications. Subclass NotificationsConformance; `new` gives a Notifications."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from attrs import evolve

from myticket_core.access import EVERYTHING, Scope
from myticket_core.conformance.base import SOON, Conformance, race, soon, started
from myticket_core.conformance.builders import NOW, Boom, boom, cause
from myticket_core.errors import NotFound
from myticket_core.notification.model import (
    ELSEWHERE,
    EMAIL,
    GATHERING,
    Message,
    Notification,
    NotificationId,
    Status,
)
from myticket_core.notification.ports import Notifications, Sought
from myticket_core.paging import Paging

__all__ = ["NotificationsConformance"]

SECOND = timedelta(seconds=1)


def message(event_id: str = "e1", customer: int | None = 1, company: int | None = None, channel: str = "c") -> Message:
    return Message(
        event_id=event_id,
        event="Booked",
        channel=channel,
        text="예매 1 'ok' / \"booked\"",
        correlation_id="of-1",
        customer_id=customer,
        company_id=company,
        booking_id=5,
        ticket_id=6,
    )


def mail(event_id: str = "e1", company: int = 1, event: str = "Booked") -> Message:
    """To an organizer: it waits for others of its kind."""
    return evolve(message(event_id, None, company, EMAIL), event=event)


def in_one(some: Sequence[Notification], id: NotificationId) -> tuple[Notification, Sequence[Notification]] | None:
    """Those of them that wait."""
    waiting = [it for it in some if it.untouched]
    if not waiting:
        return None
    said = evolve(mail(f"digest-{id}"), event="BookedDigest", text=" ".join(it.message.event_id for it in waiting))
    told = Notification(id=id, message=said, created_at=NOW, due_at=NOW)
    return told, [it.gathered(id) for it in waiting]


async def queued(store: Notifications, *messages: Message) -> list[Notification]:
    """These, added one after the other."""
    for number, one in enumerate(messages):
        await store.add([one], NOW + number * SECOND, cause(consumer="alarm"))
    return [it for channel in {one.channel for one in messages} for it in await due(store, channel)]


async def due(store: Notifications, channel: str = "c") -> list[Notification]:
    """All that wait for being delivered over the channel."""
    return list(await store.due(NOW + timedelta(days=1), channel, 10_000))


async def delivered(store: Notifications, *messages: Message) -> list[Notification]:
    found = await queued(store, *messages)
    return [await store.change(it.id, lambda it: it.delivered(NOW)) for it in found]


class NotificationsConformance(Conformance[Notifications]):
    """All that a store of notifications guarantees."""

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

    async def test_only_what_was_delivered_is_seen(self) -> None:
        store = await self.new()
        first, second = await queued(store, message("e1"), message("e2"))
        await self.check_refused(store.get(first.id, EVERYTHING), NotFound)
        now = await store.change(second.id, lambda it: it.delivered(NOW))
        page = await store.list(EVERYTHING, None, Paging())
        self.assertEqual(([now], 1), (list(page.items), page.total))

    async def test_what_is_read_elsewhere_is_not_seen(self) -> None:
        store = await self.new()
        await store.add([message(channel=it) for it in sorted(ELSEWHERE)], NOW, cause(consumer="alarm"))
        for (waiting,) in [await due(store, channel) for channel in sorted(ELSEWHERE)]:
            await store.change(waiting.id, lambda it: it.delivered(NOW))
            await self.check_refused(store.get(waiting.id, EVERYTHING), NotFound)
        self.assertEqual(0, (await store.list(EVERYTHING, None, Paging())).total)

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

    async def test_what_waits_for_others_is_found_whether_it_is_due_or_not(self) -> None:
        store = await self.new()
        kinds = [mail("e1"), mail("e2"), mail("e3", 2), mail("e4", event="BookCanceled"), message("e5", company=1)]
        await store.add([*kinds, mail("e6"), mail("e7")], NOW, cause(consumer="alarm"))
        first, second, *_, tried, taken = await due(store, EMAIL)
        self.assertEqual(NOW + GATHERING, first.due_at)
        await store.change(tried.id, lambda it: it.failed("no answer", NOW))
        await store.change(taken.id, lambda it: it.taken(taken, NOW + GATHERING + SECOND))
        self.assertEqual([first, second], list(await store.untouched(mail(), 10)))
        self.assertEqual([first], list(await store.untouched(mail(), 1)))
        self.assertEqual([], list(await store.untouched(mail(company=3), 10)))

    async def test_some_are_told_in_one_or_nothing_is_stored(self) -> None:
        store = await self.new()
        await store.add([mail("e1"), mail("e2"), mail("e3")], NOW, cause(consumer="alarm"))
        first, second, third = await due(store, EMAIL)
        with self.assertRaises(Boom):
            await store.gather([first.id, second.id], boom)
        await store.gather([first.id, second.id], lambda *_: None)
        self.assertEqual([first, second, third], await due(store, EMAIL))
        await store.gather([second.id, first.id], in_one)
        digest, left = await due(store, EMAIL)
        self.assertEqual((f"digest-{digest.id}", "e2 e1", third), (digest.message.event_id, digest.message.text, left))
        self.assertNotIn(digest.id, (first.id, second.id, third.id))
        found = {it.id: it for it in await store.sought(Sought(status=Status.GATHERED), None, 10)}
        self.assertEqual({it.id: it.gathered(digest.id) for it in (first, second)}, found)
        await self.check_refused(store.gather([NotificationId(digest.id + 9)], in_one), NotFound)

    async def test_each_is_told_in_one_however_many_gather(self) -> None:
        store = await self.new()
        await store.add([mail(f"e{number}") for number in range(5)], NOW, cause(consumer="alarm"))
        waiting = [it.id for it in await due(store, EMAIL)]
        await race(store.gather(waiting, in_one) for _ in range(20))
        self.assertEqual(["e0 e1 e2 e3 e4"], [it.message.text for it in await due(store, EMAIL)])

    async def test_no_change_is_lost_in_a_race_and_a_failed_one_leaves_nothing(self) -> None:
        store = await self.new()
        (waiting,) = await queued(store, message())
        tried = (store.change(waiting.id, lambda it: evolve(it, attempts=it.attempts + 1)) for _ in range(50))
        await race(tried)
        with self.assertRaises(Boom):
            await store.change(waiting.id, boom)
        self.assertEqual([evolve(waiting, attempts=50)], await due(store))
        await self.check_refused(store.change(NotificationId(waiting.id + 1), lambda it: it), NotFound)

    async def test_what_is_for_somebody_else_is_not_found(self) -> None:
        store = await self.new()
        buyer, organizer = await delivered(store, message(), message(customer=None, company=1))
        for owner, own, other in ((Scope(customer_id=1), buyer, organizer), (Scope(company_id=1), organizer, buyer)):
            self.assertEqual(own, await store.get(own.id, owner))
            self.assertEqual([own], list((await store.list(owner, None, Paging())).items))
            await self.check_refused(store.get(other.id, owner), NotFound)
        await self.check_refused(store.get(buyer.id, Scope(customer_id=2)), NotFound)
        self.assertEqual(0, (await store.list(Scope(company_id=2), None, Paging())).total)

    async def test_read_and_unread_ones(self) -> None:
        store = await self.new()
        read, unread = await delivered(store, message("e1"), message("e2"))
        read = await store.change(read.id, lambda it: it.marked(True, NOW))
        for asked, found in ((True, [read]), (False, [unread]), (None, [read, unread])):
            page = await store.list(EVERYTHING, asked, Paging())
            self.assertEqual((found, len(found)), (list(page.items), page.total))

    async def test_the_unread_ones_are_counted_for_each(self) -> None:
        store = await self.new()
        some = [message("e1"), message("e2"), message("e3", customer=None, company=1), message("e4", customer=2)]
        read, *_ = await delivered(store, *some)
        await delivered(store, *(message("e5", channel=elsewhere) for elsewhere in sorted(ELSEWHERE)))
        await queued(store, message("waits"))
        await store.change(read.id, lambda it: it.marked(True, NOW))
        owners = (Scope(customer_id=1), Scope(company_id=1), Scope(customer_id=2), Scope(customer_id=3), EVERYTHING)
        self.assertEqual([1, 1, 1, 0, 3], [await store.unread(owner) for owner in owners])
        await store.change(read.id, lambda it: it.marked(False, NOW))
        self.assertEqual(2, await store.unread(Scope(customer_id=1)))

    async def test_all_up_to_one_are_read_at_once_and_no_others(self) -> None:
        store = await self.new()
        before, first, last, since, other, company = await delivered(
            store,
            *(message(f"e{number}") for number in range(4)),
            message("e5", customer=2),
            message("e6", customer=None, company=1),
        )
        before = await store.change(before.id, lambda it: it.marked(True, NOW))
        (waiting,) = await queued(store, message("waits"))
        await store.read_up_to(last.id, Scope(customer_id=1), NOW + SECOND)
        read = [before, *(it.marked(True, NOW + SECOND) for it in (first, last))]
        self.assertEqual([*read, since, other, company], list((await store.list(EVERYTHING, None, Paging())).items))
        self.assertEqual([waiting], await due(store))
        await store.read_up_to(NotificationId(company.id), Scope(company_id=1), NOW + SECOND)
        self.assertEqual([1, 1, 0], [await store.unread(it) for it in (
            Scope(customer_id=1), Scope(customer_id=2), Scope(company_id=1))])  # fmt: skip

    async def test_what_is_sought_is_found_whatever_became_of_it_the_newest_first(self) -> None:
        store = await self.new()
        sent, gone, waits, company = await queued(
            store, message("e1"), message("e2"), message("e3", customer=2), message("e4", customer=None, company=1)
        )
        sent = await store.change(sent.id, lambda it: it.delivered(NOW))
        gone = await store.change(gone.id, lambda it: it.refused("no address"))
        (other,) = await queued(store, message(channel="d"))
        for which, found in (
            (Sought(), [other, company, waits, gone, sent]),
            (Sought(channel="c"), [company, waits, gone, sent]),
            (Sought(status=Status.QUEUED), [other, company, waits]),
            (Sought(status=Status.DELIVERED, channel="c"), [sent]),
            (Sought(status=Status.GIVEN_UP, recipient=Scope(customer_id=1)), [gone]),
            (Sought(recipient=Scope(company_id=1)), [company]),
            (Sought(status=Status.GIVEN_UP, channel="d"), []),
        ):
            self.assertEqual(found, list(await store.sought(which, None, 10)), which)
        self.assertEqual([waits, gone], list(await store.sought(Sought(), company.id, 2)))

    async def test_pages_never_overlap_however_sorted(self) -> None:
        store = await self.new()
        await delivered(store, *(message(f"e{number}") for number in range(5)))
        await delivered(store, *(message(f"f{number}") for number in range(5)))  # at the same moments
        await self.check_lists(lambda paging: store.list(EVERYTHING, None, paging), ("id", "created_at"))

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
