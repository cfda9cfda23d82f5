"""The two views, 1 and 2: one is live, the other one may be built anew."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final, TypeVar

from sqlalchemy import bindparam, delete, insert, select

from adapters.persistence.database import Database
from adapters.persistence.documents import NUMBERED, SHOWN
from adapters.persistence.draft import Draft, Write
from adapters.persistence.pages import SqlProjection
from adapters.persistence.schema.mypage import LIVE_VIEW, PAGE_CHANGES
from adapters.persistence.view_parts import BEFORE_ALL, PARTS, Parts
from myticket_core.mypage.ports import Differences, superseded

Result = TypeVar("Result")

_JOIN: Final = insert(LIVE_VIEW).values(id=bindparam("joined"), view=bindparam("built"))
_PART: Final = delete(LIVE_VIEW).where(LIVE_VIEW.c.id == bindparam("joined"))
_ROW: Final = 2
"""Of who has joined."""
_LAST: Final = select(PAGE_CHANGES.c.last)


class SqlViews:
    """Of several that build views at once, the one that began last can swap; what an earlier one still writes into the
    same view is in the log, too.
    """

    def __init__(self, db: Database) -> None:
        self._db = db
        self._built, self._begun = 0, -1
        self._mark = 0  # the last change before it was begun
        self._cleared: dict[str, int] = {}  # up to which keys, by their kind

    async def blank(self) -> SqlProjection:
        ((self._mark,),) = await self._db.rows(_LAST)
        self._built, self._begun = await self._write(_blank)
        self._cleared = {}
        return SqlProjection(self._db, NUMBERED[self._built])

    async def clear(self) -> int:
        """What has not changed since: an earlier one's that goes on slowly takes nothing from a later one."""
        for parts in PARTS:
            after = self._cleared.get(parts.name, BEFORE_ALL)
            if keys := await parts.leftovers(self._db, self._built, after, self._mark):
                await self._write(partial(self._remove, parts, after, keys[-1]))
                self._cleared[parts.name] = keys[-1]
                return len(keys)
        return 0

    def _remove(self, parts: Parts, after: int, last: int, draft: Draft) -> None:
        draft.run(parts.remove, (self._built, after, last, self._mark))

    async def differences(self, limit: int) -> Differences:
        told: list[str] = []
        missing = 0
        for parts in PARTS:
            async for id, lacking in parts.compared(self._db, self._built, self._mark):
                told += [f"{parts.name} {id}"] if len(told) < limit else ()
                missing += lacking
        await self._write(self._mine)
        return Differences(told, missing)

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
    return 3 - live, begun + 1


def _shown(draft: Draft) -> tuple[int, int]:
    return draft.get(SHOWN, 1, "view that is shown")
