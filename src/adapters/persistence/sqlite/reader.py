from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from adapters.persistence.drivers import Rows, Step
from adapters.persistence.sqlite.connection import connected, fetched, unavailable


@contextmanager
def _explained(path: str) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        down = unavailable(path, error)
        if down is None:
            raise
        raise down from error


class SqliteReader:
    """Two connections: one for what is found by an index, one for what may take long."""

    def __init__(self, path: str) -> None:
        """Raises StoreError."""
        self.path = path
        self._near, self._far = (connected(path, read_only=True) for _ in range(2))

    async def rows(self, step: Step) -> Rows:
        """Few of them, found at once. Raises Unavailable."""
        with _explained(self.path):
            return fetched(self._near, step)

    async def scan(self, step: Step) -> Rows:
        """Of however many are looked at; meanwhile the loop goes on. Raises Unavailable."""
        with _explained(self.path):
            return await asyncio.to_thread(fetched, self._far, step)

    async def has_table(self, name: str) -> bool:
        return bool(await self.rows(("SELECT 1 FROM sqlite_master WHERE name = ?", (name,))))

    async def close(self) -> None:
        self._near.close()
        self._far.close()
