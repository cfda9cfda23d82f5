"""Who waits for seats, beside the sales and the bookings that the seats are offered as."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy import bindparam, func, select

from adapters.persistence.bookings import KIND as BOOKINGS
from adapters.persistence.database import Database
from adapters.persistence.draft import Draft, Write
from adapters.persistence.kind import Flat, Kind, Ref, Tally
from adapters.persistence.listing import Listing
from adapters.persistence.sales import KIND as SALES
from adapters.persistence.schema.book import BOOKINGS as BOOKED
from adapters.persistence.schema.book import IN_LINES, OFFERED, WAITING, WAITS
from myticket_core.access import Scope
from myticket_core.booking.model import Booking, BookingId
from myticket_core.booking.model import Status as BookingStatus
from myticket_core.booking.ports import Give, Join, Move
from myticket_core.booking.waiting import Place, Seen, Stood, Waiting
from myticket_core.errors import NotFound
from myticket_core.messages import Cause
from myticket_core.paging import Page, Paging

_FLAT: Final = Flat(WAITING, Waiting, extra=1)
_members = _FLAT.writer()
KIND: Final = Kind(
    table=WAITING,
    key="place",
    state=_FLAT.reader(),
    row=lambda waiting: (*_members(waiting), waiting.place.key),
    tally=Tally(WAITING.c.customer_id, IN_LINES, lambda it: it.customer_id if it.live else None),
)
_LISTED: Final = Listing(
    KIND,
    ("id", "ticket_id", "status", "joined_at"),
    narrow={"customer_id": WAITING.c.customer_id == bindparam("customer_id")},
)
_FIRST: Final = (
    KIND.selected.where(WAITS, WAITING.c.ticket_id == bindparam("ticket"))
    .order_by(WAITING.c.number)
    .limit(bindparam("limit"))
)
_AHEAD: Final = (
    select(func.count())
    .select_from(WAITING)
    .where(WAITS, WAITING.c.ticket_id == bindparam("ticket"), WAITING.c.number < bindparam("number"))
)
_SETTLED: Final = (
    KIND.selected.add_columns(*(BOOKED.c[name] for name in BOOKINGS.names))
    .join(BOOKED, BOOKED.c.id == WAITING.c.booking_id)
    .where(OFFERED, BOOKED.c.status != BookingStatus.PENDING.value)
    .order_by(WAITING.c.id)
    .limit(bindparam("limit"))
)


class SqlWaitingList:
    def __init__(self, db: Database) -> None:
        self._db = db
        self._seen = db.added.fired

    async def join(self, place: Place, take: Join, cause: Cause) -> Waiting:
        def apply(draft: Draft) -> Waiting:
            sale, before = draft.get(SALES, place.ticket_id, "ticket"), draft.find(KIND, place.key)
            id = draft.number(KIND) if before is None else before.id
            return _stored(take(Seen(sale, before, id, draft.count(KIND, place.customer_id))), draft)

        reads, counts = _reads(place), ((KIND, place.customer_id),)
        return await self._db.write(Write(apply, reads=reads, counts=counts, adds=KIND, cause=cause))

    async def move(self, place: Place, move: Move, cause: Cause) -> Waiting:
        def apply(draft: Draft) -> Waiting:
            waiting = draft.get(KIND, place.key, "place in the line of ticket")
            return _stored(move(draft.get(SALES, place.ticket_id, "ticket"), waiting), draft)

        return await self._db.write(Write(apply, reads=_reads(place), cause=cause))

    async def offer(self, place: Place, give: Give, cause: Cause) -> Booking:
        def apply(draft: Draft) -> Booking:
            waiting = draft.get(KIND, place.key, "place in the line of ticket")
            sale, id = draft.get(SALES, place.ticket_id, "ticket"), BookingId(draft.number(BOOKINGS))
            sale, waiting, (booking, events) = give(sale, waiting, id)
            draft.put(BOOKINGS, id, booking)
            _stored((sale, (waiting, events)), draft)
            return booking

        return await self._db.write(Write(apply, reads=_reads(place), adds=BOOKINGS, cause=cause))

    async def get(self, place: Place) -> Waiting:
        for row in await self._db.rows(KIND.one, which=place.key):
            return KIND.state(row)
        raise NotFound("place in the line of ticket", place.ticket_id)

    async def ahead(self, waiting: Waiting) -> int:
        ((count,),) = await self._db.rows(_AHEAD, ticket=waiting.ticket_id, number=waiting.number)
        return int(count)

    async def list(self, owner: Scope, paging: Paging) -> Page[Waiting]:
        if owner.company_id is not None:  # a place in a line is no company's
            owner = Scope(customer_id=0)
        return await _LISTED.page(self._db, paging, customer_id=owner.customer_id)

    async def first(self, ticket_id: int, limit: int) -> Sequence[Waiting]:
        return [KIND.state(row) for row in await self._db.rows(_FIRST, ticket=ticket_id, limit=limit)]

    async def settled(self, limit: int) -> Sequence[tuple[Waiting, Booking]]:
        rows, own = await self._db.rows(_SETTLED, limit=limit), len(KIND.names)
        return [(KIND.state(row[:own]), BOOKINGS.state(row[own:])) for row in rows]

    async def wait(self, at_most: timedelta) -> None:
        await self._db.added.wait(at_most, self._seen)
        self._seen = self._db.added.fired


def _reads(place: Place) -> tuple[Ref, ...]:
    return ((SALES, place.ticket_id), (KIND, place.key))


def _stored(stood: Stood, draft: Draft) -> Waiting:
    sale, (waiting, events) = stood
    draft.put(KIND, waiting.place.key, waiting)
    draft.put(SALES, waiting.ticket_id, sale)
    draft.tell(events)
    return waiting
