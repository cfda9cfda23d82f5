"""SQLite: many read at once, and its connections are used by one thread at a time."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter

from sqlalchemy import bindparam, select

from adapters.persistence.schema.book import BOOKINGS
from adapters.persistence.sqlite import reader
from adapters.persistence.sqlite.connection import fetched
from tests.services.stores import Bookings, opened

PATIENCE = 5.0
OWN = select(BOOKINGS.c.id).where(BOOKINGS.c.customer_id == bindparam("customer"))


async def test_of_many_who_look_at_once_no_two_share_a_connection(tmp_path, monkeypatch):
    """Also when some of them have gone before they are served."""
    used, began, first_two, both = Counter(), threading.Event(), iter((1, 2)), threading.Barrier(2)

    def alone(connection, step):
        used[connection] += 1
        try:
            assert used[connection] == 1
            began.set()
            if next(first_two, None):
                both.wait(PATIENCE)
            return fetched(connection, step)
        finally:
            used[connection] -= 1

    async with opened(tmp_path, "book") as db:
        store = Bookings(db)
        await store.offer(None)
        held = await asyncio.gather(*(store.hold(f"k{number}", customer_id=1 + number % 20) for number in range(100)))
        own = [{kept.state.id for kept in held[number::20]} for number in range(20)]
        monkeypatch.setattr(reader, "fetched", alone)
        gone = [asyncio.create_task(db.scan(OWN, customer=1)) for _ in range(20)]
        await asyncio.to_thread(began.wait, PATIENCE)
        for task in gone:
            task.cancel()
        seen = await asyncio.gather(*(db.scan(OWN, customer=1 + number % 20) for number in range(100)))
        await asyncio.gather(*gone, return_exceptions=True)
    assert [{id for (id,) in rows} for rows in seen] == own * 5


FOR_LONG = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1e12) SELECT max(i) FROM n"


async def test_what_nobody_waits_for_any_more_does_not_keep_it_from_closing(tmp_path):
    async with opened(tmp_path) as db:
        began = threading.Event()
        for connection in db._reader._all:
            connection.set_progress_handler(began.set, 1000)
        looking = asyncio.create_task(db._reader.scan((FOR_LONG, ())))
        await asyncio.to_thread(began.wait, PATIENCE)
        looking.cancel()
        async with asyncio.timeout(PATIENCE):
            await db.close()
