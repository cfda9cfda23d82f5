"""What is subscribed to is looked at once for all who listen, so often and no oftener, however many they are."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from time import monotonic
from typing import Any, TypeAlias

import structlog
from attrs import define, field

from myticket_core.errors import Unavailable

Many: TypeAlias = Callable[[Sequence[int]], Awaitable[Sequence[Any]]]
"""Those of the numbered things that there are, in one read; equal to what they were until they change."""

log = structlog.get_logger("myticket.graphql")


@define(eq=False)
class Bell:
    _rung: asyncio.Event = field(factory=asyncio.Event, init=False)
    _broken: bool = field(default=False, init=False)

    def ring(self, *, broken: bool = False) -> None:
        self._broken = broken
        self._rung.set()

    async def wait(self) -> None:
        """Until it has rung since the last wait. Raises Unavailable: it will not any more."""
        await self._rung.wait()
        self._rung.clear()
        if self._broken:
            raise Unavailable("it cannot be looked for changes", timedelta(seconds=10))


@define(eq=False)
class Watch:
    """Rings for whoever listens to a thing when it is another one than at the look before; first of all once.

    There are `pause` seconds between looks, and four times what one takes. While nobody listens, nobody looks.
    """

    many: Many
    id_of: Callable[[Any], int]
    pause: float
    _listening: dict[int, set[Bell]] = field(factory=lambda: defaultdict(set), init=False)
    _watcher: asyncio.Task[None] | None = field(default=None, init=False)

    @contextmanager
    def listen(self, id: int) -> Iterator[Bell]:
        """No change from here on is missed, also while nobody waits for the bell."""
        bell = Bell()
        self._listening[id].add(bell)
        if self._watcher is None:
            self._watcher = asyncio.create_task(self._watch(), name="subscriptions")
        try:
            yield bell
        finally:
            self._listening[id].discard(bell)
            if not self._listening[id]:
                del self._listening[id]

    async def _watch(self) -> None:
        """When it fails, whoever listens is told so; who listens anew begins anew."""
        seen: Mapping[int, Any] = {}
        try:
            while self._listening:
                began = monotonic()
                seen = await self._look(seen)
                await asyncio.sleep(max(self.pause, 4 * (monotonic() - began)))
        except Exception:
            log.exception("subscriptions end: it cannot be looked for changes")
            self._ring(*self._listening, broken=True)
        finally:
            self._watcher = None

    async def _look(self, seen: Mapping[int, Any]) -> Mapping[int, Any]:
        """What is seen now."""
        asked = list(self._listening)
        try:
            found = {self.id_of(it): it for it in await self.many(asked)}
        except Unavailable as away:
            log.warning("subscriptions wait for the store", error=str(away))
            await asyncio.sleep(away.retry_after.total_seconds())
            return seen
        self._ring(*(id for id in asked if id not in seen or seen[id] != found.get(id)))
        return {id: found.get(id) for id in asked}

    def _ring(self, *ids: int, broken: bool = False) -> None:
        for id in ids:
            for bell in self._listening.get(id, ()):
                bell.ring(broken=broken)
