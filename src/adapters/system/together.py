from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any


async def concurrently(jobs: Sequence[Coroutine[Any, Any, None]]) -> None:
    """All jobs at once on the running loop. All end, whatever one of them raises; then the first failure is raised."""
    for outcome in await asyncio.gather(*jobs, return_exceptions=True):
        if outcome is not None:
            raise outcome


class Beside:
    """Jobs whose end need not be waited for: those that take longer than a moment go on beside the next ones.

    None is begun while `most` are under way. What one of them raises, the latest when several do, is raised by a call.
    """

    def __init__(self, most: int, moment: float = 0.2) -> None:
        self._most, self._moment = most, moment
        self._going: set[asyncio.Task[None]] = set()
        self._failure: BaseException | None = None

    async def __call__(self, jobs: Sequence[Coroutine[Any, Any, None]]) -> None:
        started = {asyncio.create_task(job) for job in jobs}
        self._going |= started
        for task in started:
            task.add_done_callback(self._ended)
        if started:
            await asyncio.wait(started, timeout=self._moment)
        while len(self._going) >= self._most:
            await asyncio.wait(self._going, return_when=asyncio.FIRST_COMPLETED)
        failure, self._failure = self._failure, None
        if failure is not None:
            raise failure

    async def close(self, within: float = 3.0) -> None:
        """What takes longer is cut off."""
        if self._going:
            _, late = await asyncio.wait(self._going, timeout=within)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._going.discard(task)
        if not task.cancelled() and task.exception() is not None:
            self._failure = task.exception()
