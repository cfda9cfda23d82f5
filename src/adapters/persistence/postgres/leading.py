"""One process of many leads, as long as it lives: an advisory lock, which goes with the connection that took it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from time import monotonic
from typing import Any, Final
from zlib import crc32

from adapters.persistence.postgres import Postgres
from adapters.persistence.postgres.hosts import WRITES
from adapters.persistence.postgres.link import SAID
from adapters.persistence.postgres.trouble import explained

LEASE: Final = 10_000
"""Milliseconds without a sign of life after which PostgreSQL ends the connection, and somebody else may lead."""


SURE: Final = 0.5
"""Seconds for which an answer is good."""


class PgLeader:
    """Leads the relays of this database, or waits to; hears of the outbox from every process meanwhile.

    A leader that was stopped for longer than the lease has lost it and finds out with its next question. What it was
    publishing then is published by its successor first, so it repeats itself and overtakes nothing.
    """

    def __init__(self, postgres: Postgres, heard: Callable[[], None]) -> None:
        self._postgres, self._heard = postgres, heard
        self._connection: Any = None
        self._hold(False)
        self._asked = 0.0

    async def leads(self) -> bool:
        """To be asked at least every few seconds. Raises Unavailable, StoreError."""
        if self._connection is None or self._connection.is_closed():
            await self._connect()
        if monotonic() > self._asked + SURE:
            await self._ask()
        return self._held

    async def _ask(self) -> None:
        """A connection that failed is given up, and the lead with it: whatever state it is in, the next one is new."""
        try:
            with explained(self._postgres.name):
                self._hold(await self._connection.fetchval(_STILL if self._held else _TRY, _KEY))
        except BaseException:
            self._connection.terminate()
            self._connection = None
            self._hold(False)
            raise
        self._asked = monotonic()

    async def close(self) -> None:
        self._hold(False)  # what is written from now on is somebody else's to publish
        if self._connection is not None:
            with suppress(Exception):  # it ends with the process anyway
                await self._connection.close(timeout=1)

    async def _connect(self) -> None:
        self._hold(False)
        connection = await self._postgres.connection(WRITES)
        try:
            with explained(self._postgres.name):
                await connection.execute(f"SET idle_session_timeout = {LEASE}")
                await connection.add_listener(SAID, lambda *_: self._heard())
        except BaseException:
            connection.terminate()
            raise
        self._connection, self._asked = connection, 0.0

    def _hold(self, held: bool) -> None:
        self._held = self._postgres.leads = held


_KEY: Final = crc32(b"myticket relay")  # the same in every version: two that run beside one another exclude each other
_TRY: Final = "SELECT pg_try_advisory_lock($1)"
_STILL: Final = "SELECT $1::bigint IS NOT NULL"  # a sign of life: the lock is there as long as the connection is
