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

    `most` at once; what one of them raises is raised by the next call.
    """

    def __init__(self, most: int, moment: float = 0.2) -> None:
        self._most, self._moment = most, moment
        self._going: set[asyncio.Task[None]] = set()
        self._failures: list[BaseException] = []

    async def __call__(self, jobs: Sequence[Coroutine[Any, Any, None]]) -> None:
        started = {asyncio.create_task(job) for job in jobs}
        self._going |= started
        for task in started:
            task.add_done_callback(self._ended)
        if started:
            await asyncio.wait(started, timeout=self._moment)
        while len(self._going) >= self._most:
            await asyncio.wait(self._going, return_when=asyncio.FIRST_COMPLETED)
        if self._failures:
            raise self._failures.pop()

    async def close(self, within: float = 3.0) -> None:
        """What takes longer is cut off."""
        if self._going:
            _, late = await asyncio.wait(self._going, timeout=within)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._going.discard(task)
        failure = None if task.cancelled() else task.exception()
        if failure is not None:
            self._failures = [failure]
