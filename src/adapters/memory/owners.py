"""Whose things are, known by heart: for tests and examples."""

from __future__ import annotations

from collections.abc import Mapping


class MemoryOwners:
    """`known` by (source, id); while it is `away` nobody answers."""

    def __init__(self) -> None:
        self.known: dict[tuple[str, int], Mapping[str, int]] = {}
        self.away = False

    async def ask(self, source: str, id: int) -> Mapping[str, int]:
        return {} if self.away else self.known.get((source, id), {})
