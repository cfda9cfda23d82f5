from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any, Final, TypeVar

from adapters.persistence.drivers import Rows, Step
from adapters.persistence.postgres.link import TIDY
from adapters.persistence.postgres.trouble import explained
from myticket_core.errors import Unavailable

Free = TypeVar("Free")

READERS: Final = 4
"""Connections to read from."""
SCANS: Final = 3
"""How many of them at most are with those who look at many; the other is for what is found at once."""
PATIENCE: Final = 5.0
"""Seconds to wait for one that is free."""


class PgReader:
    def __init__(self, name: str, pool: Any) -> None:
        self.name, self._pool = name, pool
        self._scans = asyncio.Semaphore(SCANS)

    async def rows(self, step: Step) -> Rows:
        sql, values = step
        with explained(self.name):
            connection = await self._soon(self._pool.acquire())
            try:
                rows: Rows = await connection.fetch(sql, *values)
                return rows
            finally:
                await self._pool.release(connection, timeout=TIDY)

    async def scan(self, step: Step) -> Rows:
        await self._soon(self._scans.acquire())
        try:
            return await self.rows(step)
        finally:
            self._scans.release()

    async def has_table(self, name: str) -> bool:
        ((there,),) = await self.rows(("SELECT to_regclass($1) IS NOT NULL", (name,)))
        return bool(there)

    async def close(self) -> None:
        await self._pool.close()

    async def _soon(self, free: Awaitable[Free]) -> Free:
        try:
            async with asyncio.timeout(PATIENCE):
                return await free
        except TimeoutError as error:
            raise Unavailable(f"{self.name} reads for others: nobody could be served for {PATIENCE:g} s") from error
