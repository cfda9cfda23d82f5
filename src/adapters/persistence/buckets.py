"""How buckets lie in their table, and that those that are full need not lie there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, delete, select

from adapters.persistence.draft import Draft
from adapters.persistence.kind import Kind
from adapters.persistence.schema.alarm import BUCKETS
from adapters.persistence.schema.types import micros, moment
from adapters.persistence.statements import Values
from myticket_core.notification.bucket import Owed

KIND: Final = Kind[Values](BUCKETS, "name", tuple, tuple)
FULL: Final = select(BUCKETS.c.name).where(BUCKETS.c.full_at <= bindparam("now")).with_for_update(skip_locked=True)
_FORGET: Final = delete(BUCKETS).where(BUCKETS.c.name.in_(FULL))


def owed(draft: Draft, names: Sequence[str]) -> Owed:
    rows = (draft.find(KIND, name) for name in names)
    return {row[0]: moment(row[1]) for row in rows if row is not None}


def take(draft: Draft, taken: Owed) -> None:
    for name, full_at in taken.items():
        draft.put(KIND, name, (name, micros(full_at)))


def forget_full(draft: Draft, now: datetime) -> None:
    """But for those that somebody else has in hand."""
    draft.run(_FORGET, (micros(now),))
