"""The pages made anew from the log, beside the live ones, then put in their place at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final, TypeAlias, TypeVar

from attrs import frozen

from myticket_core.errors import InDoubt, Rejected, Unavailable, Unreadable
from myticket_core.messages import Envelope
from myticket_core.mypage.policies import WHENEVER
from myticket_core.mypage.ports import Pages, Projection, Views
from myticket_core.mypage.project import Project, ProjectPages
from myticket_core.mypage.remembering import RememberedOwners
from myticket_core.ports import Clock, History, Owners, Record, Together
from myticket_core.reacting import Consumer, lane_of
from myticket_core.wire import decode, is_counted

Result = TypeVar("Result")

Progress: TypeAlias = Callable[[str, int], None]
"""Told what is being done, and to how much of it that was by now."""

PATIENCE: Final = timedelta(minutes=1)
AGAIN: Final = timedelta(seconds=1)


@frozen
class Rebuilt:
    """How many records were read, how many of them could not be, and what differed from the live pages."""

    records: int
    unreadable: int
    differences: Sequence[str]


@frozen
class RebuildPages:
    """A half-built page is never shown.

    The live consumer goes on meanwhile. What it begins to apply before the views are joined is in the log by then,
    and is read after that; what it begins later it applies to both: so nothing that was seen is missing after the
    swap. Applying twice changes nothing. A store or a log that is away for less than PATIENCE is waited for, and
    `waits` is told why as soon as it is. One that was killed or failed has left the live pages alone.

    Each page comes from an event that was in the log before it. So when a page is missing that was there before the
    log was read, the log is not the one that the pages came from, or not all of it. What an original's events do not
    say, and nobody says any more, is taken from the `pages`.
    """

    views: Views
    history: History
    clock: Clock
    together: Together
    batch: int = 1000
    owners: Owners | None = None
    pages: Pages | None = None
    waits: Callable[[str], None] = lambda _why: None

    async def __call__(self, progress: Progress = lambda _what, _done: None, *, forced: bool = False) -> Rebuilt:
        """Raises Rejected("not_in_the_log") when pages would be gone after the swap, unless `forced`."""
        owners = RememberedOwners(self.owners, self.pages)
        consumer = _consumer(await self._patiently(self.views.blank), owners)
        await self._clear(progress)
        read, unreadable = await self._feed(consumer, owners, 0, progress)
        found = await self._patiently(partial(self.views.differences, 100))
        if found.missing and not forced:
            raise _not_in_the_log(found.missing)
        await self._patiently(self.views.join)
        read, more = await self._feed(consumer, owners, read, progress)
        await self._patiently(self.views.swap)
        return Rebuilt(read, unreadable + more, found.told)

    async def _clear(self, progress: Progress) -> None:
        removed = 0
        while some := await self._patiently(self.views.clear):
            removed += some
            progress("removing what earlier rebuilds left", removed)

    async def _feed(
        self, consumer: Consumer, owners: RememberedOwners, read: int, progress: Progress
    ) -> tuple[int, int]:
        """Apply all there is now; the records read so far, and the unreadable ones among the new."""
        unreadable = 0
        while records := await self._patiently(partial(self.history.read, self.batch)):
            if not all(map(is_counted, records)):
                await self._patiently(owners.remember)
            lanes: dict[str, list[Record]] = defaultdict(list)
            for record in records:
                lanes[lane_of(record)].append(record)
            misses: list[Record] = []
            await self.together([self._apply(consumer, lane, misses) for lane in lanes.values()])
            read, unreadable = read + len(records), unreadable + len(misses)
            progress("reading the log", read)
        return read, unreadable

    async def _apply(self, consumer: Consumer, records: Sequence[Record], misses: list[Record]) -> None:
        """All that a batch has of one key in one write: a rebuild is bound by those."""
        envelopes: list[Envelope] = []
        for record in records:
            try:
                envelopes.append(decode(record))
            except Unreadable:
                misses.append(record)
        await self._patiently(partial(consumer.handle_all, envelopes))

    async def _patiently(self, call: Callable[[], Awaitable[Result]]) -> Result:
        """Nothing here is done twice by being asked for again."""
        until: datetime | None = None
        while True:
            try:
                return await call()
            except (Unavailable, InDoubt) as away:
                if until is None:  # it was there until now, however long it took
                    until = self.clock.now() + PATIENCE
                    self.waits(str(away))
                elif self.clock.now() > until:
                    raise
                await self.clock.sleep(away.retry_after if isinstance(away, Unavailable) else AGAIN)


def _consumer(pages: Projection, owners: Owners | None) -> Consumer:
    project = ProjectPages(pages, owners)
    return Consumer("mypage-rebuild", WHENEVER, {Project: project}, at_once=project.all)


def _not_in_the_log(missing: int) -> Rejected:
    said = f"the log says nothing of {missing} of the pages that are shown, which stay as they are"
    return Rejected("not_in_the_log", said, missing=missing)
