"""On a real PostgreSQL behind a pooler: a session that is one's own, or a start that says what to do."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

import pytest

from adapters.persistence import Database, StoreError, migrate, postgres
from adapters.persistence.postgres import pooling
from adapters.system import RandomIds
from myticket_core.errors import Unavailable
from tests.services.pooler import Pooler
from tests.services.stores import Bookings, Ticking

TODO = "pooler in transaction mode: connect directly, or to one in session mode"


@pytest.fixture
async def migrated(postgres_database):
    await asyncio.to_thread(migrate, postgres_database, "book")
    return postgres_database


@asynccontextmanager
async def opened(url):
    async with asyncio.timeout(20):
        db = await Database.open(url, "book", Ticking(), RandomIds())
    try:
        yield db
    finally:
        await db.close()


async def test_one_in_transaction_mode_stops_the_start(migrated):
    async with Pooler(migrated, shared=True).open() as url:
        with pytest.raises(StoreError, match=TODO):
            async with opened(url):
                pass


async def test_nothing_is_migrated_through_one_in_transaction_mode(postgres_database):
    async with Pooler(postgres_database, shared=True).open() as url:
        with pytest.raises(StoreError, match=TODO):
            await asyncio.to_thread(migrate, url, "book")


async def test_through_one_in_session_mode_everything_is_as_without(migrated):
    async with Pooler(migrated, shared=False).open() as url:
        await asyncio.to_thread(migrate, url, "book")
        async with opened(url) as db:
            await Bookings(db).offer(1)
            assert await db.leader.leads()
            waiting = await db._writer._link._connection.fetchval("SHOW lock_timeout")
            scanning = await db._reader.rows(("SELECT current_setting('enable_seqscan')", ()))
            assert (waiting, [tuple(row) for row in scanning]) == (f"{postgres.WAITING:.0f}s", [("off",)])


async def test_a_parameter_of_the_url_that_it_does_not_know_stops_the_start(migrated):
    async with Pooler(migrated, shared=False).open() as url:
        with pytest.raises(StoreError, match="unsupported startup parameter: statement_timeout; correct it"):
            async with opened(f"{url}?statement_timeout=5000"):
                pass


class Session:
    def __init__(self, *pids):
        self.pids = list(pids)

    async def fetchval(self, _):
        return self.pids.pop(0)

    async def close(self, timeout):
        pass


@pytest.mark.parametrize(
    ("one", "other"),
    [([7] * 6, [7] * 3), ([7, 8, 7, 8, 7, 8], [7, 8, 7]), ([7] * 6, [8, 9, 8]), ([7] * 6, [8, 8, 7])],
    ids=["the last one", "in turns", "of two", "once in a while"],
)
async def test_whatever_a_pooler_gives_it_is_found_out(one, other):
    sessions = [Session(*one), Session(*other)]

    async def connecting():
        return sessions.pop(0)

    with pytest.raises(StoreError, match=TODO):
        await pooling.unshared("the store", connecting)


async def test_what_was_prepared_in_anothers_session_is_told_as_what_it_is(migrated):
    async with opened(migrated) as db:
        store = Bookings(db)
        await store.offer(None)
        await store.hold("a")
        await db._writer._link._connection.execute("DEALLOCATE ALL")
        await db.ping()
        await db._reader.rows(("DEALLOCATE ALL", ()))
        outcomes = await asyncio.gather(store.hold("b"), db.ping(), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [Unavailable, Unavailable]
    assert all(TODO in str(outcome) for outcome in outcomes)
