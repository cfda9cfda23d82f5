"""All streams of pages in this process. One watcher looks for what changed, for all of them, while there are any."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, suppress
from time import monotonic
from typing import Final, TypeAlias

import structlog
from attrs import define, field, frozen

from adapters.rest.room import Places
from adapters.rest.stream import MOST, Stream
from myticket_core.errors import Unavailable
from myticket_core.mypage.changes import Changed, Mark, Watched
from myticket_core.mypage.model import BookingPage, OrganizerPage
from myticket_core.mypage.ports import Changes, PageId

IN_ALL: Final = 5_000
PER_PRINCIPAL: Final = 20
"""Streams that may be open at once, in this process."""
LOOK: Final = 0.25
"""Seconds between looks for what another process has changed; what this one changes is looked for at once."""
LEAST: Final = 0.05
"""Seconds between two looks however much changes, and four times what a look takes."""
KNOWN: Final = 10_000
"""Pages of which it is known what was sent last: a look may find some again."""

Whose: TypeAlias = tuple[str, int | None]
"""("customer", 7) or ("company", 1), and None in it for everybody's."""

log = structlog.get_logger("myticket.rest")


@frozen
class Live:
    """What streams are made of. `woken` is set when this process has changed a page."""

    changes: Changes
    woken: asyncio.Event


@define(eq=False)
class Streams:
    live: Live
    booking: Callable[[BookingPage], bytes]
    ticket: Callable[[OrganizerPage], bytes]
    room: Places = field(factory=lambda: Places("streams", in_all=IN_ALL, each=PER_PRINCIPAL))
    _open: dict[Whose, set[Stream]] = field(factory=lambda: defaultdict(set), init=False)
    _sent: OrderedDict[PageId, int] = field(factory=OrderedDict, init=False)
    _mark: Mark | None = field(default=None, init=False)
    _watcher: asyncio.Task[None] | None = field(default=None, init=False)
    _closed: bool = field(default=False, init=False)
    _looking: asyncio.Lock = field(factory=asyncio.Lock, init=False)
    """Nobody is registered in the middle of a look: it would go past what changed for them without telling them."""

    async def open(self, subject: str, whose: Whose, since: Mark | None) -> tuple[Stream, Callable[[], None]]:
        """A stream of what changes from now on, or did since; and how to leave it. Raises Problem, Unavailable."""
        stream = Stream()
        with self._admitted(subject, whose) as staying:
            async with self._looking:
                self._open[whose].add(stream)
                staying.callback(self._leave, whose, stream)
            stream.over = self._closed
            await self._begin(stream, whose, since)
            return stream, staying.pop_all().close

    def number(self, kind: str) -> int:
        """How many are open of customers', or of companies' pages."""
        return sum(len(streams) for (of, _), streams in self._open.items() if of == kind)

    def close(self) -> None:
        """Every stream ends, and those that are opened from now on do at once."""
        self._closed = True
        for stream in self._all():
            stream.end()

    def _admitted(self, subject: str, whose: Whose) -> ExitStack:
        """Who sees everybody's may be everybody: in a mesh without tokens there is one principal."""
        with ExitStack() as places:
            if whose[1] is not None:
                places.enter_context(self.room.one_of(subject))
            places.enter_context(self.room.one())
            return places.pop_all()

    async def _begin(self, stream: Stream, whose: Whose, since: Mark | None) -> None:
        """It is registered already: what comes while the store is asked waits in it, and is newer."""
        stream.mark = latest = await self.live.changes.latest()
        if self._mark is None:
            self._mark = latest
        if self._watcher is None:
            self._watcher = asyncio.create_task(self._watch(), name="streams")
        if since is not None:
            found = await self.live.changes.since(since, _watched([whose]), MOST)
            for page, _, event in self._events(found):
                stream.fill(page, event)
            if found.mark.position < latest.position:
                stream.mark = found.mark
                stream.end()  # its reader comes again for the rest

    def _leave(self, whose: Whose, stream: Stream) -> None:
        self._open[whose].discard(stream)
        if not self._open[whose]:
            del self._open[whose]

    async def _watch(self) -> None:
        """While anybody listens. When it fails, the streams end: who reconnects begins anew."""
        try:
            while self._open:
                began = monotonic()
                await self._look()
                await asyncio.sleep(max(LEAST, 4 * (monotonic() - began)))
                with suppress(TimeoutError):
                    async with asyncio.timeout(LOOK):
                        await self.live.woken.wait()
        except Exception:
            log.exception("streams end: it cannot be looked for changes")
            for stream in self._all():
                stream.end()
        finally:
            self._watcher = self._mark = None

    async def _look(self) -> None:
        """What another look finds once more was sent already."""
        self.live.woken.clear()
        assert self._mark is not None
        try:
            async with self._looking:
                found = await self.live.changes.since(self._mark, _watched(self._open), MOST)
        except Unavailable as away:
            log.warning("streams wait for the store", error=str(away))
            await asyncio.sleep(away.retry_after.total_seconds())
            return
        for page, whose, event in self._events(found):
            if self._sent.get(page) != hash(event):
                self._remember(page, hash(event))
                for stream in self._listening(whose):
                    stream.put(page, event)
        self._mark = found.mark
        for stream in self._all():
            if not stream.over:
                stream.mark = found.mark

    def _remember(self, page: PageId, what: int) -> None:
        self._sent[page] = what
        self._sent.move_to_end(page)
        if len(self._sent) > KNOWN:
            self._sent.popitem(last=False)

    def _events(self, found: Changed) -> Iterator[tuple[PageId, Whose, bytes]]:
        """Each page once, however many streams it goes to."""
        for page in found.bookings:
            yield ("booking", page.booking_id), ("customer", page.customer_id), self.booking(page)
        for shown in found.tickets:
            yield ("ticket", shown.ticket.ticket_id), ("company", shown.ticket.company_id), self.ticket(shown)

    def _listening(self, whose: Whose) -> set[Stream]:
        return self._open.get(whose, set()) | self._open.get((whose[0], None), set())

    def _all(self) -> list[Stream]:
        return [stream for streams in self._open.values() for stream in streams]


def _watched(whose: Iterable[Whose]) -> Watched:
    ids: dict[str, set[int | None]] = {"customer": set(), "company": set()}
    for kind, id in whose:
        ids[kind].add(id)
    return Watched(frozenset(ids["customer"]), frozenset(ids["company"]))
