"""The writes of one database, in groups: whatever is waiting, in one transaction, answered once it is committed."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from contextlib import nullcontext
from time import monotonic
from typing import Any, Final, TypeVar, cast

from attrs import define

from adapters.persistence.draft import Write
from adapters.persistence.drivers import Link
from adapters.persistence.errors import Busy, NotThis, Overtaken, Refused
from adapters.persistence.group import Group
from adapters.persistence.kind import Ref
from adapters.persistence.loading import Loading
from adapters.persistence.signals import Signal
from adapters.persistence.statements import Statements
from myticket_core.errors import InDoubt, Unavailable
from myticket_core.ports import Clock, Ids

Result = TypeVar("Result")

LARGEST_GROUP: Final = 128
"""Bounds how long the first of a group waits for the last, and what is done again singly after a conflict."""

LATELY: Final = 60.0
"""Seconds after which a write that failed says nothing of the store any more: who has something to write tries again
sooner.
"""

log = logging.getLogger("myticket.store")


@define(eq=False)
class Item:
    """A write, and the future its caller waits for; a caller that has gone is simply not answered."""

    write: Write[Any]
    caller: asyncio.Future[Any]

    def answer(self, result: Any) -> None:
        if not self.caller.done():
            self.caller.set_result(result)

    def fail(self, error: Exception) -> None:
        if not self.caller.done():
            self.caller.set_exception(error)


class Writer:
    """Takes what is waiting, never waits for more. Runs in a task of its own, so that nobody can cancel a commit."""

    def __init__(self, name: str, link: Link, statements: Statements, clock: Clock, ids: Ids, said: Signal) -> None:
        self._name, self._link, self._statements = name, link, statements
        self._clock, self._ids, self._said = clock, ids, said
        self._waiting: deque[Item] = deque()
        self._running: asyncio.Task[None] | None = None
        self._closed = False
        self._failed_at: float | None = None

    @property
    def troubled(self) -> bool:
        """Whether the store, which may be read all the same, took none of what was to be written lately."""
        return self._failed_at is not None and monotonic() - self._failed_at < LATELY

    async def write(self, write: Write[Result]) -> Result:
        """Returns once it is committed. Raises what `write.apply` raises, or Unavailable: then nothing is stored.
        Raises InDoubt: the answer to the commit was lost.
        """
        if self._closed:
            raise Unavailable(f"{self._name} is closed")
        item = Item(write, asyncio.get_running_loop().create_future())
        self._waiting.append(item)
        if self._running is None:
            self._running = asyncio.create_task(self._run(), name=f"writer of {self._name}")
        return cast(Result, await item.caller)

    async def close(self) -> None:
        """Returns when everything accepted so far is written."""
        self._closed = True
        if self._running is not None:
            await asyncio.wait([self._running])
        await self._link.close()

    async def _run(self) -> None:
        try:
            while self._waiting:
                taken = min(len(self._waiting), LARGEST_GROUP)
                await self._write([self._waiting.popleft() for _ in range(taken)])
                await asyncio.sleep(0)  # those just answered get to ask for more before the next group is taken
        finally:
            self._running = None

    async def _write(self, items: Sequence[Item], again: bool = True) -> Unavailable | None:
        """All in one transaction; when the database refuses what one of them wants, each in its own.

        Everybody is answered; what is returned is why the store cannot be written at all.
        """
        try:
            answers = await self._together(items)
        except Exception as error:
            await self._link.rollback()
            return await self._failed(items, error, again)
        self._recovered()
        for item, answer in zip(items, answers, strict=True):
            item.fail(answer) if isinstance(answer, Exception) else item.answer(answer)
        return None

    async def _together(self, items: Sequence[Item]) -> Sequence[Any]:
        """What each is to be answered: a result, or the exception its decision raised."""
        group, loading = await self._loaded([item.write for item in items])
        answers = [_decided(group, item) for item in items]
        refused = [item.write.key for item, answer in zip(items, answers, strict=True) if isinstance(answer, Exception)]
        if (keys := [key for key in refused if key and key not in group.keys]) and await loading.overtaken(keys):
            raise Overtaken(f"{self._name}: what was refused has been done meanwhile, for the same key")
        steps = self._statements.written(group.statements())
        await self._link.commit(steps, said=self._said in group.signals, onward=bool(self._waiting))
        for signal in group.signals:
            signal.fire()
        return answers

    async def _loaded(self, writes: Sequence[Write[Any]]) -> tuple[Group, Loading]:
        """What is read and locked is so in one order: for what keys turn out to stand for all is begun anew."""
        besides: list[Ref] = []
        while True:
            group = Group(at=self._clock.now(), ids=self._ids, said=self._said)
            loading = Loading(self._link, self._statements, group)
            more = await loading(writes, besides)
            if not more:
                return group, loading
            await self._link.rollback()
            besides += more

    async def _failed(self, items: Sequence[Item], error: Exception, again: bool) -> Unavailable | None:
        """A single write gets a second try: what this process remembers may be old when another one writes too.

        Where somebody holds what one of a group wants, the others have waited for that long enough.
        """
        down = self._link.unavailable(error)
        fine = down is None or isinstance(down, NotThis)
        again = len(items) > 1 or (again and not isinstance(down, Busy | Refused))
        if fine and again and not isinstance(error, InDoubt):
            with self._link.hurried() if isinstance(down, Busy) else nullcontext():
                return await self._singly(items)
        trouble = error if isinstance(error, InDoubt) else down  # a commit may wait for a follower that is gone
        if trouble is not None and not isinstance(trouble, Busy | Overtaken):
            self._in_trouble(trouble)
        for item in items:
            item.fail(down or error)
        return None if fine else down

    async def _singly(self, items: Sequence[Item]) -> Unavailable | None:
        """Once the store has gone away nobody else waits for it to answer."""
        down: Unavailable | None = None
        for item in items:
            if down is None:
                down = await self._write([item], again=len(items) > 1)
            else:
                item.fail(down)
        return down

    def _in_trouble(self, why: Unavailable | InDoubt) -> None:
        if isinstance(why, Refused):
            log.error("not written: %s", why)
            return
        if self._failed_at is None:
            log.error("nothing can be written: %s", why)
        self._failed_at = monotonic()

    def _recovered(self) -> None:
        if self._failed_at is not None:
            log.warning("%s can be written again", self._name)
        self._failed_at = None


def _decided(group: Group, item: Item) -> Any:
    try:
        return group.decide(item.write)
    except Exception as error:
        return error
