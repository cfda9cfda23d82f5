"""Room for so many at once: who finds none for a while is put back, as nothing was tried."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Hashable
from contextlib import AsyncExitStack, asynccontextmanager
from weakref import WeakValueDictionary

from myticket_core.notification.ports import Full


class Slots:
    """So many for each, remembered as long as somebody is in one, or waits for it."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._slots = WeakValueDictionary[Hashable, asyncio.Semaphore]()

    def of(self, whom: Hashable) -> asyncio.Semaphore:
        return self._slots.setdefault(whom, asyncio.Semaphore(self._most))


@asynccontextmanager
async def room(within: float, *slots: asyncio.Semaphore) -> AsyncIterator[None]:
    """One of each. Raises Full: not within so many seconds."""
    async with AsyncExitStack() as held:
        try:
            async with asyncio.timeout(within):
                for slot in slots:
                    await held.enter_async_context(slot)
        except TimeoutError:
            raise Full("as many are under way as may be") from None
        yield
