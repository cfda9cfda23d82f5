"""PostgreSQL through asyncpg: a pool to read from, one connection that writes, made anew when it is lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any, Final

import asyncpg
from sqlalchemy import Dialect
from sqlalchemy.dialects import postgresql

from adapters.persistence.drivers import Fetch, Leader, Progress, Upgrade
from adapters.persistence.postgres.address import PATIENCE, address
from adapters.persistence.postgres.hosts import READS, WRITES, Hosts
from adapters.persistence.postgres.link import PgLink
from adapters.persistence.postgres.pooling import unshared
from adapters.persistence.postgres.reader import READERS, PgReader
from adapters.persistence.postgres.trouble import DOWN, explained
from myticket_core.errors import Unavailable

LONGEST: Final = 30.0
"""Seconds for one statement, waiting for locks included."""
AT_LENGTH: Final = 3600.0
"""Seconds for one of who reads all there is at one instant: it may take its time (docs/adr/0010)."""
WAITING: Final = 2.0
"""Seconds that a write waits for what another one holds."""
STANDING: Final = 5.0
"""Seconds that a write may stand still, after which PostgreSQL gives up what it holds: its process was stopped."""

_SETTINGS: Final = {
    "default_transaction_isolation": "read committed",
    "idle_in_transaction_session_timeout": "60000",
    "enable_seqscan": "off",  # plans made while the tables were empty are kept, and everything asked has an index
    "jit": "off",
}
_BY_INDEX: Final = {
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "plan_cache_mode": "force_generic_plan",
}
"""For who writes a few rows: a plan made while a table was small would read all of it later to find them, and one made
anew for each number of rows costs more than it saves."""


class Postgres:
    """The database of a postgresql:// URL."""

    asks_time: str | None = "SELECT clock_timestamp()"
    dialect: Dialect = postgresql.dialect(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]

    def __init__(self, url: str, setting: str | None = None) -> None:
        """Raises StoreError."""
        self._address = address(url, setting)
        self.leads = False  # whether this process's relay does, as far as it knows
        self.name, self._hosts = self._address.name, Hosts(self._address.name, self._address.urls)

    async def reader(self) -> PgReader:
        """Raises StoreError, Unavailable."""
        with explained(self.name), self._address.usable():
            await unshared(self.name, self._reading)
            untouched = {"init": _prepared, "reset": _untouched}
            pool = asyncpg.create_pool(connect=self._reading, min_size=1, max_size=READERS, **untouched)
            return PgReader(self.name, await pool)

    async def link(self) -> PgLink:
        """Raises StoreError. While nothing can be written, its first write connects."""
        link = PgLink(self.name, self._writing, lambda: not self.leads)
        with suppress(Unavailable):
            await link.connect()
        return link

    async def _writing(self) -> Any:
        waiting, standing = (f"{seconds * 1000:.0f}" for seconds in (WAITING, STANDING))
        held = {"lock_timeout": waiting, "idle_in_transaction_session_timeout": standing}
        return await self.connection(WRITES, **held, **_BY_INDEX)

    async def connection(self, able: str, **settings: str) -> Any:
        """Raises StoreError, Unavailable."""
        with explained(self.name), self._address.usable():
            connection = await self._hosts.connect(able, **self._how())
            try:
                await _prepared(connection, settings)
            except BaseException:
                connection.terminate()
                raise
            return connection

    async def _reading(self, *_: None, **pooled: Any) -> Any:
        return await self._hosts.connect(READS, **pooled, **self._how())

    def _how(self) -> dict[str, Any]:
        named = {"application_name": self._address.application}
        return {"timeout": self._address.patience, "command_timeout": LONGEST, "server_settings": named}

    def migrate(self, service: str, upgrade: Upgrade, tell: Progress) -> None:
        from adapters.persistence.postgres.migration import migrate_database

        asyncio.run(migrate_database(self._address, service, upgrade, tell))

    def leader(self, heard: Callable[[], None]) -> Leader:
        from adapters.persistence.postgres.leading import PgLeader

        return PgLeader(self, heard)

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Fetch]:
        connection = await self.connection(self._hosts.looks)
        try:
            with explained(self.name):
                async with connection.transaction(isolation="repeatable_read", readonly=True):
                    yield partial(connection.fetch, timeout=AT_LENGTH)
        finally:
            with suppress(*DOWN):
                await connection.close(timeout=PATIENCE)


async def _prepared(connection: Any, settings: Mapping[str, str] = {}) -> None:
    """Not at the startup, where poolers refuse what they do not know."""
    await connection.execute("; ".join(f"SET {name} = '{value}'" for name, value in {**_SETTINGS, **settings}.items()))


async def _untouched(_: Any) -> None:
    """Reading leaves nothing in a connection to be reset; asyncpg would ask PostgreSQL to, after each statement."""
