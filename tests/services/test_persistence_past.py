"""What a store forgets, row by row, and how it says so; the guarantee itself is in the conformance suite."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from adapters.persistence import FULL_BUCKETS, Database, SqlContacts, SqlPast, migrate
from adapters.persistence.audit import parts
from adapters.persistence.schema.alarm import BUCKETS
from adapters.persistence.schema.shared import FORGOTTEN, INBOX, KEYS, LEDGER, OUTBOX
from adapters.system import RandomIds
from myticket_core.access import Scope
from myticket_core.notification.contact import Contact
from myticket_core.notification.model import EMAIL
from myticket_core.values import millis
from tests.services.stores import NOW, Bookings, Ticking, url_of

EVER = timedelta(days=1)


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    found = url_of(tmp_path) if request.param == "sqlite" else request.getfixturevalue("postgres_database")
    migrate(found, "book")
    return found


@pytest.fixture
async def book(url: str) -> AsyncIterator[Bookings]:
    db = await Database.open(url, "book", Ticking(), RandomIds())
    yield Bookings(db)
    await db.close()


async def counts(db: Database) -> dict[str, int]:
    tables = (OUTBOX, LEDGER, INBOX, KEYS)
    return {it.name: (await db.rows(select(func.count()).select_from(it)))[0][0] for it in tables}


async def test_what_is_published_goes_and_what_is_not_stays(book: Bookings):
    """Each hold of the last seat says that it is sold out, of a sale that has heard of one set of terms."""
    for ticket in (1, 2, 3):
        await book.offer(1, ticket)
        await book.hold(f"h{ticket}", ticket)
    first, second, _ = await book.outbox.pending(10)
    await book.outbox.published([first.id, second.id])
    assert await counts(book.db) == {"outbox": 3, "ledger": 3, "inbox": 0, "keys": 3}
    assert not await SqlPast(book.db).forget(NOW + EVER, 100)
    assert await counts(book.db) == {"outbox": 1, "ledger": 0, "inbox": 0, "keys": 0}
    assert len(await book.outbox.pending(10)) == 1
    assert len(await book.stored()) == 3


async def test_it_says_how_far_back_it_reaches_and_never_that_it_reaches_further(book: Bookings, url: str):
    await book.offer(None)
    await book.hold("h1")
    assert (await parts(url, "book"))["since"] == []
    past = SqlPast(book.db)
    await past.forget(NOW + EVER, 100)
    await book.hold("h2")
    await past.forget(NOW + EVER / 2, 100)
    assert (await parts(url, "book"))["since"] == [millis(NOW + EVER)]


async def test_where_there_is_nothing_to_forget_nothing_is_written(book: Bookings):
    await book.offer(None)
    await book.hold("h1")
    assert not await SqlPast(book.db).forget(NOW - EVER, 100)
    assert (await book.db.rows(select(FORGOTTEN)), (await counts(book.db))["keys"]) == ([], 1)


async def test_buckets_that_have_long_been_full_go_and_the_others_stay(tmp_path: Path):
    migrate(url_of(tmp_path), "alarm")
    db = await Database.open(url_of(tmp_path), "alarm", Ticking(), RandomIds())
    somebody = Contact(recipient=Scope(customer_id=1), channel=EMAIL, address="kim@example.com")
    full_at = {f"b{number}": NOW + number * EVER for number in range(4)}
    await SqlContacts(db).change(somebody.recipient, EMAIL, lambda *_: (somebody, full_at), [*full_at])
    past = SqlPast(db, FULL_BUCKETS)
    assert await past.forget(NOW + 2 * EVER, 1)
    assert await past.forget(NOW + 2 * EVER, 1)
    assert not await past.forget(NOW + 2 * EVER, 1)
    assert sorted(name for (name,) in await db.rows(select(BUCKETS.c.name))) == ["b2", "b3"]
    await db.close()


async def test_others_are_served_meanwhile(book: Bookings):
    """Thousands are forgotten in many small writes, between which everybody else's go on."""
    await book.offer(None)
    await asyncio.gather(*(book.hold(f"h{number}") for number in range(1000)))
    past, later = SqlPast(book.db), 0
    forgetting = asyncio.create_task(_all(past))
    while not forgetting.done():
        await book.hold(f"later {later}", ticket=1)
        later += 1
    assert later >= 5
    left = await counts(book.db)
    assert left["keys"] <= later
    assert len(await book.stored()) == 1000 + later


async def _all(past: SqlPast) -> None:
    while await past.forget(NOW + EVER, 100):
        pass
