"""The newest records of the log, read from the file once for all groups of this process."""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from collections.abc import Sequence
from operator import attrgetter
from typing import Final

from sqlalchemy import bindparam, select

from adapters.persistence.database import Database
from adapters.persistence.schema.log import RECORDS
from adapters.persistence.schema.types import Json
from myticket_core.ports import Record

REMEMBERED: Final = 4096
"""Records; a group that is further behind reads from the file by itself until it has caught up."""

_READ: Final = (
    select(RECORDS)
    .where(RECORDS.c.position > bindparam("after"))
    .order_by(RECORDS.c.position)
    .limit(bindparam("limit"))
)
_position = attrgetter("position")
_headers = Json()


class Tail:
    """`_records` are all there are after `_from`, as far as the file has been looked at."""

    def __init__(self, db: Database) -> None:
        self._db, self._looking = db, asyncio.Lock()
        self._from: int | None = None
        self._records: list[Record] = []

    async def after(self, position: int, limit: int) -> Sequence[Record]:
        """The oldest records after `position`, at most `limit`."""
        if self._from is None:
            self._from = position
        async with self._looking:
            while position >= self._from:
                if (found := self._held(position, limit)) or not await self._look(limit):
                    return found
        return await self._read(position, limit)

    def _held(self, position: int, limit: int) -> Sequence[Record]:
        start = bisect_right(self._records, position, key=_position)
        return self._records[start : start + limit]

    async def _look(self, limit: int) -> bool:
        """Remember what is new in the file; whether there was anything."""
        new = await self._read(self._last, limit)
        self._records += new
        if len(self._records) > 2 * REMEMBERED:
            self._from = self._records[-REMEMBERED - 1].position
            self._records = self._records[-REMEMBERED:]
        return bool(new)

    @property
    def _last(self) -> int:
        return self._records[-1].position if self._records else self._from or 0

    async def _read(self, position: int, limit: int) -> Sequence[Record]:
        rows = await self._db.rows(_READ, after=position, limit=limit)
        return [Record(position, key, value, _headers.decode(headers)) for position, key, value, headers in rows]
