from __future__ import annotations

from adapters.memory.database import MemoryDatabase
from adapters.memory.pages import MemoryPages
from myticket_core.mypage.changes import Changed, Mark, Watched


class MemoryChanges:
    def __init__(self, database: MemoryDatabase) -> None:
        self._db, self._pages = database, MemoryPages(database)

    async def latest(self) -> Mark:
        return Mark(self._db.live.number, self._db.live.counter.last)

    async def since(self, mark: Mark, watched: Watched, limit: int) -> Changed:
        now = await self.latest()
        after, live = mark.after(now), self._db.live
        changed = sorted((it for it in live.bookings.values() if it.changed > after), key=lambda it: it.changed)
        bookings = [it for it in changed if _wanted(it.customer_id, watched.customers)][:limit]
        until = bookings[-1].changed if len(bookings) == limit else now.position
        moved = {it.ticket_id for it in changed if it.changed <= until}
        tickets = [it for it in live.tickets.values() if after < it.changed <= until or it.ticket_id in moved]
        told = [self._pages.summed(it) for it in tickets if _wanted(it.company_id, watched.companies)]
        return Changed(Mark(now.view, until), bookings, sorted(told, key=lambda it: it.ticket.ticket_id))


def _wanted(id: int | None, among: frozenset[int | None]) -> bool:
    return None in among or (id is not None and id in among)
