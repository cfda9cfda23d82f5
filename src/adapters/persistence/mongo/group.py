"""Changes of pages, written together: many are under way at once, and each write alone would wait for the disk."""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from time import monotonic
from typing import Any, Final, Generic, TypeAlias

from attrs import define, evolve, field

from adapters.persistence.mongo import driver
from adapters.persistence.mongo.documents import AnyPage, Kind
from adapters.persistence.mongo.store import Documents
from myticket_core.errors import Unavailable

LARGEST: Final = 500
"""Changes in a group."""

SLOW: Final = 0.5
"""Seconds within which a group has to be written after it took its numbers: others take fewer than LATE in that."""
ANEW: Final = 3
"""How often a group that is written too slowly takes new ones; each time it is one small write."""

ATTEMPTS: Final = 50
"""How often other processes may come first with a page before a change of it gives up."""


@define(eq=False)
class Change(Generic[AnyPage]):
    key: int
    decide: Callable[[AnyPage], AnyPage]
    done: asyncio.Future[None] = field(factory=lambda: asyncio.get_running_loop().create_future())

    def applied(self, page: AnyPage) -> AnyPage:
        """The page after the decision, or as it is when that fails, or when nobody waits for it any more."""
        try:
            return page if self.done.done() else self.decide(page)
        except Exception as error:  # raised where it was asked for
            self.failed(error)
            return page

    def failed(self, error: Exception) -> None:
        if not self.done.done():
            self.done.set_exception(error)

    def stored(self) -> None:
        if not self.done.done():
            self.done.set_result(None)


Keyed: TypeAlias = Mapping[int, Sequence[Change[AnyPage]]]
Write: TypeAlias = tuple[str, int, Any]


class Group(Generic[AnyPage]):
    """Takes what is waiting and never waits for more. `view` None: the live one, and the one that has joined it."""

    def __init__(self, documents: Documents, kind: Kind[AnyPage], view: int | None) -> None:
        self._documents, self._view = documents, view
        self._kind: Kind[AnyPage] = kind
        self._pages = documents.collection(kind.collection)
        self._waiting: list[Change[AnyPage]] = []
        self._writer: asyncio.Task[None] | None = None

    async def change(self, key: int, decide: Callable[[AnyPage], AnyPage]) -> None:
        """Return once it is durable in the view; a caller that goes away cancels its own waiting only."""
        change: Change[AnyPage] = Change(key, decide)
        self._waiting.append(change)
        if self._writer is None:
            self._writer = asyncio.create_task(self._write())
        await change.done

    async def _write(self) -> None:
        try:
            while self._waiting:
                group, self._waiting = self._waiting[:LARGEST], self._waiting[LARGEST:]
                await self._settle(group)
        finally:
            self._writer = None

    async def _settle(self, group: Sequence[Change[AnyPage]]) -> None:
        """Each caller gets its answer, whatever happens."""
        try:
            await self._store(group)
        except Exception as error:  # raised where each was asked for
            _fail(group, error)
        except BaseException:
            for change in (*group, *self._waiting):
                change.done.cancel()
            raise
        else:
            _stored(group)

    async def _store(self, group: Sequence[Change[AnyPage]]) -> None:
        async def store(view: int) -> None:
            await self._store_in(view, _by_key(group))

        if self._view is None:
            await self._documents.in_all(store)
        else:
            await store(self._view)

    async def _store_in(self, view: int, left: Keyed[AnyPage]) -> None:
        for attempt in range(ATTEMPTS):
            left = await self._once(view, left)
            if not left:
                return
            await asyncio.sleep(random.uniform(0, 0.002 * attempt))
        raise Unavailable(f"others keep changing the pages of {self._kind.name} {', '.join(map(str, left))}")

    async def _once(self, view: int, wanted: Keyed[AnyPage]) -> Keyed[AnyPage]:
        """Read, decide, write; the changes of pages that somebody else wrote meanwhile are left."""
        ids = [self._kind.id(view, key) for key in wanted]
        found = await self._documents.ask(self._pages.find({"_id": {"$in": ids}}).to_list(None))
        before = {document["_id"]: document for document in found}
        began, number = monotonic(), await self._documents.changes(len(wanted))
        decided = {
            key: self._decided(view, key, wanted[key], before, number - place) for place, key in enumerate(wanted)
        }
        writes: dict[int, Write] = {key: write for key, write in decided.items() if write}
        refused = await self._documents.ask(driver.replace(self._pages, [*writes.values()])) if writes else {}
        if self._view is None:  # in a view that nobody is shown yet, nobody looks for what changed
            await self._count_anew([id for id, _, _ in writes.values()], began)
        keys = [*writes]
        for position, error in refused.items():
            if error:
                _fail(wanted[keys[position]], error)
        return {keys[position]: wanted[keys[position]] for position, error in refused.items() if error is None}

    async def _count_anew(self, ids: Sequence[str], began: float) -> None:
        """What took long has numbers further back than anybody looks: it takes those of now, each its own, as who looks
        goes on behind the number of the last one it has read.
        """
        for _ in range(ANEW):
            if not ids or monotonic() - began < SLOW:
                return
            began, last = monotonic(), await self._documents.changes(len(ids))
            numbers = {id: last - place for place, id in enumerate(ids)}
            await self._documents.ask(driver.number(self._pages, numbers))

    def _decided(
        self, view: int, key: int, changes: Sequence[Change[AnyPage]], before: Mapping[str, Any], number: int
    ) -> Write | None:
        """What to write; None when nothing changes, or every change failed. What one page cannot do, harms no other."""
        id = self._kind.id(view, key)
        try:
            found = self._kind.page(before[id]) if id in before else None
            revision = int(before[id]["revision"]) if id in before else 0
            page = found or self._kind.blank(key)
            for change in changes:
                page = change.applied(page)
            if page == found or all(change.done.done() for change in changes):
                return None
            page = evolve(page, changed=number)
            return id, revision, driver.encoded(self._kind.document(page, view, revision + 1))
        except Exception as error:  # raised where each was asked for
            _fail(changes, error)
            return None


def _by_key(group: Sequence[Change[AnyPage]]) -> Keyed[AnyPage]:
    keys: dict[int, list[Change[AnyPage]]] = defaultdict(list)
    for change in group:
        keys[change.key].append(change)
    return keys


def _stored(changes: Sequence[Change[AnyPage]]) -> None:
    for change in changes:
        change.stored()


def _fail(changes: Sequence[Change[AnyPage]], error: Exception) -> None:
    for change in changes:
        change.failed(error)
