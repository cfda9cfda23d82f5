"""Views of millions of pages, looked at in parts: one statement over all of them would outlast its time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

from attrs import frozen
from sqlalchemy import Select, Table, and_, bindparam, delete, func, or_, select, text
from sqlalchemy.sql.base import Executable

from adapters.persistence.database import Database
from adapters.persistence.documents import APART
from adapters.persistence.schema.mypage import BOOKING_PAGES, TICKET_PAGES
from myticket_core.mypage.model import BookingPage, TicketPage

AT_ONCE: Final = 2000
"""Pages of each view."""
BEFORE_ALL: Final = -(2**63)
_LAST: Final = 2**63 - 1


@frozen(eq=False)
class Parts:
    """The pages of a kind: `next` are keys behind :after in a view, `left` those of before a change, `remove` deletes
    these; `differing` keys in a part have a document in one view only, or two different ones. Each says where its part
    begins: what was deleted before that is in PostgreSQL's indexes still.
    """

    name: str
    next: Executable
    left: Executable
    remove: Executable
    differing: Executable

    @classmethod
    def of(cls, name: str, pages: Table, apart: Sequence[str]) -> Parts:
        id, column = pages.c[f"{name}_id"], pages.c
        behind = select(id).where(column.view == bindparam("view"), id > bindparam("after"))
        some = behind.order_by(id).limit(bindparam("limit"))
        before = column.changed <= bindparam("mark")
        to_last = column.view == bindparam("view"), id > bindparam("after"), id <= bindparam("last"), before
        return cls(name, some, some.where(before), delete(pages).where(*to_last), _differing(pages, id, apart))

    async def keys(self, db: Database, view: int, after: int) -> Sequence[int]:
        return [id for (id,) in await db.scan(self.next, view=view, after=after, limit=AT_ONCE)]

    async def leftovers(self, db: Database, view: int, after: int, mark: int) -> Sequence[int]:
        """Keys of pages that changed last with the number `mark`, or before."""
        found = await db.scan(self.left, view=view, after=after, mark=mark, limit=AT_ONCE)
        return [id for (id,) in found]

    async def compared(self, db: Database, built: int, mark: int) -> AsyncIterator[tuple[int, bool]]:
        """The key of each page that differs, and whether the view `built` has nothing of one that last changed with
        the number `mark` or before.
        """
        after = BEFORE_ALL
        while after < _LAST:
            end = await self._end(db, after)
            for id, lacking in await db.scan(self.differing, after=after, end=end, built=built, mark=mark):
                yield id, bool(lacking)
            after = end

    async def _end(self, db: Database, after: int) -> int:
        """Up to which neither view has more than is looked at at once."""
        found = [await self.keys(db, view, after) for view in (1, 2)]
        return min((keys[-1] for keys in found if len(keys) == AT_ONCE), default=_LAST)


def _differing(pages: Table, id: Any, apart: Sequence[str]) -> Select[Any]:
    column = pages.c
    members = [column.document, *(func.coalesce(column[name], -1) for name in apart)]
    different = or_(func.count() == 1, *(func.min(it) != func.max(it) for it in members))
    alone = and_(func.count() == 1, func.max(column.view) != bindparam("built"))
    part = text("view IN (1, 2)"), id > bindparam("after"), id <= bindparam("end")
    lacking = and_(alone, func.max(column.changed) <= bindparam("mark"))
    return select(id, lacking).where(*part).group_by(id).having(different).order_by(id)


PARTS: Final = (
    Parts.of("booking", BOOKING_PAGES, APART[BookingPage][:-1]),
    Parts.of("ticket", TICKET_PAGES, APART[TicketPage][:-1]),
)
