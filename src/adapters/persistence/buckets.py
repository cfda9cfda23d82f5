"""How buckets lie in their table; those that have long been full are forgotten (past.py)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from adapters.persistence.draft import Draft
from adapters.persistence.kind import Kind
from adapters.persistence.schema.alarm import BUCKETS
from adapters.persistence.schema.types import micros, moment
from adapters.persistence.statements import Values
from myticket_core.notification.bucket import Owed

KIND: Final = Kind[Values](BUCKETS, "name", tuple, tuple)


def owed(draft: Draft, names: Sequence[str]) -> Owed:
    rows = (draft.find(KIND, name) for name in names)
    return {row[0]: moment(row[1]) for row in rows if row is not None}


def take(draft: Draft, taken: Owed) -> None:
    for name, full_at in taken.items():
        draft.put(KIND, name, (name, micros(full_at)))
