"""What is kept about a provider: its names for our charges, and what it has said of its own accord."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy import bindparam, delete, false, select, true, update
from sqlalchemy.dialects.postgresql import insert  # what SQLite says too, in the same words

from adapters.persistence.database import Database
from adapters.persistence.draft import Draft, Write
from adapters.persistence.schema.pay import HINTS, REFERENCES
from adapters.persistence.schema.types import micros
from myticket_core.payment.ports import Hint

REMEMBERED: Final = timedelta(days=30)
"""How long a hint that was followed is not kept anew; providers repeat theirs for days."""

_REFERENCE, _HINT = REFERENCES.c, HINTS.c
_REMEMBER: Final = (
    insert(REFERENCES)
    .values(key=bindparam("key"), reference=bindparam("reference"))
    .on_conflict_do_nothing(index_elements=["key"])
)
_OF: Final = select(_REFERENCE.reference).where(_REFERENCE.key == bindparam("which"))
_KEY_OF: Final = select(_REFERENCE.key).where(_REFERENCE.reference == bindparam("which"))
_KEEP: Final = (
    insert(HINTS)
    .values({name: bindparam(name) for name in ("id", "kind", "key", "reference", "at")} | {"followed": false()})
    .on_conflict_do_nothing(index_elements=["id"])
)
_WAITING: Final = (
    select(_HINT.id, _HINT.kind, _HINT.key, _HINT.reference)
    .where(_HINT.followed == false())
    .order_by(_HINT.seq)
    .limit(bindparam("limit"))
)
_FOLLOWED: Final = update(HINTS).values(followed=true()).where(_HINT.id == bindparam("which"))
_FORGET: Final = delete(HINTS).where(_HINT.at < bindparam("before"), _HINT.followed == true())


class SqlReferences:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def remember(self, key: str, reference: str) -> str:
        await self._db.write(Write(lambda draft: draft.run(_REMEMBER, (key, reference))))
        return await self.of(key) or reference

    async def of(self, key: str) -> str | None:
        return next((reference for (reference,) in await self._db.rows(_OF, which=key)), None)

    async def key_of(self, reference: str) -> str | None:
        return next((key for (key,) in await self._db.rows(_KEY_OF, which=reference)), None)


class SqlHints:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def keep(self, hint: Hint) -> None:
        def apply(draft: Draft) -> None:
            draft.run(_KEEP, (hint.id, hint.kind, hint.key, hint.reference, micros(draft.group.at)))

        await self._db.write(Write(apply))

    async def waiting(self, limit: int) -> Sequence[Hint]:
        return [Hint(*row) for row in await self._db.rows(_WAITING, limit=limit)]

    async def followed(self, ids: Sequence[str]) -> None:
        def apply(draft: Draft) -> None:
            draft.run(_FORGET, (micros(draft.group.at - REMEMBERED),))
            for id in ids:
                draft.run(_FOLLOWED, (id,))

        await self._db.write(Write(apply))
