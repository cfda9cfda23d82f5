"""Very many messages that nobody has read hold up nobody else: the loop goes on, and so do other writes."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import text

from adapters.persistence import Database, SqlNotifications, migrate
from adapters.persistence.draft import Write
from adapters.system import RandomIds
from myticket_core.access import Scope
from myticket_core.conformance.notification_store import message
from myticket_core.notification.model import NotificationId
from tests.services.stores import NOW, Ticking, because, url_of

MANY = 2_500
BUYER = Scope(customer_id=1)


@pytest.fixture(params=["sqlite", "postgres"])
def url(request, tmp_path):
    in_a_file = request.param == "sqlite"
    return url_of(tmp_path, "alarm") if in_a_file else request.getfixturevalue("postgres_database")


@pytest.fixture
async def db(url):
    await asyncio.to_thread(migrate, url, "alarm")
    opened = await Database.open(url, "alarm", Ticking(), RandomIds())
    yield opened
    await opened.close()


@pytest.fixture
async def store(db):
    """All of them delivered, and one of somebody else's."""
    made = SqlNotifications(db)
    await made.add([*(message(f"e{number}") for number in range(MANY)), message("x", customer=2)], NOW, because("many"))
    delivered = text("UPDATE notifications SET status = 'DELIVERED'")
    await db.write(Write(lambda draft: draft.run(delivered, ())))
    return made


async def test_they_are_counted_beside_the_loop(db, store, monkeypatch):
    async def never(*_, **__):
        raise AssertionError("on SQLite this is done on the loop")

    monkeypatch.setattr(db, "rows", never)
    assert await store.unread(BUYER) == MANY


async def test_all_are_marked_some_at_a_time_and_at_the_end_all_are(db, store, monkeypatch):
    left, write = [], db.write

    async def watched(what):
        await write(what)
        left.append(await store.unread(BUYER))

    monkeypatch.setattr(db, "write", watched)
    await store.read_up_to(NotificationId(MANY), BUYER, NOW)
    assert left == [1_500, 500, 0]
    assert await store.unread(Scope(customer_id=2)) == 1
