"""The two views, 1 and 2: one is live, the other one may be built anew."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

from sqlalchemy import Select, Table, bindparam, delete, func, insert, or_, select

from adapters.persistence.database import Database
from adapters.persistence.documents import APART, NUMBERED, SHOWN
from adapters.persistence.draft import Draft, Write
from adapters.persistence.pages import SqlProjection
from adapters.persistence.schema.mypage import BOOKING_PAGES, LIVE_VIEW, PAGE_CHANGES, TICKET_PAGES
from myticket_core.mypage.model import BookingPage, TicketPage
from myticket_core.mypage.ports import Differences, superseded

Result = TypeVar("Result")

_JOIN: Final = insert(LIVE_VIEW).values(id=bindparam("joined"), view=bindparam("built"))
_PART: Final = delete(LIVE_VIEW).where(LIVE_VIEW.c.id == bindparam("joined"))
_EMPTY: Final = tuple(delete(pages).where(pages.c.view != bindparam("live")) for pages in (BOOKING_PAGES, TICKET_PAGES))
_ROW: Final = 2
"""Of who has joined."""


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


def _missing(pages: Table, key: str) -> Select[Any]:
    """How many that were there before the view was begun have no document in it."""
    other = pages.alias("other")
    there = select(other.c.view).where(other.c.view == bindparam("built"), other.c[key] == pages.c[key])
    before = pages.c.view == bindparam("live"), pages.c.changed <= bindparam("mark")
    return select(func.count()).select_from(pages).where(*before, ~there.exists())


_LACKING: Final = _missing(BOOKING_PAGES, "booking_id"), _missing(TICKET_PAGES, "ticket_id")
_LAST: Final = select(PAGE_CHANGES.c.last)


class SqlViews:
    """Of several that build views at once, the one that began last can swap; what an earlier one still writes into the
    same view is in the log, too.
    """

    def __init__(self, db: Database) -> None:
        self._db = db
        self._built, self._begun = 0, -1
        self._mark = 0  # the last change before it was begun

    async def blank(self) -> SqlProjection:
        ((self._mark,),) = await self._db.rows(_LAST)
        self._built, self._begun = await self._write(_blank)
        return SqlProjection(self._db, NUMBERED[self._built])

    async def clear(self) -> int:
        return 0

    async def differences(self, limit: int) -> Differences:
        told: list[str] = []
        for what, statement in _DIFFERING.items():
            told += [f"{what} {id}" for (id,) in await self._db.scan(statement, limit=limit)]
        missing = await self._missing()
        await self._write(self._mine)
        return Differences(told[:limit], missing)

    async def _missing(self) -> int:
        views = {"live": 3 - self._built, "built": self._built, "mark": self._mark}
        return sum([number for each in _LACKING for (number,) in await self._db.scan(each, **views)])

    async def join(self) -> None:
        def apply(draft: Draft) -> None:
            self._mine(draft)
            draft.run(_PART, (_ROW,))
            draft.run(_JOIN, (_ROW, self._built))

        await self._write(apply)

    async def swap(self) -> None:
        def apply(draft: Draft) -> None:
            self._mine(draft)
            draft.put(SHOWN, 1, (self._built, self._begun))
            draft.run(_PART, (_ROW,))

        await self._write(apply)

    def _mine(self, draft: Draft) -> None:
        _, begun = _shown(draft)
        if begun != self._begun:
            raise superseded()

    async def _write(self, apply: Callable[[Draft], Result]) -> Result:
        return await self._db.write(Write(apply, reads=((SHOWN, 1),)))


def _blank(draft: Draft) -> tuple[int, int]:
    """The number of the view that may be built now, and of this beginning."""
    live, begun = _shown(draft)
    draft.put(SHOWN, 1, (live, begun + 1))
    draft.run(_PART, (_ROW,))
    for statement in _EMPTY:
        draft.run(statement, (live,))
    return 3 - live, begun + 1


def _shown(draft: Draft) -> tuple[int, int]:
    return draft.get(SHOWN, 1, "view that is shown")
