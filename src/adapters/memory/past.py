from __future__ import annotations

from datetime import datetime
from typing import Any

from adapters.memory.database import MemoryDatabase


class MemoryPast:
    """What is published is not kept here, and there is no ledger: only what was heard and asked under keys."""

    def __init__(self, database: MemoryDatabase) -> None:
        self._db = database

    async def forget(self, before: datetime, limit: int) -> bool:
        heard = [event for event, at in self._db.inbox.items() if at < before]
        asked = [key for key, (_, _, at) in self._db.keys.items() if at < before]
        _drop(self._db.inbox, heard[:limit])
        _drop(self._db.keys, asked[:limit])
        return max(len(heard), len(asked)) > limit


def _drop(table: dict[tuple[str, str], Any], keys: list[tuple[str, str]]) -> None:
    for key in keys:
        del table[key]
