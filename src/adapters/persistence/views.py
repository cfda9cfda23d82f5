"""The two views, 1 and 2: one is live, the other one may be built anew."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Select, Table, bindparam, delete, func, literal_column, or_, select, update

from adapters.persistence.database import Database
from adapters.persistence.documents import numbered
from adapters.persistence.draft import Draft, Write
from adapters.persistence.pages import SqlProjection
from adapters.persistence.schema.mypage import BOOKING_PAGES, LIVE_VIEW, TICKET_PAGES

_NUMBER: Final = select(LIVE_VIEW.c.view)
_SWAP: Final = update(LIVE_VIEW).values(view=literal_column("3 - view"))
_EMPTY: Final = tuple(
    delete(pages).where(pages.c.view != _NUMBER.scalar_subquery()) for pages in (BOOKING_PAGES, TICKET_PAGES)
)


def _differing(pages: Table, key: str) -> Select[Any]:
    """Keys with a document in one view only, or with two different ones."""
    document, id = pages.c.document, pages.c[key]
    different = or_(func.count() == 1, func.min(document) != func.max(document))
    return select(id).group_by(id).having(different).order_by(id).limit(bindparam("limit"))


_DIFFERING: Final = {
    "booking": _differing(BOOKING_PAGES, "booking_id"),
    "ticket": _differing(TICKET_PAGES, "ticket_id"),
}


class SqlViews:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def blank(self) -> SqlProjection:
        def apply(draft: Draft) -> None:
            for statement in _EMPTY:
                draft.run(statement, ())

        await self._db.write(Write(apply))
        ((live,),) = await self._db.rows(_NUMBER)
        return SqlProjection(self._db, numbered(3 - live))

    async def differences(self, limit: int) -> Sequence[str]:
        found: list[str] = []
        for what, statement in _DIFFERING.items():
            found += [f"{what} {id}" for (id,) in await self._db.scan(statement, limit=limit)]
        return found[:limit]

    async def swap(self) -> None:
        await self._db.write(Write(lambda draft: draft.run(_SWAP, ())))
