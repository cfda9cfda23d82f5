"""What is older than a service wants to remember goes in small steps, each in a group with other writes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from attrs import frozen
from sqlalchemy import BindParameter, Column, Delete, Select, Table, bindparam, delete, select, true
from sqlalchemy.dialects.postgresql import insert  # what SQLite says too, in the same words

from adapters.persistence.database import Database
from adapters.persistence.draft import Draft, Write
from adapters.persistence.schema.alarm import BUCKETS
from adapters.persistence.schema.shared import FORGOTTEN, INBOX, KEYS, LEDGER, OUTBOX
from adapters.persistence.schema.types import micros
from adapters.persistence.statements import Values

_BEFORE: Final[BindParameter[int]] = bindparam("before")
_MARK: Final = insert(FORGOTTEN).values(id=1, before=_BEFORE)
_REMEMBER: Final = _MARK.on_conflict_do_update(
    index_elements=["id"],
    set_={"before": _MARK.excluded.before},
    where=FORGOTTEN.c.before < _MARK.excluded.before,
)


@frozen
class _Sort:
    """`old` finds at most :limit of what is older than :before, `gone` deletes one of them, if it still is."""

    old: Select[Any]
    gone: Delete


def _in_turn(table: Table, time: str) -> _Sort:
    """Rows that are in the order of their times: only the first ones are looked at, so that no index is needed."""
    first = select(table).order_by(table.c.seq).limit(bindparam("limit")).subquery()
    old = select(first.c.seq).where(first.c[time] < _BEFORE, first.c.get("published", true()))
    return _Sort(old.order_by(first.c.seq), _one(table, table.c.seq, time))


def _by_time(table: Table, key: Column[Any], time: str = "at") -> _Sort:
    old = select(key).where(table.c[time] < _BEFORE).order_by(table.c[time]).limit(bindparam("limit"))
    return _Sort(old, _one(table, key, time))


def _one(table: Table, key: Column[Any], time: str) -> Delete:
    return delete(table).where(key == bindparam("which"), table.c[time] < _BEFORE)


_SORTS: Final = (
    _in_turn(OUTBOX, "time"),
    _in_turn(LEDGER, "at"),
    _by_time(INBOX, INBOX.c.event_id),
    _by_time(KEYS, KEYS.c.key),
)
FULL_BUCKETS: Final = _by_time(BUCKETS, BUCKETS.c.name, "full_at")
"""Of alarm's store: one that is full is as one that was never taken from."""


class SqlPast:
    def __init__(self, db: Database, *more: _Sort) -> None:
        self._db, self._sorts = db, (*_SORTS, *more)

    async def forget(self, before: datetime, limit: int) -> bool:
        until = micros(before)
        old = [(sort, await self._db.rows(sort.old, before=until, limit=limit)) for sort in self._sorts]
        steps = [(sort.gone, (which, until)) for sort, rows in old for (which,) in rows]
        if steps:
            await self._db.write(Write(lambda draft: _forget(draft, until, steps)))
        return any(len(rows) == limit for _, rows in old)


def _forget(draft: Draft, until: int, steps: Sequence[tuple[Delete, Values]]) -> None:
    """The mark goes in the same commit, so that nobody misses what is gone without knowing why."""
    draft.run(_REMEMBER, (1, until))
    for statement, values in steps:
        draft.run(statement, values)
