from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from typing import Final

from adapters.persistence.drivers import Rows, Step
from adapters.persistence.errors import StoreError
from adapters.persistence.sqlite import connection
from adapters.persistence.sqlite.connection import connected, fetched, trouble, unavailable
from adapters.persistence.statements import Values
from myticket_core.errors import Unavailable

AGAIN: Final = 0.01
"""Seconds between two tries to be the one who writes."""


class SqliteLink:
    """While it writes, nobody else can: what `begin` has read stays true."""

    def __init__(self, path: str) -> None:
        """Raises StoreError."""
        self.path, self.before = path, 0
        self._connection = connected(path, read_only=False)
        try:
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=0"):
                self._connection.execute(f"PRAGMA {pragma}")
        except sqlite3.Error as error:
            self._connection.close()
            raise StoreError(f"{path} {trouble(error) or error}") from error

    async def number_from(self, first: int) -> None:
        self.before = first - 1

    async def begin(self, steps: Sequence[Step], alone: Sequence[int] = ()) -> Sequence[Rows]:
        await self._alone()
        return await self.fetches(steps)

    def hurried(self) -> AbstractContextManager[None]:
        return nullcontext()

    async def _alone(self) -> None:
        """Another process may be writing; it is waited for without holding up the loop."""
        loop = asyncio.get_running_loop()
        until = loop.time() + connection.PATIENCE
        while True:
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError as error:
                if not _busy(error) or loop.time() > until:
                    raise
            await asyncio.sleep(AGAIN)

    async def fetches(self, steps: Sequence[Step]) -> Sequence[Rows]:
        return [fetched(self._connection, step) for step in steps]

    async def commit(self, steps: Sequence[tuple[str, Sequence[Values]]], *, said: bool, onward: bool) -> None:
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


def _busy(error: sqlite3.Error) -> bool:
    return error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
