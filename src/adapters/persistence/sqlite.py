"""SQLite, spoken to through aiosqlite: one trip to its thread per statement."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, Final, TypeAlias
from urllib.parse import quote

import aiosqlite

from adapters.persistence.errors import StoreError
from adapters.persistence.statements import Values
from myticket_core.errors import Unavailable

PATIENCE: Final = 5.0
"""Seconds that another process may hold the file before a write gives up."""

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
    """The path in sqlite:///relative or sqlite:////absolute, with or without +aiosqlite. Raises StoreError."""
    scheme, found, path = url.partition(":///")
    if not found or not path or scheme not in ("sqlite", "sqlite+aiosqlite"):
        raise StoreError(f"{url} is no store: say sqlite:///relative/file or sqlite:////absolute/file")
    return path


def trouble(error: BaseException | None) -> str | None:
    """What is wrong with the file rather than with what was asked of it; None: nothing is."""
    code = getattr(error, "sqlite_errorcode", None)
    return None if code is None else _REASONS.get(code & 0xFF)


Rows: TypeAlias = Sequence[Sequence[Any]]
Step: TypeAlias = tuple[str, Values]
"""One statement with its values; a list among them goes in as JSON."""


class Trip:
    """Several calls of sqlite3 for one trip to the thread that may make them. In the place of a statement's values."""

    def __init__(self, work: Callable[[sqlite3.Connection], Sequence[Any]]) -> None:
        self.work = work
        self._results: Sequence[Any] = ()

    def __iter__(self) -> Iterator[Any]:
        raise TypeError("these are no values")

    def on(self, connection: sqlite3.Connection) -> Trip:
        self._results = self.work(connection)
        return self

    def fetchall(self) -> Sequence[Any]:
        return self._results


class Connection(sqlite3.Connection):
    """aiosqlite runs one statement per trip to its thread; this one takes a whole Trip for a statement."""

    def execute(self, sql: str, parameters: Any = ()) -> Any:
        return parameters.on(self) if type(parameters) is Trip else super().execute(sql, parameters)


def _fetched(steps: Sequence[Step], connection: sqlite3.Connection) -> Sequence[Rows]:
    return [connection.execute(sql, _in_json(values)).fetchall() for sql, values in steps]


def _written(steps: Sequence[tuple[str, Sequence[Values]]], connection: sqlite3.Connection) -> Sequence[Any]:
    for sql, rows in steps:
        connection.executemany(sql, rows)
    connection.execute("COMMIT")
    return ()


def _in_json(values: Values) -> Values:
    return tuple(json.dumps(value) if type(value) is list else value for value in values)


class Link:
    """One connection, in which nothing is a transaction but what stands between `begin` and `commit`."""

    def __init__(self, path: str, connection: aiosqlite.Connection) -> None:
        self.path, self._connection = path, connection

    @classmethod
    async def open(cls, path: str, *, read_only: bool) -> Link:
        """Raises StoreError; a file that is not there is not made."""
        uri = f"file:{quote(path)}?mode={'ro' if read_only else 'rw'}"
        try:
            sqlite3.connect(uri, uri=True).close()  # aiosqlite's thread outlives the loop when it cannot connect
            connection = await aiosqlite.connect(
                uri, uri=True, factory=Connection, isolation_level=None, timeout=PATIENCE, cached_statements=256
            )
        except sqlite3.Error as error:
            raise StoreError(f"{path} {trouble(error) or error}") from error
        link = cls(path, connection)
        try:
            await link._settle(read_only)
        except sqlite3.Error as error:
            await link.close()
            raise StoreError(f"{path} {trouble(error) or error}") from error
        return link

    async def _settle(self, read_only: bool) -> None:
        await self.fetch("PRAGMA schema_version")  # reads the header: a file that is no database is found here
        if not read_only:
            await self.fetch("PRAGMA journal_mode=WAL")
            await self.fetch("PRAGMA synchronous=FULL")
            await self.fetch("PRAGMA foreign_keys=ON")

    async def fetch(self, sql: str, values: Values = ()) -> Rows:
        """The rows of one statement."""
        (rows,) = await self.fetches([(sql, values)])
        return rows

    async def fetches(self, steps: Sequence[Step]) -> Sequence[Rows]:
        """The rows of each."""
        return await self._go(partial(_fetched, steps))

    async def begin(self, steps: Sequence[Step]) -> Sequence[Rows]:
        """Begin a transaction, and the rows of each within it; they stay true, since nobody else can write."""
        _, *rows = await self.fetches([("BEGIN IMMEDIATE", ()), *steps])
        return rows

    async def commit(self, steps: Sequence[tuple[str, Sequence[Values]]]) -> None:
        """Run each statement once per row, then commit. When it raises, roll back."""
        await self._go(partial(_written, steps))

    async def rollback(self) -> None:
        """Whatever has been begun has not been; nothing to do when nothing was."""
        with suppress(sqlite3.Error):  # which ends the transaction too
            await self._connection.rollback()

    async def _go(self, work: Callable[[sqlite3.Connection], Sequence[Any]]) -> Sequence[Any]:
        return list(await self._connection.execute_fetchall("", Trip(work)))

    async def close(self) -> None:
        await self._connection.close()

    def unavailable(self, error: Exception) -> Unavailable | None:
        """The error as the caller should see it when the file is what is at fault; None when it is not."""
        reason = trouble(error)
        return None if reason is None else Unavailable(f"{self.path} {reason}")
