from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any

from myticket_core.errors import Unavailable


async def concurrently(jobs: Sequence[Coroutine[Any, Any, None]]) -> None:
    """All jobs at once on the running loop. All end, whatever one raises; then the gravest failure is raised."""
    outcomes = await asyncio.gather(*jobs, return_exceptions=True)
    if failures := [outcome for outcome in outcomes if outcome is not None]:
        raise _gravest(failures)


def _gravest(failures: Sequence[BaseException]) -> BaseException:
    """A mistake of ours before a trouble that passes, else the first."""
    return min(failures, key=lambda failure: isinstance(failure, Unavailable))


class Beside:
    """Jobs whose end need not be waited for: those that take longer than a moment go on beside the next ones.

    None is begun while `most` are under way. What one of them raises, the gravest when several do, is raised by a call.
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
        failures, self._failures = self._failures, []
        if failures:
            raise _gravest(failures)

    async def close(self, within: float = 3.0) -> None:
        """What takes longer is cut off."""
        if self._going:
            _, late = await asyncio.wait(self._going, timeout=within)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._going.discard(task)
        if not task.cancelled() and (failure := task.exception()) is not None:
            self._failures.append(failure)
