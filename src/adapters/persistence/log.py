"""The durable log of the embedded system: one file, one partition, the place of every group beside the records."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy import bindparam, func, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert  # what SQLite says too, in the same words

from adapters.persistence.database import Database
from adapters.persistence.draft import Draft, Write
from adapters.persistence.log_tail import Tail
from adapters.persistence.schema.log import OFFSETS, RECORDS
from adapters.persistence.schema.types import Json
from myticket_core.messages import Envelope
from myticket_core.ports import Record
from myticket_core.wire import encode

POLL: Final = timedelta(seconds=0.5)
"""How soon a record is noticed that another process has written."""

_APPEND: Final = insert(RECORDS).values({name: bindparam(name) for name in ("key", "value", "headers")})
_PLACE: Final = select(func.max(OFFSETS.c.position)).where(OFFSETS.c.consumer == bindparam("group"))
_BEHIND: Final = select(func.count()).where(RECORDS.c.position > func.coalesce(_PLACE.scalar_subquery(), 0))
_moving = upsert(OFFSETS).values({name: bindparam(name) for name in ("consumer", "position")})
_MOVE: Final = _moving.on_conflict_do_update(
    index_elements=["consumer"],
    set_={"position": _moving.excluded.position},
    where=OFFSETS.c.position < _moving.excluded.position,
)
_headers = Json()


class SqlLog:
    """Everything ever published, and how far each group has come."""

    def __init__(self, db: Database) -> None:
        self._db, self._tail = db, Tail(db)

    def publisher(self) -> SqlPublisher:
        return SqlPublisher(self._db)

    def reader(self, group: str) -> SqlReader:
        return SqlReader(self._db, self._tail, group)

    def history(self) -> SqlHistory:
        return SqlHistory(self._tail)

    async def behind(self, group: str) -> int:
        """How many records the group has not dealt with."""
        ((number,),) = await self._db.rows(_BEHIND, group=group)
        return int(number)

    def stuck(self) -> str | None:
        """Nothing here can hang by itself."""
        return None

    def trouble(self) -> str | None:
        """A file that is in trouble fails the workers that use it, which shows."""
        return None


class SqlPublisher:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def publish(self, envelopes: Sequence[Envelope]) -> None:
        """Publishers at the same time share a commit."""
        encoded = [(envelope.key, *encode(envelope)) for envelope in envelopes]

        def apply(draft: Draft) -> None:
            for key, value, headers in encoded:
                draft.run(_APPEND, (key, value, _headers.encode(headers)))
            draft.fire(self._db.added)

        await self._db.write(Write(apply))


class SqlReader:
    def __init__(self, db: Database, tail: Tail, group: str) -> None:
        self._db, self._tail, self._group = db, tail, group
        self._at: int | None = None

    async def read(self, limit: int, at_most: timedelta) -> Sequence[Record]:
        loop = asyncio.get_running_loop()
        until = loop.time() + at_most.total_seconds()
        while True:
            seen = self._db.added.fired
            records = await self._after(limit)
            left = timedelta(seconds=until - loop.time())
            if records or left <= timedelta(0):
                return records
            await self._db.added.wait(min(left, POLL), seen)

    async def commit(self, records: Sequence[Record]) -> None:
        if records:
            place = (self._group, max(record.position for record in records))
            await self._db.write(Write(lambda draft: draft.run(_MOVE, place)))

    async def rewind(self) -> None:
        self._at = None

    async def _after(self, limit: int) -> Sequence[Record]:
        if self._at is None:
            ((place,),) = await self._db.rows(_PLACE, group=self._group)
            self._at = place or 0
        records = await self._tail.after(self._at, limit)
        if records:
            self._at = records[-1].position
        return records


class SqlHistory:
    def __init__(self, tail: Tail) -> None:
        self._tail, self._at = tail, 0

    async def read(self, limit: int) -> Sequence[Record]:
        records = await self._tail.after(self._at, limit)
        if records:
            self._at = records[-1].position
        return records
