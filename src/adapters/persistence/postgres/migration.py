"""Migrating a PostgreSQL database, one process at a time: indexes while it is in use, the rest in one transaction."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any, Final

import asyncpg
from sqlalchemy import StaticPool
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from adapters.persistence.drivers import Progress, Upgrade
from adapters.persistence.errors import StoreError
from adapters.persistence.migration import beforehand
from adapters.persistence.postgres.address import Address
from adapters.persistence.postgres.hosts import WRITES, Hosts
from adapters.persistence.postgres.pooling import unshared
from adapters.persistence.postgres.trouble import explained, explanation, line
from adapters.persistence.schema import steps_left

AGAIN: Final = 0.1
"""Seconds between two tries to be the one who migrates."""
PATIENCE: Final = 1.0
"""Seconds to wait for a table that somebody holds, in which everybody else waits behind who migrates: less than a write
waits (WAITING)."""
PAUSE: Final = 2.0
"""Seconds in which those get on, until it is tried again."""
OFTEN: Final = 20
"""Of so many tries that were in vain, one is told."""

_ALONE: Final = "SELECT pg_try_advisory_lock(hashtext('myticket migrate'))"
_GRANTED: Final = "who migrates owns the tables and has been granted CREATE: GRANT CREATE ON SCHEMA public TO its user"
_HALF_BUILT: Final = "SELECT EXISTS (SELECT FROM pg_index WHERE indexrelid = to_regclass($1) AND NOT indisvalid)"
_HELD: Final = (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError)
_LATER: Final = (asyncpg.UndefinedTableError, asyncpg.UndefinedColumnError)
"""Of what a step before makes, the step itself makes the index."""
_HOLDING: Final = """
SELECT format('%s (pid %s)', coalesce(nullif(application_name, ''), 'somebody'), pid)
FROM pg_stat_activity JOIN pg_locks USING (pid) JOIN pg_class ON pg_class.oid = relation
WHERE granted AND relnamespace = to_regnamespace(current_schema()) AND pid != pg_backend_pid()
ORDER BY xact_start LIMIT 1
"""
"""Who has been in one transaction for longest, of those that hold tables of the service."""


async def migrate_database(address: Address, service: str, upgrade: Upgrade, tell: Progress) -> None:
    """The steps are taken all or none, and told when they have been; what was made beforehand stays.

    However long somebody holds a table, it is waited for. Raises StoreError, Unavailable.
    """
    with explained(address.name), _told(address.name):
        async with _alone(address) as connection:
            found = await _found(connection)
            if steps_left(address.name, service, found):
                await _make(connection, service, found)
                await _climb(connection, service, upgrade, tell)


@contextmanager
def _told(name: str) -> Iterator[None]:
    """Raises StoreError for whatever the server refuses."""
    try:
        yield
    except asyncpg.InsufficientPrivilegeError as error:
        raise StoreError(f"{name} does not allow this user to migrate it: {line(error)}; {_GRANTED}") from error
    except asyncpg.PostgresError as error:
        raise explanation(name, error) or StoreError(f"{name} could not be migrated: {line(error)}") from error


@asynccontextmanager
async def _alone(address: Address) -> AsyncIterator[Any]:
    """It is asked again and again: who waits for the lock in a statement is waited for by who builds an index."""

    async def connected() -> Any:
        return await hosts.connect(WRITES, timeout=address.patience)

    hosts = Hosts(address.name, address.urls)
    with address.usable():
        await unshared(address.name, connected)
        connection = await connected()
    try:
        await connection.execute("SET statement_timeout = 0; SET lock_timeout = 0")  # whatever is usual for its user
        while not await connection.fetchval(_ALONE):  # noqa: ASYNC110  nobody here could ring
            await asyncio.sleep(AGAIN)
        yield connection
    finally:
        await connection.close()


async def _found(connection: Any) -> Sequence[str]:
    if await connection.fetchval("SELECT to_regclass('alembic_version')") is None:
        return ()
    return [number for (number,) in await connection.fetch("SELECT version_num FROM alembic_version")]


async def _make(connection: Any, service: str, found: Sequence[str]) -> None:
    for name, said in beforehand(service, found[0]) if found else ():
        if not name:
            await connection.execute(said)
            continue
        if await connection.fetchval(_HALF_BUILT, name):  # by one that broke off
            await connection.execute(f"DROP INDEX CONCURRENTLY {name}")
        with suppress(*_LATER):
            await connection.execute(f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {name} ON {said}")


async def _climb(connection: Any, service: str, upgrade: Upgrade, tell: Progress) -> None:
    """All or none, again and again: nobody waits for long behind who waits for a table."""
    for tried in itertools.count():
        steps: list[str] = []
        try:
            await _try(connection, upgrade, steps.append)
        except _HELD:
            if tried % OFTEN == 0:
                who = await connection.fetchval(_HOLDING) or "somebody"
                tell(f"{service}: waits, as long as it takes, for who holds a table that has to change: {who}")
            await asyncio.sleep(PAUSE)
        else:
            for step in steps:
                tell(step)
            return


async def _try(connection: Any, upgrade: Upgrade, tell: Progress) -> None:
    """On the connection that has the lock: where it is lost, so is what was done."""

    async def lent() -> Any:
        return connection

    engine = create_async_engine("postgresql+asyncpg://", async_creator=lent, poolclass=StaticPool)
    try:
        async with engine.begin() as writing:
            await writing.exec_driver_sql(f"SET LOCAL lock_timeout = {PATIENCE * 1000:.0f}")
            await writing.run_sync(upgrade, tell)
    except DBAPIError as wrapped:
        raise (wrapped.orig and wrapped.orig.__cause__) or wrapped from wrapped
