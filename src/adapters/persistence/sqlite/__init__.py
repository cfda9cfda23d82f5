"""SQLite through the standard library's module: what is short on the event loop, what waits for the disk on a thread.

A statement of a group takes some ten microseconds. On a thread of its own each row costs two hand-overs of the
interpreter's lock, up to five milliseconds each while the loop is busy (docs/adr/0009).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from sqlalchemy import Dialect
from sqlalchemy.dialects import sqlite

from adapters.persistence.drivers import Fetch, Leader, Progress, Rows, Upgrade
from adapters.persistence.errors import StoreError
from adapters.persistence.sqlite.connection import connected, fetched
from adapters.persistence.sqlite.link import SqliteLink
from adapters.persistence.sqlite.reader import SqliteReader


class Sqlite:
    """The file that a sqlite:/// URL names."""

    asks_time: str | None = None
    dialect: Dialect = sqlite.dialect(paramstyle="qmark")

    def __init__(self, url: str) -> None:
        """Raises StoreError."""
        self.name = file_of(url)

    async def reader(self) -> SqliteReader:
        return SqliteReader(self.name)

    async def link(self) -> SqliteLink:
        return SqliteLink(self.name)

    def migrate(self, service: str, upgrade: Upgrade, tell: Progress) -> None:
        from adapters.persistence.sqlite.migration import migrate_file

        migrate_file(self.name, service, lambda connection: upgrade(connection, tell))

    def leader(self, heard: Callable[[], None]) -> Leader:
        return Alone()

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Fetch]:
        connection = connected(self.name, read_only=True)

        async def fetch(sql: str) -> Rows:
            return fetched(connection, (sql, ()))

        try:
            await fetch("BEGIN")
            yield fetch
        finally:
            connection.close()


class Alone:
    """A file is written to by one process, for which a lock beside it is held."""

    async def leads(self) -> bool:
        return True

    async def close(self) -> None: ...


def file_of(url: str) -> str:
    """The path in sqlite:///relative or sqlite:////absolute. Raises StoreError."""
    scheme, found, path = url.partition(":///")
    if not found or not path or scheme != "sqlite":
        raise StoreError(f"{url} is no store: say sqlite:///relative/file or sqlite:////absolute/file")
    return path
