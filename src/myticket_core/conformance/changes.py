"""Any store that tells what changed on its pages. Subclass ChangesConformance; `new` gives a ChangeStore."""

from __future__ import annotations

from attrs import frozen

from myticket_core.conformance.base import Conformance, pause, race, soon
from myticket_core.conformance.page_store import booked, canceled, paid, project, registered, ticket_deleted
from myticket_core.mypage.changes import Changed, Mark, Watched
from myticket_core.mypage.ports import Changes, Projection, Views

__all__ = ["ChangeStore", "ChangesConformance"]

BUYER, OTHER = Watched(customers=frozenset({7})), Watched(customers=frozenset({8}))
ORGANIZER = Watched(companies=frozenset({1}))
ALL = Watched(frozenset({None}), frozenset({None}))
MANY = 1000


@frozen
class ChangeStore:
    """All on one database; `projection` writes to whatever view is live."""

    projection: Projection
    views: Views
    changes: Changes


def _new(changed: Changed, mark: Mark) -> list[int]:
    """The bookings that changed after the mark, in the order told; what is told once more left out."""
    return [page.booking_id for page in changed.bookings if page.changed > mark.position]


class ChangesConformance(Conformance[ChangeStore]):
    async def test_each_change_is_told_after_a_mark_from_before_it_and_not_after_one_from_then(self) -> None:
        store = await self.new()
        begin = await store.changes.latest()
        await project(store.projection, booked(1), booked(2), paid(1))
        changed = await store.changes.since(begin, BUYER, MANY)
        self.assertEqual([2, 1], _new(changed, begin))
        self.assertEqual(["BOOKED", "APPROVED"], [changed.bookings[-1].status, changed.bookings[-1].payment_status])
        self.assertEqual(await store.changes.latest(), changed.mark)
        self.assertEqual([], _new(await store.changes.since(changed.mark, BUYER, MANY), changed.mark))
        await project(store.projection, canceled(2))
        self.assertEqual([2], _new(await store.changes.since(changed.mark, BUYER, MANY), changed.mark))

    async def test_what_changes_nothing_is_no_change(self) -> None:
        store = await self.new()
        await project(store.projection, booked(1), registered(6))
        mark = (await store.changes.since(Mark(1, 0), ALL, MANY)).mark
        await project(store.projection, booked(1), registered(6))
        again = await store.changes.since(mark, ALL, MANY)
        self.assertEqual([], _new(again, mark))
        self.assertEqual([], [it for it in again.tickets if it.ticket.changed > mark.position])

    async def test_everybody_is_told_of_their_own_only(self) -> None:
        store = await self.new()
        begin = await store.changes.latest()
        await project(store.projection, registered(6), registered(8), booked(1), booked(2, ticket_id=8))
        for watched, bookings, tickets in (
            (BUYER, [1, 2], []),
            (OTHER, [], []),
            (ORGANIZER, [], [6, 8]),
            (Watched(companies=frozenset({2})), [], []),
            (Watched(frozenset({7}), frozenset({1})), [1, 2], [6, 8]),
            (ALL, [1, 2], [6, 8]),
            (Watched(), [], []),
        ):
            with self.subTest(watched=watched):
                changed = await store.changes.since(begin, watched, MANY)
                self.assertEqual(bookings, _new(changed, begin))
                self.assertEqual(tickets, [it.ticket.ticket_id for it in changed.tickets])

    async def test_a_ticket_changes_with_each_of_its_bookings_and_comes_with_its_sums(self) -> None:
        store = await self.new()
        await project(store.projection, registered(6), registered(8), booked(1))
        mark = await store.changes.latest()
        await project(store.projection, paid(1))
        told = {it.ticket.ticket_id: it for it in (await store.changes.since(mark, ORGANIZER, MANY)).tickets}
        self.assertIn(6, told)
        self.assertEqual((1, 15_000), (told[6].booked, told[6].captured))
        await project(store.projection, ticket_deleted(8))
        told = {it.ticket.ticket_id: it for it in (await store.changes.since(mark, ORGANIZER, MANY)).tickets}
        self.assertEqual({6, 8}, told.keys())
        self.assertEqual("DELETED", told[8].ticket.status)

    async def test_a_few_at_a_time_all_come(self) -> None:
        store = await self.new()
        mark = await store.changes.latest()
        await project(store.projection, *(booked(id) for id in range(1, 8)))
        seen: list[int] = []
        while new := _new(changed := await store.changes.since(mark, BUYER, 3), mark):
            seen, mark = [*seen, *new], changed.mark
        self.assertEqual([1, 2, 3, 4, 5, 6, 7], seen)

    async def test_a_mark_of_other_pages_or_of_the_future_begins_anew(self) -> None:
        store = await self.new()
        await project(store.projection, booked(1), booked(2))
        now = await store.changes.latest()
        for mark in (Mark(now.view + 7, now.position), Mark(now.view, now.position + 1)):
            self.assertEqual([1, 2], [it.booking_id for it in (await store.changes.since(mark, BUYER, MANY)).bookings])

    async def test_after_a_swap_all_that_is_shown_is_told(self) -> None:
        store = await self.new()
        await project(store.projection, booked(1))
        await project(await store.views.blank(), booked(1), booked(2))
        mark = await store.changes.latest()
        self.assertEqual([], _new(await store.changes.since(mark, BUYER, MANY), mark))
        await store.views.swap()
        changed = await store.changes.since(mark, BUYER, MANY)
        self.assertEqual([1, 2], [it.booking_id for it in changed.bookings])
        self.assertNotEqual(mark.view, changed.mark.view)

    async def test_nothing_is_hidden_from_who_follows_while_two_processes_write(self) -> None:
        store = await self.new()
        beside, mark = await self.second(store), await store.changes.latest()
        writing = [project((store, beside)[id % 2].projection, booked(id)) for id in range(1, 201)]
        await soon(race([*writing, self._follow(store, mark, 200)]))

    async def _follow(self, store: ChangeStore, mark: Mark, number: int) -> None:
        """Until so many bookings were told."""
        seen = set[int]()
        while len(seen) < number:
            changed = await store.changes.since(mark, BUYER, MANY)
            mark, seen = changed.mark, seen | {page.booking_id for page in changed.bookings}
            await pause()
