"""Several that are told in one, since their recipient gets so many mails at once and then one in a while."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import evolve

from myticket_core.conformance.base import SOON, Conformance, race, soon, started
from myticket_core.conformance.builders import NOW, Boom, boom, cause
from myticket_core.conformance.notification_store import SECOND, due, message
from myticket_core.errors import NotFound
from myticket_core.notification.model import EMAIL, GATHERING, Message, Notification, NotificationId, Status
from myticket_core.notification.ports import Notifications, Sought
from myticket_core.notification.queueing import MAILS


def mail(event_id: str = "e1", company: int = 1, event: str = "Booked") -> Message:
    """To an organizer: it waits for others of its kind."""
    return evolve(message(event_id, None, company, EMAIL), event=event)


def buyers(event_id: str, customer: int = 1, channel: str = EMAIL) -> Message:
    return evolve(message(event_id, customer, None, channel), event="PaymentApproved")


def in_one(some: Sequence[Notification], id: NotificationId) -> tuple[Notification, Sequence[Notification]] | None:
    """Those of them that wait."""
    waiting = [it for it in some if it.untouched]
    if not waiting:
        return None
    said = evolve(mail(f"digest-{id}"), event="BookedDigest", text=" ".join(it.message.event_id for it in waiting))
    told = Notification(id=id, message=said, created_at=NOW, due_at=NOW)
    return told, [it.gathered(id) for it in waiting]


class Gathering(Conformance[Notifications]):
    """What waits for others is found, and each is told in one digest only."""

    async def test_what_waits_for_others_is_found_whether_it_is_due_or_not(self) -> None:
        store = await self.new()
        kinds = [mail("e1"), mail("e2", event="BookCanceled"), mail("e3", 2), message("e4", 1, None, EMAIL)]
        await store.add([*kinds, message("e5", company=1)], NOW, cause(consumer="alarm"))
        await store.add([mail("e6"), mail("e7")], NOW, cause(consumer="alarm"))
        found = {it.message.event_id: it for it in await due(store, EMAIL)}
        first, second, tried, taken = (found[it] for it in ("e1", "e2", "e6", "e7"))
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

    async def test_so_many_of_a_recipient_go_at_once_and_the_others_wait_for_the_next(self) -> None:
        store, next_one = await self.new(), NOW + MAILS.each
        for number in range(MAILS.many + 2):
            await store.add([buyers(f"e{number}")], NOW, cause(consumer="alarm"))
        await store.add([buyers("other", 2), buyers("shown", channel="c")], NOW, cause(consumer="alarm"), ("c",))
        held = [it.message.event_id for it in await due(store, EMAIL) if it.due_at == next_one]
        self.assertEqual([f"e{number}" for number in (MAILS.many, MAILS.many + 1)], held)
        self.assertEqual(MAILS.many + 1, len(await store.due(NOW, EMAIL, 100)))
        self.assertTrue(all(it.untouched for it in await due(store, EMAIL)))
        store = await self.restarted(store)
        await store.add([buyers("later")], next_one, cause(consumer="alarm"))
        (later,) = (it for it in await due(store, EMAIL) if it.message.event_id == "later")
        self.assertEqual(next_one + MAILS.each, later.due_at)

    async def test_so_many_of_a_recipient_however_many_come_at_once_to_two_processes(self) -> None:
        store = await self.new()
        both = (store, await self.second(store))
        adds = (both[it % 2].add([buyers(f"e{it}")], NOW, cause(consumer="alarm")) for it in range(MAILS.many + 10))
        self.assertEqual([], (await race(adds))[1])
        self.assertEqual(MAILS.many, len(await store.due(NOW, EMAIL, 100)))

    async def test_what_tells_them_in_one_is_queued_like_any_other(self) -> None:
        store = await self.new()
        await store.add([mail("e1"), mail("e2")], NOW, cause(consumer="alarm"))
        await soon(store.wait(SECOND))
        waiting = await started(store.wait(SOON * 2))
        self.assertFalse(waiting.done(), "there was nothing to wake up for")
        await store.gather([it.id for it in await due(store, EMAIL)], in_one)
        await soon(waiting)

    async def test_each_is_told_in_one_however_many_gather(self) -> None:
        store = await self.new()
        await store.add([mail(f"e{number}") for number in range(5)], NOW, cause(consumer="alarm"))
        waiting = [it.id for it in await due(store, EMAIL)]
        await race(store.gather(waiting, in_one) for _ in range(20))
        self.assertEqual(["e0 e1 e2 e3 e4"], [it.message.text for it in await due(store, EMAIL)])
