from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import bindparam, cast, delete, distinct, exists, select
from sqlalchemy.dialects.postgresql import insert  # what SQLite says too, in the same words
from sqlalchemy.sql.functions import count

from adapters.persistence.database import Database
from adapters.persistence.draft import Draft, Write
from adapters.persistence.put import unbounded
from adapters.persistence.schema.shared import INBOX, PARKING
from adapters.persistence.schema.types import Json, micros, moment
from myticket_core.errors import NotFound
from myticket_core.ports import Parked, Record

_COLUMN = PARKING.c
_NAMES = [column.name for column in PARKING.columns if column.name != "seq"]
_MINE = _COLUMN.consumer == bindparam("of")
_THIS = _COLUMN.id == bindparam("which")
_HANDLED: Final = exists().where(INBOX.c.consumer == bindparam("of"), INBOX.c.event_id == bindparam("which"))
_PARK: Final = (
    insert(PARKING)
    .from_select(_NAMES, select(*(cast(bindparam(it), unbounded(_COLUMN[it].type)) for it in _NAMES)).where(~_HANDLED))
    .on_conflict_do_nothing(index_elements=["consumer", "id"])
)
_KEYS: Final = select(_COLUMN.key).distinct().where(_MINE, _COLUMN.key.is_not(None))
_WAITING: Final = select(count(distinct(_COLUMN.key)) + count() - count(_COLUMN.key)).where(_MINE)
_PARKED: Final = select(*(_COLUMN[name] for name in _NAMES)).where(_MINE).order_by(_COLUMN.seq)
_BEHIND: Final = _PARKED.where(_COLUMN.key == bindparam("under"))
_THERE: Final = select(_COLUMN.seq).where(_MINE, _THIS)
_RELEASE: Final = delete(PARKING).where(_MINE, _THIS)
_headers = Json()


class SqlParking:
    """What a consumer has handled its inbox says, but for what came to nothing, as an event that tells nobody.

    It is looked at in the very statement that parks. That locks nothing: what another process is just handling, and
    commits afterwards, is parked all the same. That one takes it out at the end of its batch (`Reactor`). Only when
    all of that comes between this statement and its own commit, as it can on PostgreSQL, it waits for a replay.
    """

    def __init__(self, db: Database) -> None:
        self._db = db

    async def park(self, parked: Parked) -> bool:
        record = parked.record
        why = (parked.consumer, parked.id, parked.key, parked.reason, micros(parked.at))
        what = (record.topic, record.partition, record.position, record.key, record.value)
        row = (*why, *what, _headers.encode(record.headers))
        await self._db.write(Write(lambda draft: draft.run(_PARK, (*row, parked.consumer, parked.id))))
        return await self._waits(parked.consumer, parked.id)

    async def keys(self, consumer: str) -> frozenset[str]:
        return frozenset(key for (key,) in await self._db.rows(_KEYS, of=consumer))

    async def waiting(self, consumer: str) -> int:
        ((number,),) = await self._db.rows(_WAITING, of=consumer)
        return int(number)

    async def parked(self, consumer: str, key: str | None = None) -> Sequence[Parked]:
        found = self._db.rows(_PARKED, of=consumer) if key is None else self._db.rows(_BEHIND, of=consumer, under=key)
        return [_parked(row) for row in await found]

    async def release(self, consumer: str, id: str) -> None:
        if not await self._waits(consumer, id):
            raise NotFound("parked event", id)

        def apply(draft: Draft) -> None:
            draft.run(_RELEASE, (consumer, id))

        await self._db.write(Write(apply))

    async def _waits(self, consumer: str, id: str) -> bool:
        return bool(await self._db.rows(_THERE, of=consumer, which=id))


def _parked(row: Sequence[Any]) -> Parked:
    consumer, id, key, reason, at, topic, partition, position, record_key, value, headers = row
    record = Record(position, record_key, value, _headers.decode(headers), partition, topic)
    return Parked(id, consumer, key, record, reason, moment(at))
