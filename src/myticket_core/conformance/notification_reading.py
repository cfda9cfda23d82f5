"""What people see of their notifications, and operators of all."""

from __future__ import annotations

from myticket_core.access import EVERYTHING, Scope
from myticket_core.conformance.base import Conformance
from myticket_core.conformance.builders import NOW, cause
from myticket_core.conformance.notification_store import SECOND, delivered, due, message, queued
from myticket_core.errors import NotFound
from myticket_core.notification.model import ELSEWHERE, NotificationId, Status
from myticket_core.notification.ports import Notifications, Sought
from myticket_core.paging import Paging


class Reading(Conformance[Notifications]):
    """Everybody sees their own that were delivered."""

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
