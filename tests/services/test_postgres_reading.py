"""On a real PostgreSQL: searches that take long hold up nobody who asks for one thing, and not for ever each other."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest
from sqlalchemy import func, select

from adapters.persistence import Database, SqlBookings, migrate, postgres
from adapters.persistence.postgres import Postgres, reader
from adapters.rest.probes import Probes
from myticket_core.errors import Unavailable
from tests.services.stores import Bookings

SLOW = select(func.pg_sleep(60))
SLEEPING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'"


@pytest.fixture
async def searched(postgres_database):
    """A store in which more searches are asked than there are connections, and none of them comes to an end."""
    await asyncio.to_thread(migrate, postgres_database, "book")
    db = await Database.open(postgres_database, "book")
    searches = [asyncio.create_task(db.scan(SLOW)) for _ in range(reader.READERS * 2)]
    await sleeping(postgres_database, reader.SCANS)
    yield db
    for search in searches:
        search.cancel()
    await asyncio.gather(*searches, return_exceptions=True)
    await db.close()


async def sleeping(url: str, number: int) -> None:
    connection = await asyncpg.connect(url)
    try:
        async with asyncio.timeout(10):
            while await connection.fetchval(SLEEPING) < number:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
    finally:
        await connection.close()


async def test_searches_that_take_long_leave_it_ready(searched):
    assert (await Probes(ready=(searched,)).readyz(None)).status_code == 200
    async with asyncio.timeout(1):
        assert await Bookings(searched).stored() == {}


@pytest.mark.parametrize("ask", ["scan", "rows"])
async def test_who_asks_when_nothing_is_free_is_told_to_come_back(searched, monkeypatch, ask):
    monkeypatch.setattr(reader, "PATIENCE", 0.2)
    left = reader.READERS - reader.SCANS if ask == "rows" else 0
    asking = [asyncio.create_task(getattr(searched, ask)(SLOW)) for _ in range(left + 1)]
    told, _ = await asyncio.wait(asking, timeout=5, return_when=asyncio.FIRST_COMPLETED)
    for task in asking:
        task.cancel()
    outcomes = await asyncio.gather(*asking, return_exceptions=True)
    assert len(told) == 1
    assert [type(outcome) for outcome in outcomes] == [asyncio.CancelledError] * left + [Unavailable]


async def test_what_a_deletion_comes_to_takes_no_connection_of_who_asks_for_one_thing(searched, monkeypatch):
    monkeypatch.setattr(reader, "PATIENCE", 0.2)
    with pytest.raises(Unavailable):
        await SqlBookings(searched).toll(1)


async def test_who_reads_all_of_it_at_one_instant_may_take_longer_than_a_search(postgres_database, monkeypatch):
    monkeypatch.setattr(postgres, "LONGEST", 1.0)
    async with Postgres(postgres_database).snapshot() as fetch:
        assert await fetch("SELECT 5 FROM pg_sleep(2)") == [(5,)]
