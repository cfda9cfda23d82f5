"""Virtual time, and processes that can be killed or stopped between any two awaits. Chance alone says who is next."""

from __future__ import annotations

import heapq
import types
from collections.abc import Callable, Coroutine, Generator, Sequence
from random import Random
from typing import Any


class Dead(BaseException):
    """Raised into what is left of a process that was killed: it gets nothing done any more."""


class Lost(Exception):
    """The other side went away, or its answer did: whatever was asked may or may not have happened."""


class Task:
    def __init__(self, coroutine: Coroutine[Any, Any, Any], process: Process) -> None:
        self.coroutine, self.process = coroutine, process
        self.done, self.result, self.error = False, None, None
        self.waits = 0  # counts what it waited for: a wake-up for an earlier wait is void
        self.joined: list[Callable[[], None]] = []

    def finish(self, result: object = None, error: BaseException | None = None) -> None:
        self.done, self.result, self.error = True, result, error
        self.process.tasks.pop(self, None)
        for wake in self.joined:
            wake()

    def outcome(self) -> Any:
        if self.error is not None:
            raise self.error
        return self.result


Arm = Callable[[Task], None]


@types.coroutine
def suspend(arm: Arm) -> Generator[Arm, None, None]:
    """Give way; `arm` sees to it that the task is woken."""
    yield arm


class Signal:
    """Wakes everybody who waits for it."""

    def __init__(self) -> None:
        self.waiting: list[Callable[[], None]] = []

    def fire(self) -> None:
        waiting, self.waiting = self.waiting, []
        for wake in waiting:
            wake()


class Scheduler:
    def __init__(self, random: Random) -> None:
        self.random, self.now = random, 0.0
        self.ready: list[Task] = []
        self.timers: list[tuple[float, int, Callable[[], None]]] = []
        self.count = 0
        self.steps = 0

    def at(self, delay: float, call: Callable[[], None]) -> None:
        self.count += 1
        heapq.heappush(self.timers, (self.now + delay, self.count, call))

    def run(self, duration: float) -> None:
        """Let everything happen that happens in this time."""
        end = self.now + duration
        while True:
            while self.ready:
                self._step(self._next())
            if not self.timers or self.timers[0][0] > end:
                break
            self.now, _, call = heapq.heappop(self.timers)
            call()
        self.now = end

    def _next(self) -> Task:
        index = int(self.random.random() * len(self.ready))
        self.ready[index], self.ready[-1] = self.ready[-1], self.ready[index]
        return self.ready.pop()

    def _step(self, task: Task) -> None:
        if task.done:
            return
        if task.process.stopped:
            task.process.held.append(task)
            return
        self.steps += 1
        try:
            arm = task.coroutine.send(None)
        except StopIteration as end:
            task.finish(end.value)
        except Exception as error:
            task.finish(error=error)
        except Dead:
            task.finish(error=Lost("killed"))
        else:
            if task.done:  # it killed its own process
                bury(task.coroutine)
            else:
                arm(task)

    def waker(self, task: Task) -> Callable[[], None]:
        """Wakes the task from what it waits for now, once."""
        waits = task.waits

        def wake() -> None:
            if task.waits == waits and not task.done:
                task.waits += 1
                self.ready.append(task)

        return wake

    async def pause(self) -> None:
        """Whoever else is ready may come first."""
        await suspend(self.ready.append)

    async def sleep(self, seconds: float) -> None:
        await suspend(lambda task: self.at(seconds, self.waker(task)))

    async def wait(self, signal: Signal, at_most: float) -> None:
        def arm(task: Task) -> None:
            wake = self.waker(task)
            signal.waiting.append(wake)
            self.at(at_most, wake)

        await suspend(arm)

    async def join(self, task: Task, at_most: float | None = None) -> bool:
        """Wait until it has ended; whether it has, in time."""

        def arm(waiting: Task) -> None:
            wake = self.waker(waiting)
            task.joined.append(wake)
            if at_most is not None:
                self.at(at_most, wake)

        if not task.done:
            await suspend(arm)
        return task.done


class Process:
    """What dies together. `epoch` counts its lives."""

    def __init__(self, name: str, scheduler: Scheduler) -> None:
        self.name, self.scheduler = name, scheduler
        self.up, self.epoch, self.stopped = True, 0, False
        self.tasks: dict[Task, None] = {}  # a set would make its order depend on addresses
        self.held: list[Task] = []

    def spawn(self, coroutine: Coroutine[Any, Any, Any]) -> Task:
        task = Task(coroutine, self)
        self.tasks[task] = None
        self.scheduler.ready.append(task)
        return task

    async def together(self, jobs: Sequence[Coroutine[Any, Any, None]]) -> None:
        tasks = [self.spawn(job) for job in jobs]
        for task in tasks:
            await self.scheduler.join(task)
        for task in tasks:
            task.outcome()

    def kill(self) -> None:
        """-9: nothing of it runs again, nobody gets an answer of it."""
        self.up, self.stopped, self.held = False, False, []
        self.epoch += 1
        tasks, self.tasks = list(self.tasks), {}
        for task in tasks:
            task.finish(error=Lost(f"{self.name} was killed"))
        for task in tasks:
            if not task.coroutine.cr_running:  # type: ignore[attr-defined]
                bury(task.coroutine)

    def stop(self, seconds: float) -> None:
        """SIGSTOP, and SIGCONT later."""
        if self.up and not self.stopped:
            self.stopped, epoch = True, self.epoch
            self.scheduler.at(seconds, lambda: self.go_on() if self.epoch == epoch else None)

    def go_on(self) -> None:
        self.stopped = False
        held, self.held = self.held, []
        self.scheduler.ready += held


def bury(coroutine: Coroutine[Any, Any, Any]) -> None:
    try:
        coroutine.close()
    except Dead:
        return
