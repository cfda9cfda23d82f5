from __future__ import annotations

from collections.abc import Sequence

from adapters.memory.database import MemoryDatabase
from myticket_core.errors import NotFound
from myticket_core.ports import Parked


class MemoryParking:
    def __init__(self, database: MemoryDatabase) -> None:
        self._db = database

    async def park(self, parked: Parked) -> bool:
        event = parked.consumer, parked.id
        if event not in self._db.inbox:
            self._db.parked.setdefault(event, parked)
        return event in self._db.parked

    async def keys(self, consumer: str) -> frozenset[str]:
        return frozenset(parked.key for parked in await self.parked(consumer) if parked.key is not None)

    async def waiting(self, consumer: str) -> int:
        return len(await self.keys(consumer)) + sum(it.key is None for it in await self.parked(consumer))

    async def parked(self, consumer: str, key: str | None = None) -> Sequence[Parked]:
        mine = [parked for parked in self._db.parked.values() if parked.consumer == consumer]
        return mine if key is None else [parked for parked in mine if parked.key == key]

    async def release(self, consumer: str, id: str) -> None:
        if self._db.parked.pop((consumer, id), None) is None:
            raise NotFound("parked event", id)
