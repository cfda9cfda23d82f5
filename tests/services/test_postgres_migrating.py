"""On a real PostgreSQL a store is brought to a newer schema while somebody holds its tables, and others use them."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

import pytest
from alembic import command
from sqlalchemy import NullPool
from sqlalchemy.ext.asyncio import create_async_engine

from adapters.persistence import migrate
from adapters.persistence.migration import _config, beforehand
from adapters.persistence.postgres import migration
from adapters.persistence.schema import revisions
from tests.services.postgres_world import administering

WAITS = "SELECT count(*) FROM pg_locks WHERE relation = 'bookings'::regclass AND NOT granted"


@pytest.fixture
async def older(postgres_database):
    await make_older(postgres_database, "book")
    return postgres_database


async def make_older(url, service):
    """A store as a program of the first revision has it."""
    engine = create_async_engine(url.replace("://", "+asyncpg://", 1), poolclass=NullPool)
    async with engine.begin() as connection:
        await connection.run_sync(
            lambda held: command.upgrade(_config(service, connection=held, applied=lambda **_: None), f"{service}_0001")
        )
    await engine.dispose()


@asynccontextmanager
async def held(url, name):
    """What pg_dump does, and an audit; without their snapshot, for which an index that is built beforehand waits."""
    async with administering(f"{url}?application_name={name}") as connection, connection.transaction():
        await connection.execute("LOCK TABLE bookings IN ACCESS SHARE MODE")
        yield


async def until_waited_for(connection):
    while not await connection.fetchval(WAITS):  # noqa: ASYNC110
        await asyncio.sleep(0.01)


async def test_while_a_table_is_held_others_go_on_and_then_the_steps_are_taken(older, monkeypatch):
    monkeypatch.setattr(migration, "PAUSE", 0.1)
    told = []
    async with administering(older) as other:
        async with held(older, "pg_dump"):
            migrating = asyncio.create_task(asyncio.to_thread(migrate, older, "book", told.append))
            await until_waited_for(other)
            async with asyncio.timeout(30):
                assert await other.fetchval("SELECT count(*) FROM bookings") == 0
                await until_waited_for(other)
            assert not migrating.done()
        await migrating
    waits, *steps = told
    assert waits.startswith("book: waits, as long as it takes, for who holds a table that has to change: pg_dump (pid ")
    assert [line.split()[1] for line in steps] == list(revisions("book"))[1:], "each is told once, when it is taken"


async def test_what_is_usual_for_its_user_hurries_nobody_who_migrates(older, monkeypatch):
    """A server's statement_timeout would end every step that takes its time, by waiting for instance."""
    monkeypatch.setattr(migration, "PAUSE", 0.1)
    database, told = older.rpartition("/")[2], []
    async with administering(older) as other:
        await other.execute(f'ALTER DATABASE "{database}" SET statement_timeout = 300')
    async with held(older, "pg_dump"):
        migrating = asyncio.create_task(asyncio.to_thread(migrate, older, "book", told.append))
        while not told and not migrating.done():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    await migrating


@pytest.mark.parametrize("service", ["ticket", "book", "pay", "alarm", "mypage"])
async def test_a_store_of_the_first_program_gets_every_index_also_of_what_later_steps_make(postgres_database, service):
    await make_older(postgres_database, service)
    await asyncio.to_thread(migrate, postgres_database, service)
    wanted = {name for name, _ in beforehand(service, f"{service}_0001") if name}
    async with administering(postgres_database) as connection:
        there = await connection.fetch("SELECT indexrelid::regclass::text FROM pg_index WHERE indisvalid")
    assert wanted <= {name for (name,) in there}
