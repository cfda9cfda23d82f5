"""On a real PostgreSQL: another process swaps the views between what a change has read and what it writes."""

from __future__ import annotations

import pytest

from adapters.persistence import SqlPages, SqlProjection, SqlViews
from myticket_core.access import EVERYTHING
from myticket_core.conformance.page_store import booked, canceled, merged, paid, project
from tests.services.postgres_world import two


@pytest.fixture
async def both(postgres_database):
    """Who hears events, and who rebuilds."""
    async with two(postgres_database, "mypage") as stores:
        yield stores


@pytest.fixture
async def views(both, monkeypatch):
    """What is shown says more than the log does. They are swapped once the next change has read the page it changes."""
    hearing, rebuilding = both
    views, link = SqlViews(rebuilding), hearing._writer._link
    await project(SqlProjection(hearing), booked(5), paid(5))
    await project(await views.blank(), booked(5))
    commit = link.commit

    async def late(steps, **how):
        monkeypatch.undo()
        await views.swap()
        await commit(steps, **how)

    monkeypatch.setattr(link, "commit", late)
    return views


async def test_what_began_before_the_join_leaves_the_new_view_as_it_was_built(both, views):
    """Its event is in the log that this was built from."""
    await project(SqlProjection(both[0]), canceled(5))
    assert await SqlPages(both[0]).booking(5, EVERYTHING) == await merged(5, booked(5))


async def test_what_began_after_it_changes_what_was_built(both, views):
    await views.join()
    await project(SqlProjection(both[0]), canceled(5))
    assert await SqlPages(both[0]).booking(5, EVERYTHING) == await merged(5, booked(5), canceled(5))
