"""On a real PostgreSQL: what an administrator does to it is told for what it is, and nobody sees a traceback."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

import asyncpg
import pytest

from adapters.persistence import StoreError, migrate
from adapters.persistence.errors import Busy, Overtaken, Refused
from adapters.persistence.postgres.trouble import unavailable
from myticket_core.errors import Unavailable
from tests.services.postgres_world import administering, as_role, opened
from tests.services.postgres_world import role as role_of
from tests.services.stores import because


@pytest.fixture
async def server(postgres_database):
    async with administering(postgres_database) as connection:
        yield connection


@pytest.fixture
async def role(server):
    """No superuser; it is granted what the tables of before allow."""
    async with role_of(server) as name:
        yield name


@pytest.fixture
def url(postgres_database, role):
    return as_role(postgres_database, role)


@pytest.fixture
async def granted(server, postgres_database, role):
    await asyncio.to_thread(migrate, postgres_database, "book")
    await server.execute(f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}")
    await server.execute(f"GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO {role}")


async def test_how_a_role_isolates_its_transactions_is_not_asked(server, role, url, granted):
    await server.execute(f"ALTER ROLE {role} SET default_transaction_isolation = 'serializable'")
    async with opened(url) as one, opened(url) as other:
        await one.offer(None)
        holding = [store.hold(f"k{number}") for number in range(20) for store in (one, other)]
        held = await asyncio.gather(*holding, return_exceptions=True)
        assert {type(kept).__name__ for kept in held} == {"Kept"}
        assert await one.db._writer._link._connection.fetchval("SHOW default_transaction_isolation") == "read committed"
        assert await one.db._reader.rows(("SHOW default_transaction_isolation", ())) == [("read committed",)]


FAILING = """
CREATE SEQUENCE tries;
CREATE FUNCTION failing() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
    IF nextval('tries') <= {times} THEN RAISE 'not now' USING ERRCODE = '{code}'; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER failing BEFORE INSERT ON bookings FOR EACH ROW EXECUTE FUNCTION failing();
"""


@pytest.mark.parametrize("code", ["40001", "40P01"])
@pytest.mark.parametrize(("times", "outcome"), [(1, "Kept"), (9, "Overtaken")])
async def test_who_was_overtaken_tries_again_at_once_and_then_says_later(server, url, granted, code, times, outcome):
    await server.execute(FAILING.format(code=code, times=times))
    async with opened(url) as store:
        await store.offer(None)
        (told,) = await asyncio.gather(store.hold("k"), return_exceptions=True)
        assert type(told).__name__ == outcome
        assert len(await store.stored()) == (outcome == "Kept")


@pytest.mark.parametrize("code", ["53100", "55000", "58030"])
async def test_what_the_server_cannot_do_now_is_told_as_a_store_that_is_away(server, url, granted, code, caplog):
    await server.execute(FAILING.format(code=code, times=9))
    async with opened(url) as store:
        await store.offer(None)
        (told,) = await asyncio.gather(store.hold("k"), return_exceptions=True)
    assert type(told) is Unavailable
    assert "not now" in str(told)
    assert "nothing can be written" in caplog.text


async def test_a_write_that_is_not_allowed_says_so_and_takes_no_other_with_it(server, role, url, granted, caplog):
    async with opened(url) as store:
        await store.offer(None)
        held = (await store.hold("a")).state
        await server.execute(f"REVOKE UPDATE ON bookings FROM {role}")
        for _ in range(2):
            paid = store.bookings.change(held.id, lambda it: it.confirmed(1), because("paid"))
            refused, sold = await asyncio.gather(paid, store.offer(5, ticket=2), return_exceptions=True)
            assert type(refused) is Refused
            assert "does not allow this user to do that: permission denied for table bookings" in str(refused)
            assert sold is None
        assert f"not written: {refused}" in caplog.messages
        assert "nothing can be written" not in caplog.text
        await server.execute(f"GRANT UPDATE ON bookings TO {role}")
        assert (await store.bookings.change(held.id, lambda it: it.confirmed(1), because("paid"))).status == "BOOKED"


@pytest.fixture
async def elsewhere(postgres_url):
    connection = await asyncpg.connect(postgres_url)
    yield connection
    await connection.close()


async def test_a_database_that_lets_in_nobody_is_waited_for(elsewhere, postgres_database, role, granted, url):
    name = urlsplit(postgres_database).path[1:]
    async with opened(url) as store:
        await elsewhere.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        await elsewhere.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1", role)
        for _ in range(2):
            told = await asyncio.gather(store.hold("k"), store.db.ping(), return_exceptions=True)
            assert [type(it) for it in told] == [Unavailable, Unavailable]
        assert "not currently accepting connections" in str(told[0])
        await elsewhere.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
        await store.db.ping()
        await store.offer(None)
        assert (await store.hold("k")).state.status == "PENDING"


async def test_a_server_that_only_reads_is_connected_to_anew_until_one_writes(server, role, granted, url):
    """As while it is maintained: a session stays what it was when it began."""
    async with opened(url) as store:
        await store.offer(None)
        await server.execute(f"ALTER ROLE {role} SET default_transaction_read_only = on")
        await server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1", role)
        for _ in range(2):
            (told,) = await asyncio.gather(store.hold("k"), return_exceptions=True)
            assert type(told) is Unavailable
        assert "only to be read" in str(told)
        assert await store.stored() == {}
        async with opened(url) as begun_meanwhile:
            assert await begun_meanwhile.stored() == {}
            await server.execute(f"ALTER ROLE {role} RESET default_transaction_read_only")
            assert (await begun_meanwhile.hold("k")).state.status == "PENDING"
        assert (await store.hold("k")).state.status == "PENDING"


async def test_who_may_make_no_table_is_told_what_to_grant(url):
    with pytest.raises(StoreError, match=r"permission denied for schema public; .*GRANT CREATE ON SCHEMA") as told:
        await asyncio.to_thread(migrate, url, "book")
    assert "\n" not in str(told.value)


async def test_what_a_step_of_migrating_cannot_do_is_one_line(server, postgres_database):
    await server.execute("CREATE TABLE bookings (id int)")
    with pytest.raises(StoreError, match='could not be migrated: relation "bookings" already exists') as told:
        await asyncio.to_thread(migrate, postgres_database, "book")
    assert "\n" not in str(told.value)


def test_who_waited_for_a_lock_waited_long_enough():
    """Which PostgreSQL counts among what is not ready."""
    assert type(unavailable("it", asyncpg.LockNotAvailableError("late"))) is Busy
    assert type(unavailable("it", asyncpg.DeadlockDetectedError("both"))) is Overtaken
    assert unavailable("it", ValueError("ours")) is None
