"""PostgreSQL through asyncpg: a pool to read from, one connection that writes, made anew when it is lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any, Final
from urllib.parse import urlsplit

import asyncpg  # type: ignore[import-untyped]
from sqlalchemy import Connection, Dialect
from sqlalchemy.dialects import postgresql

from adapters.persistence.drivers import Fetch, Leader, Rows, Step
from adapters.persistence.errors import StoreError
from adapters.persistence.statements import Values
from myticket_core.errors import Unavailable

PATIENCE: Final = 5.0
"""Seconds for a connection to be made."""
LONGEST: Final = 30.0
"""Seconds for one statement, waiting for locks included."""
READERS: Final = 4
SAID: Final = "myticket_said"
"""The channel on which a writer tells that the outbox grew."""

_WRONG: Final = {
    asyncpg.InvalidPasswordError: "does not accept this user and password",
    asyncpg.InvalidAuthorizationSpecificationError: "does not accept this user",
    asyncpg.InvalidCatalogNameError: "does not have this database: create it first",
    asyncpg.InsufficientPrivilegeError: "does not allow this user to do that",
}
_DOWN: Final = (
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.LockNotAvailableError,
    asyncpg.InternalClientError,
)


class Postgres:
    """The database of a postgresql:// URL."""

    dialect: Dialect = postgresql.dialect(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]

    def __init__(self, url: str) -> None:
        """Raises StoreError."""
        self.url = url.replace("+asyncpg", "", 1)
        parts = urlsplit(self.url)
        if not parts.hostname or len(parts.path) < 2:
            raise StoreError("a PostgreSQL URL names a host and a database: postgresql://user@host:5432/database")
        self.name = f"postgresql://{parts.hostname}:{parts.port or 5432}{parts.path}"

    async def reader(self) -> PgReader:
        """Raises StoreError, Unavailable."""
        with explained(self.name):
            pool = asyncpg.create_pool(self.url, min_size=1, max_size=READERS, **_HOW)
            return PgReader(self.name, await pool)

    async def link(self) -> PgLink:
        """Raises StoreError, Unavailable."""
        link = PgLink(self)
        await link.connect()
        return link

    async def connection(self) -> Any:
        """Raises StoreError, Unavailable."""
        with explained(self.name):
            return await asyncpg.connect(self.url, **_HOW)

    def migrate(self, service: str, upgrade: Callable[[Connection], None]) -> None:
        from adapters.persistence.postgres_migration import migrate_database

        asyncio.run(migrate_database(self.name, self.url, service, upgrade))

    def leader(self, what: str, heard: Callable[[], None]) -> Leader:
        from adapters.persistence.postgres_leading import PgLeader

        return PgLeader(self, what, heard)

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Fetch]:
        connection = await self.connection()
        try:
            with explained(self.name):
                async with connection.transaction(isolation="repeatable_read", readonly=True):
                    yield connection.fetch
        finally:
            with suppress(*_DOWN):
                await connection.close(timeout=PATIENCE)


_HOW: Final[dict[str, Any]] = {
    "timeout": PATIENCE,
    "command_timeout": LONGEST,
    "server_settings": {
        "application_name": "myticket",
        "idle_in_transaction_session_timeout": "60000",
        "enable_seqscan": "off",  # plans made while the tables were empty are kept, and everything asked has an index
        "jit": "off",
    },
}


@contextmanager
def explained(name: str) -> Iterator[None]:
    """Raises StoreError for what somebody has to mend, Unavailable for what may mend itself."""
    try:
        yield
    except tuple(_WRONG) as error:
        raise StoreError(f"{name} {_wrong(error)} (DATABASE_URL): {error}") from error
    except _DOWN as error:
        raise unavailable(name, error) from error


def _wrong(error: BaseException) -> str:
    return next(words for kind, words in _WRONG.items() if isinstance(error, kind))


def unavailable(name: str, error: BaseException) -> Unavailable:
    return Unavailable(f"{name} cannot be used: {str(error) or type(error).__name__}")


class PgReader:
    def __init__(self, name: str, pool: Any) -> None:
        self.name, self._pool = name, pool

    async def rows(self, step: Step) -> Rows:
        sql, values = step
        with explained(self.name):
            rows: Rows = await self._pool.fetch(sql, *values)
            return rows

    scan = rows

    async def has_table(self, name: str) -> bool:
        ((there,),) = await self.rows(("SELECT to_regclass($1) IS NOT NULL", (name,)))
        return bool(there)

    async def close(self) -> None:
        await self._pool.close()


class PgLink:
    """A connection that is lost is made anew by the next `begin`."""

    def __init__(self, postgres: Postgres) -> None:
        self._postgres = postgres
        self._connection: Any = None

    async def connect(self) -> None:
        """Raises StoreError, Unavailable."""
        self._connection = await self._postgres.connection()

    async def begin(self, steps: Sequence[Step]) -> Sequence[Rows]:
        if self._connection is None or self._connection.is_closed():
            await self.connect()
        await self._connection.execute("BEGIN")
        return await self.fetches(steps)

    async def fetches(self, steps: Sequence[Step]) -> Sequence[Rows]:
        return [await self._connection.fetch(sql, *values) for sql, values in steps]

    async def commit(self, steps: Sequence[tuple[str, Sequence[Values]]], *, said: bool) -> None:
        for sql, rows in steps:
            await self._connection.executemany(sql, rows)
        await self._connection.execute(f"NOTIFY {SAID}; COMMIT" if said else "COMMIT")

    async def rollback(self) -> None:
        if self._connection is None:
            return
        with suppress(*_DOWN, asyncpg.PostgresError):
            await self._connection.execute("ROLLBACK")
            return
        self._connection.terminate()  # whatever it was doing, nothing of it is committed by this process any more
        self._connection = None

    async def close(self) -> None:
        if self._connection is not None:
            with suppress(*_DOWN):
                await self._connection.close(timeout=PATIENCE)

    def unavailable(self, error: Exception) -> Unavailable | None:
        if isinstance(error, Unavailable):
            return error
        return unavailable(self._postgres.name, error) if isinstance(error, _DOWN) else None
