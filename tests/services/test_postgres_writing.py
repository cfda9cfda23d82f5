"""On a real PostgreSQL: what a group writes is one trip, refuses what single rows would, and finds rows by index."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest

from adapters.persistence import Database, migrate
from adapters.persistence.draft import Write
from adapters.persistence.postgres import Postgres
from adapters.persistence.put import into, together
from adapters.persistence.sales import KIND as SALES
from adapters.persistence.schema.shared import OUTBOX
from adapters.persistence.statements import prepared
from adapters.system import RandomIds
from tests.services.stores import Bookings, Ticking
from tests.until import until

TOLD = into(OUTBOX, leaving_out=("seq",))
_SHORT = dict.fromkeys(TOLD.names, "x") | {"version": 1, "time": 1, "published": True}
WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"
TOO_LONG = tuple((_SHORT | {"type": "x" * 65}).values())


@pytest.fixture
async def store(postgres_database):
    await asyncio.to_thread(migrate, postgres_database, "book")
    db = await Database.open(postgres_database, "book", Ticking(), RandomIds())
    yield Bookings(db)
    await db.close()


async def test_a_group_writes_all_its_tables_in_one_trip(store, monkeypatch):
    await store.offer(None)
    trips = []
    send = asyncpg.Connection.executemany

    async def counted(connection, sql, rows):
        trips.append(sql)
        await send(connection, sql, rows)

    monkeypatch.setattr(asyncpg.Connection, "executemany", counted)
    await asyncio.gather(*(store.hold(f"k{number}") for number in range(50)))
    (trip,) = trips
    for table in ("bookings", "sales", "ledger", "keys"):
        assert f" {table} " in trip


async def test_text_that_is_too_long_is_refused_and_not_cut_off(store):
    with pytest.raises(asyncpg.StringDataRightTruncationError):
        await store.db.write(Write(lambda draft: draft.run(TOLD, TOO_LONG)))


async def test_a_plan_of_when_a_table_was_small_still_finds_its_rows_by_index(postgres_database):
    """PostgreSQL keeps plans until it has looked at the table again, which is after thousands of bookings."""
    await asyncio.to_thread(migrate, postgres_database, "book")
    link = await Postgres(postgres_database).link()
    connection = link._connection
    few = "INSERT INTO sales (ticket_id, held, booked, deleted, version) SELECT n, 0, 0, FALSE, 1 FROM"
    await connection.execute(f"{few} generate_series(1, 5) AS n; ANALYZE; SET plan_cache_mode = force_generic_plan")
    update = prepared(together([SALES.update]), Postgres.dialect)
    await connection.execute(f"PREPARE it AS {update.sql}")
    plan = await connection.fetch(f"EXPLAIN EXECUTE it ({', '.join(['NULL'] * len(update.names))})")
    await link.close()
    assert any("Index Cond: (ticket_id = " in line for (line,) in plan), plan


async def test_a_repeat_locks_what_its_key_stands_for_in_the_order_of_all_others(store, postgres_database):
    """Bookings before sales: else it had the sale, and waited for the booking of who waits for the sale."""
    await store.offer(None)
    held = (await store.hold("k")).state
    other = await asyncpg.connect(postgres_database)
    try:
        async with other.transaction():
            await other.execute("SELECT FROM bookings WHERE id = $1 FOR UPDATE", held.id)
            again = asyncio.create_task(store.hold("k"))
            await until(lambda: other.fetchval(WAITING))
            await other.execute("SELECT FROM sales WHERE ticket_id = 1 FOR UPDATE NOWAIT")
        assert (await again).repeated
    finally:
        await other.close()
