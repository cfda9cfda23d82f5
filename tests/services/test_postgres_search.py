"""Search on a real PostgreSQL: as in memory, by its indexes, and these are made while people register tickets."""

from __future__ import annotations

import asyncio
import itertools
import re
from contextlib import asynccontextmanager

import asyncpg
import pytest
from alembic import command
from sqlalchemy import NullPool
from sqlalchemy.ext.asyncio import create_async_engine

from adapters.persistence import Database, SqlTickets, migrate, searching
from adapters.persistence import tickets as ticketing
from adapters.persistence.hints import pieces
from adapters.persistence.migration import _config
from adapters.persistence.postgres import Postgres
from adapters.persistence.statements import prepared
from adapters.system import RandomIds
from myticket_core.paging import Order, Paging
from myticket_core.ticket.ports import Search
from tests.services.stores import Ticking
from tests.services.tickets_twice import FIELDS, PARTS, SEARCHES, both, compared

OLD = "ticket_0003_since_0001"
NEW = "INSERT INTO tickets (company_id, price, name, status, available, stock_version, version, folded) VALUES (1, 1, $1, 'ON_SALE', true, 0, 1, $1)"  # noqa: E501


@asynccontextmanager
async def opened(url):
    db = await Database.open(url, "ticket", Ticking(), RandomIds())
    try:
        yield db
    finally:
        await db.close()


@asynccontextmanager
async def by_hand(url):
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()


async def test_what_is_found_and_in_which_order_is_that_of_memory(postgres_database, monkeypatch):
    await asyncio.to_thread(migrate, postgres_database, "ticket")
    async with opened(postgres_database) as db:
        twice = await both(db)
        for beyond in (searching.BEYOND, 0):
            monkeypatch.setattr(searching, "BEYOND", beyond)
            for paging in PARTS[::2]:
                await compared(*twice, Search(), paging, beyond)
            for search, size in itertools.product(SEARCHES, (100, 2)):
                await compared(*twice, search, Paging(size=size), beyond)


async def test_indexes_find_what_there_is_little_of_and_give_the_order_of_much(postgres_database):
    await asyncio.to_thread(migrate, postgres_database, "ticket")
    async with by_hand(postgres_database) as connection:
        await connection.execute("SET enable_seqscan = off")
        await connection.executemany(NEW, [(f"밤 {number}",) for number in range(2000)])
        await connection.execute("ANALYZE tickets")
        texts = frozenset({"text", "pieces"})
        for statement in (searching._count(_SEARCHED, texts), searching._gathered(_SEARCHED, texts, (Order("price"),))):
            assert "tickets_pieces" in await plan(connection, statement)
        dates = frozenset({"from_date", "to_date", "between"})
        assert "tickets_period" in await plan(connection, searching._gathered(_SEARCHED, dates, (Order("starts"),)))
        for field in FIELDS:
            walked = await plan(connection, searching._walked(_SEARCHED, texts, (Order(field),)))
            assert "tickets_pieces" not in walked
            assert re.search("tickets_pkey" if field == "id" else f"tickets_by_{field}", walked), walked


_SEARCHED = ticketing._SEARCHED


async def plan(connection, statement) -> str:
    found = prepared(statement, Postgres.dialect)
    values = found.values({"text": "%밤 7%", "pieces": pieces("밤 7"), "between": [1, 2], "from_date": 1, "to_date": 2,
                           "most": 100, "limit": 20, "offset": 0})  # fmt: skip
    return "\n".join(line for (line,) in await connection.fetch(f"EXPLAIN {found.sql}", *values))


async def older(url) -> None:
    """A store as an older program has it."""
    engine = create_async_engine(url.replace("postgresql://", "postgresql+asyncpg://", 1), poolclass=NullPool)
    async with engine.begin() as connection:
        await connection.run_sync(
            lambda held: command.upgrade(_config("ticket", connection=held, applied=lambda **_: None), OLD)
        )
    await engine.dispose()


async def names(url, text):
    async with opened(url) as db:
        return [it.name for it in (await SqlTickets(db).search(Search(text=text), Paging())).items]


async def test_who_registers_a_ticket_does_not_wait_for_the_indexes(postgres_database):
    """They are waiting for somebody else's transaction, in which another may not wait for them."""
    await older(postgres_database)
    async with by_hand(postgres_database) as slow, by_hand(postgres_database) as quick:
        await quick.execute(NEW, "before")
        unfinished = slow.transaction()
        await unfinished.start()
        await slow.execute(NEW, "slow")
        migrating = asyncio.create_task(asyncio.to_thread(migrate, postgres_database, "ticket"))
        while not await quick.fetchval("SELECT count(*) FROM pg_index WHERE NOT indisvalid"):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        await quick.execute("SET lock_timeout = '1s'")
        await quick.execute(NEW, "quick")
        assert not migrating.done()
        await unfinished.commit()
        await migrating
    assert await names(postgres_database, "ow") == ["slow"]
    assert await names(postgres_database, "i") == ["quick"]


async def test_an_index_that_broke_off_is_built_anew_and_syllables_are_put_together(postgres_database):
    await older(postgres_database)
    async with by_hand(postgres_database) as connection:
        for name in ("\u1107\u1169\u11b7", "봄밤"):
            await connection.execute(NEW, name)
        await connection.execute("CREATE INDEX tickets_pieces ON tickets (folded)")
        await connection.execute("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'tickets_pieces'::regclass")
        await asyncio.gather(*(asyncio.to_thread(migrate, postgres_database, "ticket") for _ in range(3)))
        assert not await connection.fetchval("SELECT count(*) FROM pg_index WHERE NOT indisvalid")
        assert "gin" in await connection.fetchval("SELECT pg_get_indexdef('tickets_pieces'::regclass)")
    assert await names(postgres_database, "봄") == ["\u1107\u1169\u11b7", "봄밤"]


async def test_a_user_who_owns_nothing_but_the_database_can_migrate_it_by_one_connection(postgres_database):
    """No extension is made, for which one would have to be somebody more."""
    async with by_hand(postgres_database) as connection:
        role = postgres_database.rpartition("/")[2]
        owner = f"CREATE ROLE {role} LOGIN CONNECTION LIMIT 1 PASSWORD 'x'; ALTER DATABASE {role} OWNER TO {role}"
        await connection.execute(owner)
        url = re.sub("//[^@]*@", f"//{role}:x@", postgres_database)
        await asyncio.to_thread(migrate, url, "ticket")
        assert await connection.fetchval("SELECT tableowner FROM pg_tables WHERE tablename = 'tickets'") == role
        await connection.execute(f"ALTER DATABASE {role} OWNER TO CURRENT_USER; DROP OWNED BY {role}; DROP ROLE {role}")


@pytest.mark.parametrize("text, found", [("", []), ("a", ["a"]), ("ab", ["ab"]), ("aba", ["ab", "ba"])])
def test_pieces(text, found):
    assert pieces(text) == found
