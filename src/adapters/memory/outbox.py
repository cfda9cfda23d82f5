from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import islice

from adapters.memory.database import MemoryDatabase
from myticket_core.messages import Envelope


class MemoryOutbox:
    def __init__(self, database: MemoryDatabase) -> None:
        self._db = database

    async def pending(self, limit: int) -> Sequence[Envelope]:
        return tuple(islice(self._db.outbox.values(), limit))

    async def published(self, ids: Sequence[str]) -> None:
        for id in ids:
            self._db.outbox.pop(id, None)

    async def wait(self, at_most: timedelta) -> None:
        if not self._db.outbox:
            await self._db.said.wait(at_most, self._db.said.fired)
