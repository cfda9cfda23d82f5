"""On a real PostgreSQL: a group of writes goes there as seldom as possible, and tells only whom it has to."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest

from adapters.persistence import migrate
from adapters.persistence.draft import Write
from adapters.persistence.postgres.link import SAID
from adapters.persistence.writer import LARGEST_GROUP
from myticket_core.booking.events import Booked
from tests.services.stores import because
from tests.services.test_postgres_standing import opened
from tests.services.test_postgres_writing import TOLD, TOO_LONG


@pytest.fixture
async def migrated(postgres_database):
    await asyncio.to_thread(migrate, postgres_database, "book")
    return postgres_database


@pytest.fixture
async def store(migrated):
    async with opened(migrated) as one:
        await one.offer(None)
        yield one


@pytest.fixture
def trips(store, monkeypatch):
    """What is asked through the connection that writes, a line for each trip."""
    writing, asked = store.db._writer._link._connection, []

    def counting(name):
        ask = getattr(asyncpg.Connection, name)

        async def asking(connection, sql, *values):
            if connection is writing:
                asked.append(sql)
            return await ask(connection, sql, *values)

        monkeypatch.setattr(asyncpg.Connection, name, asking)

    for name in ("execute", "fetch", "fetchrow", "executemany"):
        counting(name)
    return asked


async def test_a_group_is_four_trips_whatever_it_has_to_know(store, trips):
    await asyncio.gather(*(store.hold(f"k{number}") for number in range(50)))
    begin, asked, put, commit = trips
    assert (begin, commit) == ("BEGIN", "COMMIT")
    assert all(known in asked for known in ("FROM keys", "FROM sales", "nextval"))
    assert put.startswith("WITH ")


async def test_a_group_behind_another_begins_as_that_one_ends(store, trips):
    await asyncio.gather(*(store.hold(f"k{number}") for number in range(LARGEST_GROUP + 1)))
    assert [it for it in trips if len(it) < 30] == ["BEGIN", "COMMIT AND CHAIN", "COMMIT"]


async def test_behind_one_that_failed_the_next_begins_anew(store, trips):
    def refused(draft):
        draft.run(TOLD, TOO_LONG)

    written = [store.hold(f"k{number}") for number in range(LARGEST_GROUP)]
    answers = await asyncio.gather(*written, store.db.write(Write(refused)), return_exceptions=True)
    assert isinstance(answers[-1], asyncpg.StringDataRightTruncationError)
    await store.hold("another")
    assert [it for it in trips if len(it) < 30] == ["BEGIN", "COMMIT AND CHAIN", *2 * ["ROLLBACK", "BEGIN"], "COMMIT"]


async def test_who_publishes_itself_tells_nobody_and_others_tell_it(migrated):
    async with opened(migrated) as one, opened(migrated) as other:
        assert [await it.db.leader.leads() for it in (one, other)] == [True, False]
        listening, heard = await asyncpg.connect(migrated), asyncio.Queue()
        await listening.add_listener(SAID, lambda _, who, *more: heard.put_nowait(who))
        for store in (one, other):  # who commits first is heard first
            await told(store)
        assert await asyncio.wait_for(heard.get(), 10) == session(other)
        await one.db.leader.close()
        await told(one)
        assert await asyncio.wait_for(heard.get(), 10) == session(one)
        await listening.close()


async def told(store):
    """Something is in its outbox."""
    await store.db.write(Write(lambda draft: draft.tell([Booked(id=1)]), cause=because("told")))


def session(store):
    return store.db._writer._link._connection.get_server_pid()
