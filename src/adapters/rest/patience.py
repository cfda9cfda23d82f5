"""Giving up on what takes too long, for hardly anything as long as nothing does."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any

from attrs import define, field


@define(eq=False)
class Patience:
    """Of `seconds` for each of however many; None: for ever.

    asyncio.timeout sets a timer for each, which costs 12 µs. Here all have one: who began first is the first to be
    late, so it is set for the oldest only, and again when it has struck.
    """

    seconds: float | None = None
    _under_way: dict[asyncio.Task[Any], float] = field(factory=dict, init=False)
    _late: set[asyncio.Task[Any]] = field(factory=set, init=False)
    _timer: asyncio.TimerHandle | None = field(default=None, init=False)

    async def __call__(self, work: Awaitable[None]) -> None:
        """Raises TimeoutError; then the work was canceled. One at a time in a task."""
        task = asyncio.current_task()
        if self.seconds is None or task is None:
            return await work
        self._begin(task, self.seconds)
        try:
            await work
        except asyncio.CancelledError:
            if task not in self._late:
                raise  # somebody else's doing
            task.uncancel()
            raise TimeoutError from None
        finally:
            self._under_way.pop(task, None)
            self._late.discard(task)

    def spare(self) -> None:
        """What the current task does may take for ever from here on."""
        task = asyncio.current_task()
        if task is not None:
            self._under_way.pop(task, None)

    def _begin(self, task: asyncio.Task[Any], seconds: float) -> None:
        loop = asyncio.get_running_loop()
        until = self._under_way[task] = loop.time() + seconds
        if self._timer is None:
            self._timer = loop.call_at(until, self._strike, loop)

    def _strike(self, loop: asyncio.AbstractEventLoop) -> None:
        """Cancel who is late, and wait for the next one, if there is any."""
        self._timer = None
        for task, until in list(self._under_way.items()):
            if until > loop.time():
                self._timer = loop.call_at(until, self._strike, loop)
                return
            del self._under_way[task]
            self._late.add(task)
            task.cancel()
