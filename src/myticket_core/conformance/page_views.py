"""A second view beside the live one: built, compared, and put in its place at once."""

from __future__ import annotations

from myticket_core.access import EVERYTHING
from myticket_core.conformance.base import Conformance, race
from myticket_core.conformance.page_store import (
    PageStore,
    booked,
    canceled,
    merged,
    paid,
    project,
    refunded,
    registered,
)
from myticket_core.errors import NotFound, Rejected
from myticket_core.mypage.ports import Projection
from myticket_core.paging import Paging


async def begun(store: PageStore) -> Projection:
    """An empty view."""
    beside = await store.views.blank()
    while await store.views.clear():
        pass
    return beside


class Viewing(Conformance[PageStore]):
    async def test_what_is_built_beside_is_not_seen_until_the_swap(self) -> None:
        store = await self.new()
        await project(store.projection, booked(1))
        beside = await begun(store)
        await project(beside, booked(2), registered(6))
        await self.check_refused(store.pages.booking(2, EVERYTHING), NotFound)
        await self.check_refused(store.pages.ticket(6, EVERYTHING), NotFound)
        await store.views.swap()
        self.assertEqual("BOOKED", (await store.pages.booking(2, EVERYTHING)).status)
        self.assertEqual(1, (await store.pages.ticket(6, EVERYTHING)).booked)
        await self.check_refused(store.pages.booking(1, EVERYTHING), NotFound)

    async def test_whoever_writes_to_the_live_view_follows_the_swap_and_so_does_the_builder(self) -> None:
        store = await self.new()
        beside = await begun(store)
        await project(beside, booked(1))
        await store.views.swap()
        await project(store.projection, canceled(1))
        await project(beside, booked(2))  # the rebuild reads on after the swap
        self.assertEqual("CANCELED", (await store.pages.booking(1, EVERYTHING)).status)
        self.assertEqual("BOOKED", (await store.pages.booking(2, EVERYTHING)).status)

    async def test_what_the_builder_and_who_follows_the_swap_write_at_once_is_all_there(self) -> None:
        store, ids = await self.new(), range(1, 17)
        beside = await begun(store)
        await project(beside, *(booked(id) for id in ids))
        await store.views.swap()
        builder = (project(beside, paid(id), refunded(id)) for id in ids)
        follower = (project(store.projection, canceled(id)) for id in ids)
        self.assertEqual([], (await race((*builder, *follower)))[1])
        for id in ids:
            page = await store.pages.booking(id, EVERYTHING)
            self.assertEqual(("CANCELED", "CANCELED"), (page.status, page.payment_status))
            self.assertEqual(4, len(page.history))

    async def test_what_changes_after_joining_changes_in_both(self) -> None:
        store = await self.new()
        await project(store.projection, registered(6), booked(1))
        beside = await begun(store)
        await project(beside, registered(6), booked(1))
        await store.views.join()
        await project(store.projection, canceled(1), booked(2), registered(7))
        self.assertEqual([], list((await store.views.differences(10)).told))
        await store.views.swap()
        self.assertEqual("CANCELED", (await store.pages.booking(1, EVERYTHING)).status)
        self.assertEqual(2, (await store.pages.booking(2, EVERYTHING)).booking_id)
        self.assertEqual(7, (await store.pages.ticket(7, EVERYTHING)).ticket.ticket_id)

    async def test_what_changes_while_another_process_swaps_brings_nothing_along_from_the_old_view(self) -> None:
        store = await self.new()
        other = await self.second(store)
        for ids in (range(first, first + 4) for first in range(1, 80, 4)):
            await project(store.projection, *(said for id in ids for said in (booked(id), paid(id))))
            await project(await begun(other), *(booked(id) for id in ids))
            await other.views.join()
            await race([other.views.swap(), *(project(store.projection, canceled(id)) for id in ids)])
            for id in ids:
                self.assertEqual(await merged(id, booked(id), canceled(id)), await store.pages.booking(id, EVERYTHING))

    async def test_joined_until_the_swap_or_the_next_blank_one(self) -> None:
        store = await self.new()
        for id, unfinished in ((3, True), (4, False)):
            await store.views.blank()
            await store.views.join()
            if not unfinished:
                await store.views.swap()
            await begun(store)
            await project(store.projection, booked(id))
            await store.views.swap()
            await self.check_refused(store.pages.booking(id, EVERYTHING), NotFound)

    async def test_an_unfinished_view_is_thrown_away(self) -> None:
        store = await self.new()
        await project(await begun(store), booked(1), registered(6))
        await project(await begun(store), booked(2))
        await store.views.swap()
        await self.check_refused(store.pages.booking(1, EVERYTHING), NotFound)
        await self.check_refused(store.pages.ticket(6, EVERYTHING), NotFound)
        self.assertEqual(2, (await store.pages.booking(2, EVERYTHING)).booking_id)

    async def test_what_is_cleared_is_neither_shown_nor_being_built(self) -> None:
        store = await self.new()
        await project(store.projection, booked(1), registered(6))
        await project(await store.views.blank(), booked(1), booked(2), registered(6))
        beside = await store.views.blank()
        await project(beside, booked(3))
        cleared = [await store.views.clear() for _ in range(10)]
        self.assertIn(sum(cleared), (0, 3))  # 0: they went at once
        self.assertEqual(0, cleared[-1])
        for found in (
            await store.pages.bookings(EVERYTHING, None, Paging()),
            await store.pages.tickets(EVERYTHING, Paging()),
        ):
            self.assertEqual(1, found.total)
        await store.views.swap()
        found = await store.pages.bookings(EVERYTHING, None, Paging())
        self.assertEqual([3], [page.booking_id for page in found.items])

    async def test_of_two_builders_the_one_that_began_last_is_shown_and_the_earlier_is_refused(self) -> None:
        """Also once the later has swapped: the earlier would show the old view again, without what came since."""
        early = await self.new()
        late = await self.second(early)
        half = await begun(early)
        await early.views.join()
        await project(await begun(late), booked(1))
        await project(half, booked(1))
        await self.check_refused(early.views.differences(10), Rejected, "superseded")
        for step in (early.views.join, early.views.swap):
            await self.check_refused(step(), Rejected, "superseded")
        await self.check_refused(late.pages.booking(1, EVERYTHING), NotFound)
        await late.views.join()
        await late.views.swap()
        await project(late.projection, booked(2))
        for step in (early.views.join, early.views.swap):
            await self.check_refused(step(), Rejected, "superseded")
        for id in (1, 2):
            self.assertEqual("BOOKED", (await early.pages.booking(id, EVERYTHING)).status)

    async def test_of_those_that_begin_at_once_one_can_swap(self) -> None:
        store = await self.new()
        builders = [store.views, *[(await self.second(store)).views for _ in range(3)]]
        await race(views.blank() for views in builders)
        swapped, refused = await race(views.swap() for views in builders)
        self.assertEqual((1, 3), (len(swapped), len(refused)))

    async def test_again_and_again(self) -> None:
        store = await self.new()
        for id in (1, 2, 3):
            beside = await begun(store)
            await project(beside, booked(id))
            self.assertTrue((await store.views.differences(10)).told)
            await store.views.swap()
            self.assertEqual(id, (await store.pages.booking(id, EVERYTHING)).booking_id)
        await self.check_refused(store.pages.booking(1, EVERYTHING), NotFound)

    async def test_equal_views_do_not_differ(self) -> None:
        store = await self.new()
        await project(store.projection, registered(6), booked(1), canceled(1))
        await project(await begun(store), registered(6), booked(1), canceled(1))
        self.assertEqual([], list((await store.views.differences(10)).told))

    async def test_what_differs_is_named(self) -> None:
        store = await self.new()
        await project(store.projection, registered(6), registered(7), booked(1), booked(2), booked(10))
        beside = await begun(store)
        await project(beside, registered(6, name="other"), registered(7), booked(1), booked(2), canceled(2), booked(3))
        expected = {"booking 2", "booking 3", "booking 10", "ticket 6"}
        self.assertEqual(expected, set((await store.views.differences(10)).told))
        some = (await store.views.differences(2)).told
        self.assertEqual((2, True), (len(some), set(some) < expected))

    async def test_what_the_new_view_has_nothing_of_is_counted_but_for_what_came_since(self) -> None:
        store = await self.new()
        await project(store.projection, registered(6), registered(7), booked(1), booked(2), booked(3))
        beside = await begun(store)
        await project(beside, registered(6), booked(1), canceled(1), booked(9))
        await project(store.projection, registered(8), booked(4))  # which are in the log, and not read yet
        self.assertEqual(3, (await store.views.differences(1)).missing)
        await project(beside, registered(7), booked(3), booked(2))
        self.assertEqual(0, (await store.views.differences(10)).missing)

    async def test_who_missed_the_answer_asks_again(self) -> None:
        store = await self.new()
        await project(store.projection, booked(1))
        await store.views.blank()
        await project(await begun(store), booked(2))
        for step in (store.views.join, store.views.swap):
            await step()
            await step()
        await project(store.projection, booked(3))
        for id in (2, 3):
            self.assertEqual("BOOKED", (await store.pages.booking(id, EVERYTHING)).status)
        await self.check_refused(store.pages.booking(1, EVERYTHING), NotFound)

    async def test_the_swap_outlives_a_restart(self) -> None:
        store = await self.new()
        await project(store.projection, booked(1))
        await project(await begun(store), booked(2))
        await store.views.swap()
        store = await self.restarted(store)
        self.assertEqual(2, (await store.pages.booking(2, EVERYTHING)).booking_id)
        await self.check_refused(store.pages.booking(1, EVERYTHING), NotFound)
