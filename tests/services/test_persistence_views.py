"""Views larger than what is looked at at once are compared and removed whole, and no statement looks at all of them."""

from __future__ import annotations

import asyncio

import pytest

from adapters.persistence import Database, SqlPages, SqlProjection, SqlViews, migrate, view_parts
from adapters.system import RandomIds
from myticket_core.access import EVERYTHING
from myticket_core.conformance.page_store import booked, canceled, project, registered
from myticket_core.mypage.ports import Differences
from myticket_core.paging import Paging
from tests.services.stores import Ticking, url_of


@pytest.fixture(params=["sqlite", "postgres"])
def url(request, tmp_path):
    in_a_file = request.param == "sqlite"
    return url_of(tmp_path, "mypage") if in_a_file else request.getfixturevalue("postgres_database")


@pytest.fixture
async def db(url):
    await asyncio.to_thread(migrate, url, "mypage")
    opened = await Database.open(url, "mypage", Ticking(), RandomIds())
    yield opened
    await opened.close()


@pytest.fixture
def found(db, monkeypatch):
    """How many rows each statement found that may look at many; it finds three pages of each view at once."""
    monkeypatch.setattr(view_parts, "AT_ONCE", 3)
    numbers, scan = [], db.scan

    async def counted(statement, **values):
        rows = await scan(statement, **values)
        numbers.append(len(rows))
        return rows

    monkeypatch.setattr(db, "scan", counted)
    return numbers


async def test_all_that_differs_is_found_part_by_part(db, found):
    views, projection = SqlViews(db), SqlProjection(db)
    await project(projection, *(booked(id) for id in range(1, 12)), registered(6), registered(7))
    beside = await views.blank()
    await project(beside, *(booked(id) for id in (*range(1, 5), *range(7, 20))), canceled(9), registered(7))
    await project(projection, booked(30))
    expected = [f"booking {id}" for id in (5, 6, 9, *range(12, 20), 30)] + ["ticket 6"]
    assert await views.differences(100) == Differences(expected, missing=3)
    assert await views.differences(4) == Differences(expected[:4], missing=3)
    assert max(found) <= 2 * 3


async def test_what_earlier_ones_left_is_removed_bit_by_bit(db, found):
    views = SqlViews(db)
    await project(SqlProjection(db), *(booked(id) for id in range(1, 12)))
    await project(await views.blank(), *(booked(id) for id in range(11, 18)), *(registered(id) for id in range(1, 5)))
    await views.swap()
    beside = await views.blank()
    assert await cleared(views) == [3, 3, 3, 2], "of what was shown before"
    await project(beside, booked(1))
    await views.swap()
    await views.blank()
    assert await cleared(views) == [3, 3, 1, 3, 1]
    assert (await SqlPages(db).bookings(EVERYTHING, None, Paging())).total == 1


async def test_an_earlier_one_that_goes_on_removes_nothing_of_a_later_one(db, found):
    early, late = SqlViews(db), SqlViews(db)
    await project(await early.blank(), *(booked(id) for id in range(1, 8)))
    await early.blank()
    assert await early.clear() == 3
    beside = await late.blank()
    assert await cleared(late) == [3, 1]
    await project(beside, *(booked(id) for id in range(1, 8)))
    assert await cleared(early) == []
    await late.swap()
    assert (await SqlPages(db).bookings(EVERYTHING, None, Paging())).total == 7


async def cleared(views) -> list[int]:
    """How many pages went in each step."""
    steps = []
    while removed := await views.clear():
        steps.append(removed)
    return steps
