"""What changed on the pages, by numbers that are taken before they are written: an earlier one may appear later."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from time import monotonic
from typing import Any, Final

from adapters.persistence.mongo.documents import BOOKINGS, TICKETS
from adapters.persistence.mongo.pages import MongoPages
from adapters.persistence.mongo.store import Documents
from myticket_core.mypage.changes import Changed, Mark, Watched
from myticket_core.mypage.model import BookingPage, OrganizerPage

LATE: Final = 1000
"""How many numbers further back is looked: who takes longer than others write so many counts its pages anew."""

REST: Final = 2.0
"""Seconds after the last number was taken until which somebody may still be writing."""


class MongoChanges:
    def __init__(self, documents: Documents) -> None:
        self._documents, self._pages = documents, MongoPages(documents)
        self._bookings = documents.collection(BOOKINGS.collection)
        self._tickets = documents.collection(TICKETS.collection)
        self._moved = (Mark(0, 0), 0.0)

    async def latest(self) -> Mark:
        return await self._documents.in_live(self._mark)

    async def since(self, mark: Mark, watched: Watched, limit: int) -> Changed:
        async def read(view: int) -> Changed:
            now = await self._mark(view)
            if self._at_rest(now) and now == mark:
                return Changed(now)
            late = max(0, mark.after(now) - LATE)
            bookings = await self._changed_bookings(view, late, now.position, watched, limit + LATE)
            until = bookings[-1].changed if len(bookings) == limit + LATE else now.position
            return Changed(
                Mark(view, until), bookings, await self._changed_tickets(view, late, until, watched.companies)
            )

        return await self._documents.in_live(read)

    def _at_rest(self, now: Mark) -> bool:
        """Whether nothing can be on its way that has a number already."""
        if now != self._moved[0]:
            self._moved = (now, monotonic())
        return monotonic() - self._moved[1] > REST

    async def _mark(self, view: int) -> Mark:
        return Mark(view, await self._documents.last_change())

    async def _changed_bookings(
        self, view: int, after: int, until: int, watched: Watched, limit: int
    ) -> Sequence[BookingPage]:
        if not watched.customers:
            return ()
        which = {**_between(view, after, until), **_among("customer_id", watched.customers)}
        found = self._bookings.find(which).sort([("changed", 1)]).limit(limit)
        return [BOOKINGS.page(document) for document in await self._documents.ask(found.to_list(None))]

    async def _changed_tickets(
        self, view: int, after: int, until: int, companies: frozenset[int | None]
    ) -> Sequence[OrganizerPage]:
        """Those that changed, and those of which a booking did."""
        if not companies:
            return ()
        own, changed = _among("company_id", companies), _between(view, after, until)
        of = await self._documents.ask(self._bookings.distinct("ticket_id", {**changed, **own}))
        which = {"view": view, **own, "$or": [{"changed": changed["changed"]}, {"ticket_id": {"$in": of}}]}
        found = await self._documents.ask(self._tickets.find(which).sort([("ticket_id", 1)]).to_list(None))
        return await self._pages.summed(view, [TICKETS.page(document) for document in found])


def _between(view: int, after: int, until: int) -> dict[str, Any]:
    return {"view": view, "changed": {"$gt": after, "$lte": until}}


def _among(member: str, ids: Iterable[int | None]) -> Mapping[str, Any]:
    """Nothing to say when everybody's are wanted."""
    wanted = list(ids)
    return {} if None in wanted else {member: {"$in": wanted}}
