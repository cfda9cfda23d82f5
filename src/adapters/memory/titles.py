from __future__ import annotations

from collections.abc import Collection, Mapping

from adapters.memory.database import MemoryDatabase
from myticket_core.notification.title import Title


class MemoryTitles:
    def __init__(self, database: MemoryDatabase) -> None:
        self._kept = database.titles

    async def learn(self, title: Title) -> None:
        self._kept[title.ticket_id] = title.heard_after(self._kept.get(title.ticket_id))

    async def of(self, tickets: Collection[int]) -> Mapping[int, str]:
        found = (self._kept[id] for id in {*tickets} & self._kept.keys())
        return {it.ticket_id: it.name for it in found if it.name is not None}
