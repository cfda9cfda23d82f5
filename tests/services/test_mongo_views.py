"""Views are swapped by one process while others write and read: nothing acknowledged is lost, nothing half-built shown.

Where a swap has to fall into the middle of a write, the write's own decision makes it: it is called between the
reading and the writing.
"""

from __future__ import annotations

import asyncio

import pytest

from adapters.memory import MemoryLog
from adapters.persistence.mongo import group
from adapters.persistence.mongo.documents import BOOKINGS
from adapters.system import SystemClock, concurrently
from myticket_core.access import EVERYTHING
from myticket_core.conformance.builders import NOW
from myticket_core.conformance.page_store import booked, canceled, merged, paid, project, registered
from myticket_core.errors import NotFound, Rejected, Unavailable
from myticket_core.messages import Cause, Envelope
from myticket_core.mypage.policies import WHENEVER
from myticket_core.mypage.ports import Differences
from myticket_core.mypage.project import Project, ProjectPages
from myticket_core.mypage.rebuild import RebuildPages
from myticket_core.paging import Paging
from myticket_core.reacting import Consumer
from myticket_core.wire import decode
from tests.services.mongo_world import by_hand, note, notes, replicas, url_in


@pytest.fixture
def url(mongodb_url, mongodb_database):
    return url_in(mongodb_url, mongodb_database)


async def test_a_write_that_a_swap_overtakes_is_repeated_in_the_new_view(url):
    async with replicas(url, 1) as (replica,):
        await replica.noted(1)
        await (await replica.views.blank()).change_booking(5, lambda page: page.told(note(2)))
        given = []
        with by_hand(url) as database:

            def decide(page):
                given.append(notes(page))
                database.about.update_one({"_id": "views"}, {"$set": {"live": 2}})  # another process swaps
                return page.told(note(3))

            await replica.projection.change_booking(5, decide)
        assert given == [[1], [2]]
        assert notes(await replica.pages.booking(5, EVERYTHING)) == [2, 3]


async def test_a_view_is_never_numbered_as_one_before(url):
    """Else a write begun two swaps ago would find the number it knows, and what it read long replaced."""
    async with replicas(url, 2) as both:
        seen = []
        with by_hand(url) as database:
            for turn in range(4):
                views = both[turn % 2].views
                await views.blank()
                await views.swap()
                seen.append(database.about.find_one({"_id": "views"})["live"])
        assert seen == [2, 3, 4, 5]


async def test_who_reads_with_an_old_view_in_mind_sees_no_half_deleted_one(url):
    async with replicas(url, 2) as (reader, other):
        await project(reader.projection, registered(6), booked(1))
        await project(await other.views.blank(), registered(6), booked(1), booked(2))
        await other.views.swap()
        await other.views.blank()
        await cleared(other)  # of what was live when the reader last looked
        assert (await reader.pages.booking(1, EVERYTHING)).status == "BOOKED"
        assert (await reader.pages.ticket(6, EVERYTHING)).booked == 2
        assert (await reader.pages.bookings(EVERYTHING, None, Paging())).total == 2
        assert (await reader.pages.tickets(EVERYTHING, Paging())).total == 1
        with pytest.raises(NotFound):
            await reader.pages.booking(3, EVERYTHING)


async def test_of_two_rebuilds_at_once_the_later_is_shown_and_the_earlier_says_so(url):
    async with replicas(url, 2) as (early, late):
        half = await early.views.blank()
        whole = await late.views.blank()
        await project(half, booked(1))
        await project(whole, booked(1), booked(2))
        with pytest.raises(Rejected, match="another rebuild has begun since"):
            await early.views.swap()
        await late.views.swap()
        with pytest.raises(Rejected):
            await early.views.swap()
        assert (await early.pages.bookings(EVERYTHING, None, Paging())).total == 2


async def test_a_rebuild_that_slept_deletes_nothing_of_a_later_one(url):
    async with replicas(url, 2) as (sleeper, other):
        await sleeper.views.blank()
        await project(await other.views.blank(), booked(1))
        await other.views.swap()
        await cleared(sleeper)
        assert (await other.pages.booking(1, EVERYTHING)).status == "BOOKED"


async def test_the_leftovers_of_old_views_are_deleted(url):
    async with replicas(url, 1) as (replica,):
        for id in (1, 2, 3):
            await project(await replica.views.blank(), booked(id), registered(id))
            await replica.views.swap()
        await replica.views.blank()
        assert await cleared(replica) == [2, 2]
        with by_hand(url) as database:
            assert [page["_id"] for page in database.booking_pages.find()] == ["4:3"]
            assert [page["_id"] for page in database.ticket_pages.find()] == ["4:3"]


async def test_views_larger_than_what_is_read_at_once_are_compared_and_deleted_whole(url, monkeypatch):
    monkeypatch.setattr("adapters.persistence.mongo.views.AT_ONCE", 3)
    async with replicas(url, 1) as (replica,):
        await project(replica.projection, *(booked(id) for id in range(1, 12)))
        beside = await replica.views.blank()
        await project(beside, *(booked(id) for id in (*range(1, 5), *range(7, 20))), canceled(9))
        expected = [f"booking {id}" for id in (5, 6, 9, *range(12, 20))]
        assert await replica.views.differences(100) == Differences(expected, missing=2)
        assert await replica.views.differences(4) == Differences(expected[:4], missing=2)
        await replica.views.swap()
        await replica.views.blank()
        assert sum(await cleared(replica)) == 11
        with by_hand(url) as database:
            assert database.booking_pages.count_documents({}) == 17


async def test_no_order_deletes_more_than_a_slow_server_does_in_time(url):
    async with replicas(url, 1) as (replica,):
        with by_hand(url) as database:
            database.booking_pages.insert_many([{"_id": f"0:{id}", "view": 0, "booking_id": id} for id in range(250)])
            await replica.views.blank()
            assert await cleared(replica) == [100, 100, 50]
            assert not database.booking_pages.count_documents({})


async def cleared(replica) -> list[int]:
    """How many pages went in each step."""
    steps = []
    while removed := await replica.views.clear():
        steps.append(removed)
    return steps


async def test_no_change_is_lost_when_processes_race_for_one_page(url):
    async with replicas(url, 4) as all_of_them:
        await asyncio.gather(*(all_of_them[number % 4].noted(number) for number in range(32)))
        assert notes(await all_of_them[0].pages.booking(5, EVERYTHING)) == list(range(32))


async def test_a_page_that_others_keep_changing_is_given_up(url, monkeypatch):
    monkeypatch.setattr("adapters.persistence.mongo.group.ATTEMPTS", 3)
    async with replicas(url, 1) as (replica,):
        await replica.noted(1)
        with by_hand(url) as database:

            def decide(page):
                database.booking_pages.update_one({"_id": "1:5"}, {"$inc": {"revision": 1}})  # another comes first
                return page.told(note(2))

            with pytest.raises(Unavailable, match="others keep changing the pages of booking 5"):
                await replica.projection.change_booking(5, decide)
        assert notes(await replica.pages.booking(5, EVERYTHING)) == [1]


async def test_three_replicas_project_while_one_process_rebuilds_again_and_again(url):
    """Whatever they had applied before a swap, after it, or just then: in the end the pages are a fold of the log."""
    log, said = MemoryLog(), {id: (booked(id), paid(id), canceled(id)) for id in range(1, 41)}
    async with replicas(url, 4) as (*live, rebuilding):
        going = asyncio.create_task(rebuilt(rebuilding, log, times=3))
        for id, events in said.items():
            sealed = [Envelope.seal(it, Cause("e", "of-1"), f"{id}-{type(it).__name__}", NOW) for it in events]
            await log.publisher().publish(sealed)
            first, second, third = log.records[-3:]
            await asyncio.gather(heard(live[id % 3], first, second), heard(live[(id + 1) % 3], third))
        await going
        for id, events in said.items():
            assert await live[0].pages.booking(id, EVERYTHING) == await merged(id, *events)


async def rebuilt(replica, log, times) -> None:
    for _ in range(times):
        await RebuildPages(replica.views, log.history(), SystemClock(), concurrently, batch=20)()


async def heard(replica, *records) -> None:
    consumer = Consumer("mypage", WHENEVER, {Project: ProjectPages(replica.projection)})
    for record in records:
        await consumer.handle(decode(record))


async def test_pages_that_were_written_slowly_have_a_number_each_by_which_they_are_found(url, monkeypatch):
    """Who follows goes on behind the last number it has read: one for many would have it stand still among them."""
    monkeypatch.setattr(group, "SLOW", 0)
    async with replicas(url, 1) as (replica,):
        await asyncio.gather(*(replica.noted(1, booking) for booking in range(1, 31)))
        with by_hand(url) as database:
            numbers = [found["changed"] for found in database[BOOKINGS.collection].find()]
        assert len(set(numbers)) == len(numbers) == 30
        assert max(numbers) == await replica.documents.last_change()
