"""On a real PostgreSQL that does not let a running service in any more: it is waited for as one that is away."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg
import pytest

from adapters.persistence import Database, StoreError, migrate
from adapters.system import RandomIds
from myticket_core.access import EVERYTHING
from myticket_core.errors import Unavailable
from tests.services.stores import Bookings, Ticking


@pytest.fixture
async def server(postgres_database):
    connection = await asyncpg.connect(postgres_database)
    yield connection
    await connection.close()


@pytest.fixture
async def role(server):
    name = f"role_{uuid4().hex}"
    await server.execute(f"CREATE ROLE {name} LOGIN SUPERUSER PASSWORD 'secret'")
    yield name
    await server.execute(f"DROP ROLE {name}")


async def test_who_is_not_let_in_any_more_says_so_until_they_are(postgres_database, server, role):
    await asyncio.to_thread(migrate, postgres_database, "book")
    parts = urlsplit(postgres_database)
    url = parts._replace(netloc=f"{role}:secret@{parts.hostname}:{parts.port}").geturl()
    db = await Database.open(url, "book", Ticking(), RandomIds())
    store = Bookings(db)
    await store.offer(None)
    held = (await store.hold("k")).state
    await server.execute(f"ALTER ROLE {role} NOLOGIN")
    await server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1", role)
    for _ in range(3):
        asked = store.hold("l"), store.hold("m"), store.bookings.get(held.id, EVERYTHING), db.ping()
        outcomes = await asyncio.gather(*asked, return_exceptions=True)
        assert {type(outcome) for outcome in outcomes} == {Unavailable}
    assert "does not accept this user" in str(outcomes[0])
    with pytest.raises(StoreError, match="does not accept this user"):
        await Database.open(url, "book", Ticking(), RandomIds())
    await server.execute(f"ALTER ROLE {role} LOGIN")
    assert (await store.hold("l")).state.status == "PENDING"
    assert (await store.bookings.get(held.id, EVERYTHING)).id == held.id
    await db.close()
