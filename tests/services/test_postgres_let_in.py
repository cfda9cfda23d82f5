"""On a real PostgreSQL that does not let a running service in any more: it is waited for as one that is away."""

from __future__ import annotations

import asyncio

import pytest

from adapters.persistence import Database, StoreError, migrate
from adapters.system import RandomIds
from myticket_core.access import EVERYTHING
from myticket_core.errors import Unavailable
from tests.services.postgres_world import administering, as_role
from tests.services.postgres_world import role as role_of
from tests.services.stores import Bookings, Ticking


@pytest.fixture
async def server(postgres_database):
    async with administering(postgres_database) as connection:
        yield connection


@pytest.fixture
async def role(server):
    async with role_of(server, "SUPERUSER") as name:
        yield name


async def test_who_is_not_let_in_any_more_says_so_until_they_are(postgres_database, server, role):
    await asyncio.to_thread(migrate, postgres_database, "book")
    url = as_role(postgres_database, role)
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
