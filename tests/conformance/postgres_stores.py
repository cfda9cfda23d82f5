"""Stores on PostgreSQL that tests use one after the other: to empty one takes a hundredth of what a new one takes."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg
from attrs import define, field

from adapters.persistence import migrate

OTHERS = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
MIGRATED = "as_migrated"
"""The schema that has the rows which a migration has written."""


@define
class Stores:
    server: str
    _free: defaultdict[str, list[str]] = field(factory=lambda: defaultdict(list))
    _emptying: dict[str, str] = field(factory=dict)

    async def take(self, service: str) -> str:
        """The URL of an empty store of the service, nobody else's until it is given back."""
        return self._free[service].pop() if self._free[service] else await self._made(service)

    async def give_back(self, service: str, url: str) -> None:
        """Whoever is still connected has to leave."""
        async with _connected(url) as store:
            await store.execute(f"SELECT pg_terminate_backend(pid) {OTHERS}")
            await store.execute(self._emptying[url])
        self._free[service].append(url)

    async def drop(self) -> None:
        async with _connected(self.server) as server:
            for url in self._emptying:
                await server.execute(f"DROP DATABASE {urlsplit(url).path[1:]} WITH (FORCE)")

    async def _made(self, service: str) -> str:
        name = f"test_{uuid4().hex}"
        async with _connected(self.server) as server:
            await server.execute(f"CREATE DATABASE {name}")
        url = urlsplit(self.server)._replace(path=f"/{name}").geturl()
        await asyncio.to_thread(migrate, url, service)
        async with _connected(url) as store:
            self._emptying[url] = await _noted(store)
        return url


async def _noted(store: asyncpg.Connection) -> str:
    """What makes it again as it is now."""
    tables = [name for (name,) in await store.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
    numbers = await store.fetch("SELECT sequencename FROM pg_sequences WHERE schemaname = 'public'")
    await store.execute(f"CREATE SCHEMA {MIGRATED}")
    for it in tables:
        await store.execute(f"CREATE TABLE {MIGRATED}.{it} AS TABLE {it}")
    again = [f"INSERT INTO {it} OVERRIDING SYSTEM VALUE SELECT * FROM {MIGRATED}.{it}" for it in tables]
    restarted = [f"ALTER SEQUENCE {name} RESTART" for (name,) in numbers]
    return "; ".join([*[f"DELETE FROM {it}" for it in tables], *again, *restarted])


@asynccontextmanager
async def _connected(url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()
