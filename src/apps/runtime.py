"""Workers that go on: each is a step over and over, restarted when it fails, ended between two steps."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from time import monotonic
from typing import Final, TypeAlias

import structlog
from attrs import define, field, frozen
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, wait_random_exponential

from myticket_core.errors import Incomplete, MyticketError
from myticket_core.ports import Clock

Step: TypeAlias = Callable[[], Awaitable[object]]
"""One round of work. It waits for work itself, about a second at most, so that stopping takes no longer."""

PATIENCE: Final = timedelta(seconds=60)
"""A worker that has not beaten for so long hangs."""

log = structlog.get_logger("myticket.worker")


@define(eq=False)
class Worker:
    """A named step. Failing in the same place again and again is logged once, until it succeeds again."""

    name: str
    step: Step
    beat_at: float = field(factory=monotonic)
    failures: int = 0
    _told: set[tuple[object, ...]] = field(factory=set)

    def beat(self) -> None:
        self.beat_at = monotonic()

    async def run(self, stopping: asyncio.Event) -> None:
        """Until `stopping`; the step in hand is finished first."""
        while not stopping.is_set():
            await self._retrying(stopping)(self._round)

    async def _round(self) -> None:
        """Behind a batch of which some was done it goes on at once: thousands may wait behind the few that failed."""
        self.beat()
        try:
            await self.step()
        except Incomplete as some:
            if not some.done:
                raise
            self.tell(some)
            return
        if self.failures:
            log.info("worker recovered", worker=self.name, failures=self.failures)
            self.failures = 0
            self._told.clear()

    def _retrying(self, stopping: asyncio.Event) -> AsyncRetrying:
        return AsyncRetrying(
            retry=retry_if_exception_type(Exception),
            wait=wait_random_exponential(multiplier=0.2, max=10, min=0.05),
            stop=lambda _: stopping.is_set(),
            sleep=partial(_pause, stopping),
            before_sleep=self._failed,
            retry_error_callback=self._failed,
        )

    def _failed(self, state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        assert error is not None
        self.tell(error)

    def tell(self, error: BaseException) -> None:
        """It failed, whether its step has ended with that or waits and tries again."""
        if isinstance(error, Incomplete):
            error = error.failure
        self.failures += 1
        place = _place(error)
        if place not in self._told:
            self._told.add(place)
            expected = isinstance(error, MyticketError)
            log.error("worker failed", worker=self.name, error=str(error), exc_info=None if expected else error)


@frozen
class BeatingClock:
    """A clock for what may wait long within one step, as a reaction does for a store that is down."""

    clock: Clock
    beat: Callable[[], None]

    def now(self) -> datetime:
        return self.clock.now()

    async def sleep(self, duration: timedelta) -> None:
        self.beat()
        await self.clock.sleep(duration)


@define(eq=False)
class Workers:
    """All workers of a process. One that fails leaves the others alone."""

    workers: Sequence[Worker]
    _stopping: asyncio.Event = field(factory=asyncio.Event)
    _tasks: dict[str, asyncio.Task[None]] = field(factory=dict)

    def start(self) -> None:
        for worker in self.workers:
            worker.beat()
            self._tasks[worker.name] = asyncio.create_task(worker.run(self._stopping), name=worker.name)

    def stuck(self) -> Sequence[str]:
        """The workers that have ended or hang; none while all is well."""
        oldest = monotonic() - PATIENCE.total_seconds()
        ended = {name for name, task in self._tasks.items() if task.done()}
        return [worker.name for worker in self.workers if worker.name in ended or worker.beat_at < oldest]

    async def stop(self, within: timedelta) -> None:
        """Let each finish its step; what takes longer than `within` is canceled. Starting again is not possible."""
        self._stopping.set()
        tasks = set(self._tasks.values())
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=within.total_seconds())
            for task in late:
                log.warning("worker cut off", worker=task.get_name())
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def _pause(stopping: asyncio.Event, seconds: float) -> None:
    """Sleep, unless it is time to stop."""
    try:
        async with asyncio.timeout(seconds):
            await stopping.wait()
    except TimeoutError:
        return


def _place(error: BaseException) -> tuple[object, ...]:
    """What failed and where: the same for the same failure whatever values it met."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return (type(error), trace and (trace.tb_frame.f_code.co_filename, trace.tb_lineno))
