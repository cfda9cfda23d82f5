"""What changed on the pages: each change takes the next number in its own commit, so they appear in order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, bindparam, literal_column, or_, select, true

from adapters.persistence.database import Database
from adapters.persistence.documents import LIVE
from adapters.persistence.pages import SqlPages
from adapters.persistence.schema.mypage import BOOKING_PAGES, LIVE_VIEW, PAGE_CHANGES, TICKET_PAGES
from adapters.persistence.statements import among
from myticket_core.mypage.changes import Changed, Mark, Watched
from myticket_core.mypage.model import BookingPage, OrganizerPage

_NOW: Final = select(LIVE_VIEW.c.view, PAGE_CHANGES.c.last).where(LIVE_VIEW.c.id == literal_column("1"))
_BOOKING, _TICKET = BOOKING_PAGES.c, TICKET_PAGES.c


def _between(column: ColumnElement[int]) -> list[ColumnElement[bool]]:
    return [column > bindparam("after"), column <= bindparam("until")]


def _bookings(whose: ColumnElement[bool]) -> Select[Any]:
    changed = LIVE.bookings.selected.where(*_between(_BOOKING.changed), whose)
    return changed.order_by(_BOOKING.changed).limit(bindparam("limit"))


def _tickets(whose: ColumnElement[bool], whose_booking: ColumnElement[bool]) -> Select[Any]:
    """Those that changed, and those of which a booking did."""
    of = select(_BOOKING.ticket_id).where(*LIVE.bookings.here, *_between(_BOOKING.changed), whose_booking)
    told = or_(_TICKET.changed.between(bindparam("after") + 1, bindparam("until")), _TICKET.ticket_id.in_(of))
    return LIVE.tickets.selected.where(told, whose).order_by(_TICKET.ticket_id)


_CUSTOMERS: Final = {
    True: _bookings(true()),
    False: _bookings(among(_BOOKING.customer_id, "customers")),
}
_COMPANIES: Final = {
    True: _tickets(true(), true()),
    False: _tickets(among(_TICKET.company_id, "companies"), among(_BOOKING.company_id, "companies")),
}
"""By whether everybody's are wanted."""


class SqlChanges:
    def __init__(self, db: Database) -> None:
        self._db, self._pages = db, SqlPages(db)

    async def latest(self) -> Mark:
        ((view, last),) = await self._db.rows(_NOW)
        return Mark(view, last)

    async def since(self, mark: Mark, watched: Watched, limit: int) -> Changed:
        now = await self.latest()
        after = mark.after(now)
        if after == now.position:
            return Changed(now)
        bookings = await self._bookings(watched, after, now.position, limit)
        until = bookings[-1].changed if len(bookings) == limit else now.position
        return Changed(Mark(now.view, until), bookings, await self._tickets(watched, after, until))

    async def _bookings(self, watched: Watched, after: int, until: int, limit: int) -> Sequence[BookingPage]:
        if not watched.customers:
            return ()
        every = None in watched.customers
        whose = {} if every else {"customers": list(watched.customers)}
        rows = await self._db.scan(_CUSTOMERS[every], after=after, until=until, limit=limit, **whose)
        return [LIVE.bookings.state(row) for row in rows]

    async def _tickets(self, watched: Watched, after: int, until: int) -> Sequence[OrganizerPage]:
        if not watched.companies:
            return ()
        every = None in watched.companies
        whose = {} if every else {"companies": list(watched.companies)}
        rows = await self._db.scan(_COMPANIES[every], after=after, until=until, **whose)
        return await self._pages.summed([LIVE.tickets.state(row) for row in rows]) if rows else ()
