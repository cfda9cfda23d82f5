"""The two views, 1 and 2: one is live, the other one may be built anew."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Select,
    Table,
    bindparam,
    delete,
    func,
    insert,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.sql.base import Executable

from adapters.persistence.database import Database
from adapters.persistence.documents import APART, NUMBERED
from adapters.persistence.draft import Draft, Write
from adapters.persistence.pages import SqlProjection
from adapters.persistence.schema.mypage import BOOKING_PAGES, LIVE_VIEW, TICKET_PAGES
from myticket_core.mypage.model import BookingPage, TicketPage

_LIVE, _JOINED = (LIVE_VIEW.c.id == literal_column(row) for row in "12")
_OTHER: Final[ColumnElement[int]] = literal_column("3 - view")
_NUMBER: Final = select(LIVE_VIEW.c.view).where(_LIVE)
_JOIN: Final = insert(LIVE_VIEW).from_select(["id", "view"], select(literal_column("2"), _OTHER).where(_LIVE))
_PART: Final = delete(LIVE_VIEW).where(_JOINED)
_SWAP: Final = update(LIVE_VIEW).where(_LIVE).values(view=_OTHER)
_EMPTY: Final = tuple(
    delete(pages).where(pages.c.view != _NUMBER.scalar_subquery()) for pages in (BOOKING_PAGES, TICKET_PAGES)
)


def _differing(pages: Table, key: str, apart: Sequence[str]) -> Select[Any]:
    """Keys with a document in one view only, or with two different ones."""
    document, id = pages.c.document, pages.c[key]
    members = [document, *(func.coalesce(pages.c[name], -1) for name in apart)]
    different = or_(func.count() == 1, *(func.min(it) != func.max(it) for it in members))
    return select(id).group_by(id).having(different).order_by(id).limit(bindparam("limit"))


_DIFFERING: Final = {
    "booking": _differing(BOOKING_PAGES, "booking_id", APART[BookingPage][:-1]),
    "ticket": _differing(TICKET_PAGES, "ticket_id", APART[TicketPage][:-1]),
}


class SqlViews:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def blank(self) -> SqlProjection:
        await self._run(_PART, *_EMPTY)
        ((live,),) = await self._db.rows(_NUMBER)
        return SqlProjection(self._db, NUMBERED[3 - live])

    async def differences(self, limit: int) -> Sequence[str]:
        found: list[str] = []
        for what, statement in _DIFFERING.items():
            found += [f"{what} {id}" for (id,) in await self._db.scan(statement, limit=limit)]
        return found[:limit]

    async def join(self) -> None:
        await self._run(_PART, _JOIN)

    async def swap(self) -> None:
        await self._run(_PART, _SWAP)

    async def _run(self, *statements: Executable) -> None:
        def apply(draft: Draft) -> None:
            for statement in statements:
                draft.run(statement, ())

        await self._db.write(Write(apply))
