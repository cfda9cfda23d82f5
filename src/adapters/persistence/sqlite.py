"""SQLite through the standard library's module: what is short on the event loop, what waits for the disk on a thread.

A statement of a group takes some ten microseconds. On a thread of its own each row costs two hand-overs of the
interpreter's lock, up to five milliseconds each while the loop is busy (docs/adr/0009).
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Final
from urllib.parse import quote

from sqlalchemy import Connection, Dialect
from sqlalchemy.dialects import sqlite

from adapters.persistence.drivers import Fetch, Leader, Rows, Step
from adapters.persistence.errors import StoreError
from adapters.persistence.statements import Values
from myticket_core.errors import Unavailable

PATIENCE: Final = 5.0
"""Seconds that another process may hold the file before a write gives up."""

AGAIN: Final = 0.01
"""Seconds between two tries of it."""

_REASONS: Final = {
    sqlite3.SQLITE_BUSY: "is locked by another process: stop it, or try again later",
    sqlite3.SQLITE_LOCKED: "is locked by another process: stop it, or try again later",
    sqlite3.SQLITE_FULL: "cannot grow: its disk is full",
    sqlite3.SQLITE_READONLY: "cannot be written: it, its folder or its disk is read-only",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened: it is not there, or may not be read and written here",
    sqlite3.SQLITE_PERM: "may not be opened here",
    sqlite3.SQLITE_CORRUPT: "is damaged: put it aside and restore a copy",
    sqlite3.SQLITE_NOTADB: "is not a database, or is damaged: put it aside and restore a copy",
    sqlite3.SQLITE_IOERR: "cannot be read or written: the disk reports an error, or is full",
    sqlite3.SQLITE_PROTOCOL: "is locked by another process: stop it, or try again later",
    sqlite3.SQLITE_NOMEM: "cannot be used: there is no memory left",
}


def file_of(url: str) -> str:
    """The path in sqlite:///relative or sqlite:////absolute. Raises StoreError."""
    scheme, found, path = url.partition(":///")
    if not found or not path or scheme != "sqlite":
        raise StoreError(f"{url} is no store: say sqlite:///relative/file or sqlite:////absolute/file")
    return path


def trouble(error: BaseException | None) -> str | None:
    """What is wrong with the file rather than with what was asked of it; None: nothing is."""
    code = getattr(error, "sqlite_errorcode", None)
    return None if code is None else _REASONS.get(code & 0xFF)


def connected(path: str, *, read_only: bool) -> sqlite3.Connection:
    """In which nothing is a transaction but what stands between BEGIN and COMMIT. A file that is not there is not made.

    Raises StoreError, also for a file that is no database.
    """
    uri = f"file:{quote(path)}?mode={'ro' if read_only else 'rw'}"
    try:
        connection = sqlite3.connect(
            uri, uri=True, isolation_level=None, timeout=PATIENCE, cached_statements=256, check_same_thread=False
        )
        try:
            connection.execute("PRAGMA schema_version")  # reads the header
        except sqlite3.Error:
            connection.close()
            raise
    except sqlite3.Error as error:
        raise StoreError(f"{path} {trouble(error) or error}") from error
    return connection


def unavailable(path: str, error: Exception) -> Unavailable | None:
    """The error as the caller should see it when the file is what is at fault; None when it is not."""
    reason = trouble(error)
    return None if reason is None else Unavailable(f"{path} {reason}")


class Sqlite:
    """The file that a sqlite:/// URL names."""

    dialect: Dialect = sqlite.dialect(paramstyle="qmark")

    def __init__(self, url: str) -> None:
        """Raises StoreError."""
        self.name = file_of(url)

    async def reader(self) -> SqliteReader:
        return SqliteReader(self.name)

    async def link(self) -> SqliteLink:
        return SqliteLink(self.name)

    def migrate(self, service: str, upgrade: Callable[[Connection], None]) -> None:
        from adapters.persistence.sqlite_migration import migrate_file

        migrate_file(self.name, service, upgrade)

    def leader(self, what: str, heard: Callable[[], None]) -> Leader:
        return Alone()

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Fetch]:
        connection = connected(self.name, read_only=True)

        async def fetch(sql: str) -> Rows:
            return _fetched(connection, (sql, ()))

        try:
            await fetch("BEGIN")
            yield fetch
        finally:
            connection.close()


@contextmanager
def _explained(path: str) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        down = unavailable(path, error)
        if down is None:
            raise
        raise down from error


class Alone:
    """A file is written to by one process, for which a lock beside it is held."""

    async def leads(self) -> bool:
        return True

    async def close(self) -> None: ...


class SqliteReader:
    """Two connections: one for what is found by an index, one for what may take long."""

    def __init__(self, path: str) -> None:
        """Raises StoreError."""
        self.path = path
        self._near, self._far = (connected(path, read_only=True) for _ in range(2))

    async def rows(self, step: Step) -> Rows:
        """Few of them, found at once. Raises Unavailable."""
        with _explained(self.path):
            return _fetched(self._near, step)

    async def scan(self, step: Step) -> Rows:
        """Of however many are looked at; meanwhile the loop goes on. Raises Unavailable."""
        with _explained(self.path):
            return await asyncio.to_thread(_fetched, self._far, step)

    async def has_table(self, name: str) -> bool:
        return bool(await self.rows(("SELECT 1 FROM sqlite_master WHERE name = ?", (name,))))

    async def close(self) -> None:
        self._near.close()
        self._far.close()


class SqliteLink:
    """While it writes, nobody else can: what `begin` has read stays true."""

    def __init__(self, path: str) -> None:
        """Raises StoreError."""
        self.path = path
        self._connection = connected(path, read_only=False)
        try:
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=0"):
                self._connection.execute(f"PRAGMA {pragma}")
        except sqlite3.Error as error:
            self._connection.close()
            raise StoreError(f"{path} {trouble(error) or error}") from error

    async def begin(self, steps: Sequence[Step]) -> Sequence[Rows]:
        await self._alone()
        return await self.fetches(steps)

    async def _alone(self) -> None:
        """Another process may be writing; it is waited for without holding up the loop."""
        loop = asyncio.get_running_loop()
        until = loop.time() + PATIENCE
        while True:
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError as error:
                if not _busy(error) or loop.time() > until:
                    raise
            await asyncio.sleep(AGAIN)

    async def fetches(self, steps: Sequence[Step]) -> Sequence[Rows]:
        return [_fetched(self._connection, step) for step in steps]

    async def commit(self, steps: Sequence[tuple[str, Sequence[Values]]], *, said: bool) -> None:
        for sql, rows in steps:
            self._connection.executemany(sql, rows)
        await asyncio.to_thread(self._connection.execute, "COMMIT")

    async def rollback(self) -> None:
        with suppress(sqlite3.Error):  # which ends the transaction too
            self._connection.rollback()

    async def close(self) -> None:
        self._connection.close()

    def unavailable(self, error: Exception) -> Unavailable | None:
        return unavailable(self.path, error)


def _fetched(connection: sqlite3.Connection, step: Step) -> Rows:
    sql, values = step
    return connection.execute(sql, _in_json(values)).fetchall()


def _in_json(values: Values) -> Values:
    return tuple(json.dumps(value) if type(value) is list else value for value in values)


def _busy(error: sqlite3.Error) -> bool:
    return error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
