"""SQLite: many read at once, and its connections are used by one thread at a time."""

from __future__ import annotations

import asyncio
import time
from collections import Counter

from sqlalchemy import bindparam, select

from adapters.persistence.schema.book import BOOKINGS
from adapters.persistence.sqlite import reader
from adapters.persistence.sqlite.connection import fetched
from tests.services.stores import Bookings, opened

OWN = select(BOOKINGS.c.id).where(BOOKINGS.c.customer_id == bindparam("customer"))


async def test_of_many_who_look_at_once_no_two_share_a_connection(tmp_path, monkeypatch):
    """Also when some of them have gone before they are served."""
    used = Counter()

    def alone(connection, step):
        used[connection] += 1
        try:
            assert used[connection] == 1
            time.sleep(0.001)  # long enough for the others to come
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
        await asyncio.sleep(0.005)
        for task in gone:
            task.cancel()
        seen = await asyncio.gather(*(db.scan(OWN, customer=1 + number % 20) for number in range(100)))
        await asyncio.gather(*gone, return_exceptions=True)
    assert [{id for (id,) in rows} for rows in seen] == own * 5


FOR_LONG = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1e12) SELECT max(i) FROM n"


async def test_what_nobody_waits_for_any_more_does_not_keep_it_from_closing(tmp_path):
    async with opened(tmp_path) as db:
        looking = asyncio.create_task(db._reader.scan((FOR_LONG, ())))
        await asyncio.sleep(0.1)
        looking.cancel()
        async with asyncio.timeout(5):
            await db.close()
