"""On a real PostgreSQL: one replica stands still in the middle of a write, with a row that everybody wants."""

from __future__ import annotations

import asyncio
from time import monotonic

import asyncpg
import pytest

from adapters.persistence import migrate, postgres
from myticket_core.errors import Unavailable
from tests.services.postgres_world import opened
from tests.services.stores import because

WAITING, STANDING = 0.5, 5.0
HOT, ANOTHER = 1, 2


@pytest.fixture
async def replicas(postgres_database, monkeypatch):
    """Two with a writer each, and less patience than they have."""
    monkeypatch.setattr(postgres, "WAITING", WAITING)
    monkeypatch.setattr(postgres, "STANDING", STANDING)
    await asyncio.to_thread(migrate, postgres_database, "book")
    async with opened(postgres_database) as one, opened(postgres_database) as other:
        for ticket in (HOT, ANOTHER):
            await one.offer(None, ticket)
        yield one, other


@pytest.fixture
async def standing(replicas, monkeypatch):
    """One of the two stands still between its BEGIN and its COMMIT, until this is set; and what it was writing."""
    link, going_on, began = replicas[0].db._writer._link, asyncio.Event(), asyncio.Event()
    commit = link.commit

    async def stopped(steps, **how):
        began.set()
        await going_on.wait()
        await commit(steps, **how)

    monkeypatch.setattr(link, "commit", stopped)
    held = asyncio.create_task(replicas[0].hold("stopped", HOT))
    await began.wait()
    yield going_on, held
    going_on.set()
    await asyncio.gather(held, return_exceptions=True)


async def test_only_who_wants_its_row_is_refused(replicas, standing, caplog):
    _, other = replicas
    began = monotonic()
    wanted = [other.hold(f"k{number}", (HOT, ANOTHER)[number % 2]) for number in range(8)]
    outcomes = await asyncio.gather(*wanted, return_exceptions=True)
    assert monotonic() - began < STANDING, "nobody waited until PostgreSQL gave up the one that stands still"
    assert [type(it).__name__ for it in outcomes] == ["Busy", "Kept"] * 4
    assert isinstance(outcomes[0], Unavailable)
    assert outcomes[0].retry_after.total_seconds() >= 1
    assert (await other.sales.get(HOT)).held == 0
    assert (await other.sales.get(ANOTHER)).held == 4
    assert not caplog.records, "the store is not down"


async def test_what_it_holds_is_free_again_while_it_stands_still(replicas, standing):
    (one, other), (going_on, held) = replicas, standing
    async with asyncio.timeout(STANDING * 3):
        while not (kept := await tried(other.hold("k", HOT))):
            pass
    assert kept.state.status == "PENDING"
    going_on.set()
    await asyncio.gather(held, return_exceptions=True)
    again = await one.hold("stopped", HOT)
    assert again.state.status == "PENDING"
    assert (await other.sales.get(HOT)).held == len(await other.stored()) == 2


AT_COMMIT = """
CREATE FUNCTION patient() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF current_setting('lock_timeout') <> '20s' THEN RAISE 'only %', current_setting('lock_timeout'); END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER patient AFTER INSERT ON outbox DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION patient();
"""
"""A commit that tells something waits for those of all other services of that server, which are no row of anybody's."""


async def test_who_tells_something_waits_longer_for_the_others_who_commit(replicas, postgres_database):
    connection = await asyncpg.connect(postgres_database)
    await connection.execute(AT_COMMIT)
    await connection.close()
    one, _ = replicas
    held = await one.hold("k", HOT)
    paid = await one.bookings.change(held.state.id, lambda it: it.confirmed(1), because("paid"))
    assert paid.status == "BOOKED"


async def tried(write):
    try:
        return await write
    except Unavailable:
        return None
