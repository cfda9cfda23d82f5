from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from queue import SimpleQueue
from typing import Final

from adapters.persistence.drivers import Rows, Step
from adapters.persistence.sqlite.connection import connected, fetched, unavailable

SCANS: Final = 2
"""Who looks at many at the same time: with one that takes long, the others get on."""


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
    """One connection for what is found by an index; for what may take long a few, each on one thread at a time.

    Two threads on one connection end the process, by a segmentation fault in Python 3.13's module.
    """

    def __init__(self, path: str) -> None:
        """Raises StoreError."""
        self._near, *far = self._all = [connected(path, read_only=True) for _ in range(1 + SCANS)]
        self._far: SimpleQueue[sqlite3.Connection] = SimpleQueue()
        for connection in far:
            self._far.put(connection)
        self.path, self._threads = path, ThreadPoolExecutor(SCANS, "scan")

    async def rows(self, step: Step) -> Rows:
        """Few of them, found at once. Raises Unavailable."""
        with _explained(self.path):
            return fetched(self._near, step)

    async def scan(self, step: Step) -> Rows:
        """Of however many are looked at; meanwhile the loop goes on. Raises Unavailable."""
        with _explained(self.path):
            return await asyncio.get_running_loop().run_in_executor(self._threads, self._scanned, step)

    def _scanned(self, step: Step) -> Rows:
        """In a thread, which finishes even where its caller has gone: there are as many connections as threads."""
        connection = self._far.get()
        try:
            return fetched(connection, step)
        finally:
            self._far.put(connection)

    async def has_table(self, name: str) -> bool:
        return bool(await self.rows(("SELECT 1 FROM sqlite_master WHERE name = ?", (name,))))

    async def close(self) -> None:
        """Who still looks, for somebody who has gone, is broken off."""
        every, self._all = self._all, []  # nothing to do when it is closed
        for connection in every:
            connection.interrupt()
        await asyncio.to_thread(self._threads.shutdown)
        for connection in every:
            connection.close()
