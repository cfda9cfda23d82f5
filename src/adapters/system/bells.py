from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from time import monotonic

from attrs import define, field

from myticket_core.mypage.ports import PageId, Wait


@define(eq=False)
class Bells:
    """Each listener waits for `patience` in all, and looks every `look` seconds: what others change rings nothing."""

    patience: timedelta
    look: float = 0.25
    any: asyncio.Event = field(factory=asyncio.Event, init=False)
    """Set by each; who waits for whatever may come clears it."""
    _listening: dict[PageId, set[asyncio.Event]] = field(factory=dict, init=False)

    def ring(self, page: PageId) -> None:
        self.any.set()
        for bell in self._listening.get(page, ()):
            bell.set()

    @contextmanager
    def listen(self, page: PageId) -> Iterator[Wait]:
        bell, until = asyncio.Event(), monotonic() + self.patience.total_seconds()

        async def wait() -> bool:
            left = until - monotonic()
            with suppress(TimeoutError):
                async with asyncio.timeout(min(left, self.look)):
                    await bell.wait()
            bell.clear()
            return left > 0

        self._listening.setdefault(page, set()).add(bell)
        try:
            yield wait
        finally:
            self._listening[page].discard(bell)
            if not self._listening[page]:
                del self._listening[page]
