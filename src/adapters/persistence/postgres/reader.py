from __future__ import annotations

from typing import Any

from adapters.persistence.drivers import Rows, Step
from adapters.persistence.postgres.trouble import explained


class PgReader:
    def __init__(self, name: str, pool: Any) -> None:
        self.name, self._pool = name, pool

    async def rows(self, step: Step) -> Rows:
        sql, values = step
        with explained(self.name):
            rows: Rows = await self._pool.fetch(sql, *values)
            return rows

    scan = rows

    async def has_table(self, name: str) -> bool:
        ((there,),) = await self.rows(("SELECT to_regclass($1) IS NOT NULL", (name,)))
        return bool(there)

    async def close(self) -> None:
        await self._pool.close()
