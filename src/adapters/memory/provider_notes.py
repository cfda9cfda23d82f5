"""What is kept about a provider: its names for our charges, and what it has said of its own accord."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.memory.database import MemoryDatabase
from myticket_core.payment.ports import Hint


class MemoryReferences:
    def __init__(self, database: MemoryDatabase) -> None:
        self._kept = database.references

    async def remember(self, key: str, reference: str) -> str:
        return self._kept.setdefault(key, reference)

    async def of(self, key: str) -> str | None:
        return self._kept.get(key)

    async def key_of(self, reference: str) -> str | None:
        return next((key for key, kept in self._kept.items() if kept == reference), None)


class MemoryHints:
    def __init__(self, database: MemoryDatabase) -> None:
        self._db = database

    async def keep(self, hint: Hint) -> None:
        self._db.hints.setdefault(hint.id, hint)

    async def waiting(self, limit: int) -> Sequence[Hint]:
        return [hint for hint in self._db.hints.values() if hint.id not in self._db.followed][:limit]

    async def followed(self, ids: Sequence[str]) -> None:
        self._db.followed.update(ids)
