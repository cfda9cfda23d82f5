from __future__ import annotations

from collections.abc import Collection, Mapping
from operator import attrgetter
from typing import Any, Final

from sqlalchemy import select

from adapters.persistence.asked_together import AskedTogether
from adapters.persistence.database import Database
from adapters.persistence.draft import Draft, Write
from adapters.persistence.kind import Kind
from adapters.persistence.schema.alarm import TITLES
from adapters.persistence.statements import among
from myticket_core.notification.title import Title

_row: Any = attrgetter("ticket_id", "name", "version")
KIND: Final = Kind[Title](TITLES, "ticket_id", lambda row: Title(*row), _row)
_NAMED: Final = select(TITLES.c.ticket_id, TITLES.c.name).where(
    among(TITLES.c.ticket_id, "tickets"), TITLES.c.name.is_not(None)
)


class SqlTitles:
    """A batch of events is at work at once, and each asks: that is one question to the store."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._asked = AskedTogether(self._names)

    async def learn(self, title: Title) -> None:
        def apply(draft: Draft) -> None:
            before = draft.find(KIND, title.ticket_id)
            after = title.heard_after(before)
            if after != before:
                draft.put(KIND, title.ticket_id, after)

        await self._db.write(Write(apply, reads=((KIND, title.ticket_id),)))

    async def of(self, tickets: Collection[int]) -> Mapping[int, str]:
        found = await self._asked(tickets)
        return {id: found[id] for id in tickets if id in found}

    async def _names(self, tickets: Collection[int]) -> Mapping[int, str]:
        rows = await self._db.rows(_NAMED, tickets=sorted(tickets))
        return {row[0]: row[1] for row in rows}
