"""A view beside the live one. Each that is begun has a number of its own, higher than all before."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Final

from adapters.persistence.mongo import driver
from adapters.persistence.mongo.documents import BOOKINGS, TICKETS, AnyPage, Kind, differing
from adapters.persistence.mongo.projection import MongoProjection
from adapters.persistence.mongo.store import Documents, missing
from myticket_core.mypage.ports import Differences, superseded

AT_ONCE: Final = 1000
"""Documents read in one go."""

REMOVED: Final = 100
"""Documents deleted in one go: a server under load takes more than ten seconds for a thousand."""

KINDS: Final[tuple[Kind[Any], ...]] = (BOOKINGS, TICKETS)

_BEFORE_ALL: Final = -(2**63)


class MongoViews:
    """Of several that build views at once, the one that began last can swap; none shows what another has begun."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._built: int | None = None
        self._mark = 0  # the last change before it was begun
        self._leftovers: Mapping[str, Any] = {}  # neither in the live view nor in one begun after this
        self._found: dict[str, Sequence[str]] = {}  # leftovers by their kind, looked for less often than deleted

    async def blank(self) -> MongoProjection:
        await self._documents.ping()
        self._mark = await self._documents.last_change()
        views = await self._documents.ask(driver.counted(self._documents.about, "views"))
        if views is None:
            raise driver.Unusable(missing(self._documents.name))
        self._built = int(views["last"])
        await self._mine({"$unset": {"joined": ""}})
        self._leftovers = {"view": {"$lt": self._built, "$ne": int(views["live"])}}
        self._found = {}
        return MongoProjection(self._documents, self._built)

    async def clear(self) -> int:
        """Bit by bit: one order to delete many would outlast the driver's patience."""
        for kind in KINDS:
            if ids := self._found.get(kind.name) or await self._left(kind):
                pages, some = self._documents.collection(kind.collection), ids[:REMOVED]
                await self._documents.ask(pages.delete_many({"_id": {"$in": some}}))
                self._found[kind.name] = ids[REMOVED:]
                return len(some)
        return 0

    async def _left(self, kind: Kind[Any]) -> Sequence[str]:
        """To be deleted."""
        found = self._documents.collection(kind.collection).find(self._leftovers, {"_id": 1}).limit(AT_ONCE)
        return [document["_id"] for document in await self._documents.ask(found.to_list(None))]

    async def differences(self, limit: int) -> Differences:
        async def compare(live: int) -> Differences:
            told: list[str] = []
            missing = 0
            for kind in KINDS:
                async for key, old, new in self._differing(kind, live):
                    told += [f"{kind.name} {key}"] if len(told) < limit else ()
                    missing += new is None and old.changed <= self._mark
            return Differences(told, missing)

        found = await self._documents.in_live(compare)
        await self._mine({"$set": {"last": self._built}})  # as it is: who began since has deleted from it
        return found

    async def _differing(self, kind: Kind[Any], live: int) -> AsyncIterator[tuple[int, Any, Any]]:
        """The key of each page that differs, and what the live view and the other have under it."""
        after: int | None = _BEFORE_ALL
        while after is not None:
            old, new = [await self._part(kind, view, after) for view in (live, self._built)]
            keys, after = differing(AT_ONCE, old, new)
            for key in keys:
                yield key, old.get(key), new.get(key)

    async def _part(self, kind: Kind[AnyPage], view: int | None, after: int) -> Mapping[int, AnyPage]:
        """The pages behind the key `after`, in order of their keys."""
        which = {"view": view, kind.key: {"$gt": after}}
        pages = self._documents.collection(kind.collection).find(which).sort(kind.key, 1).limit(AT_ONCE)
        return {int(found[kind.key]): kind.page(found) for found in await self._documents.ask(pages.to_list(None))}

    async def join(self) -> None:
        """Raises Rejected when somebody has begun another view since."""
        await self._mine({"$set": {"joined": self._built}})

    async def swap(self) -> None:
        """Raises Rejected when somebody has begun another view since."""
        await self._mine({"$set": {"live": self._built}, "$unset": {"joined": ""}})

    async def _mine(self, change: Mapping[str, Any]) -> None:
        about, mine = self._documents.about, {"_id": "views", "last": self._built}
        done = await self._documents.ask(about.update_one(mine, change))
        if not done.matched_count:
            raise superseded()
