"""The bookings and the sales they are claimed from, in one store."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Final

from sqlalchemy import Select, bindparam, case, func, or_, select

from adapters.persistence.database import Database
from adapters.persistence.draft import Draft, Write
from adapters.persistence.kind import Flat, Kind, Tally
from adapters.persistence.listing import Listing, owner_of, owners
from adapters.persistence.sales import KIND as SALES
from adapters.persistence.schema.book import (
    BOOKINGS,
    CALLED_OFF,
    CANCELING,
    CHECKED_IN,
    FAILED,
    HELD,
    IN_LINE,
    LIVE,
    PENDING,
)
from adapters.persistence.schema.book import SALES as SOLD
from adapters.persistence.schema.types import micros
from adapters.persistence.signals import Signal
from adapters.persistence.statements import among
from adapters.persistence.sums import summed, whole
from myticket_core.access import Scope
from myticket_core.booking.buyer import Buyer
from myticket_core.booking.campaign import Outcome, Part, Toll
from myticket_core.booking.model import Booking, BookingId, Status
from myticket_core.booking.ports import Claim, Judge
from myticket_core.booking.sale import unknown
from myticket_core.errors import NotFound
from myticket_core.messages import Cause, Decide, Event, Kept, as_it_is
from myticket_core.paging import Page, Paging

_FLAT: Final = Flat(BOOKINGS, Booking)
KIND: Final = Kind(
    table=BOOKINGS,
    key="id",
    state=_FLAT.reader(),
    row=_FLAT.writer(),
    follows=SALES,
    status=lambda booking: booking.status.value,
    tally=Tally(BOOKINGS.c.customer_id, HELD, lambda it: it.customer_id if it.status is Status.PENDING else None),
)
_LISTED: Final = Listing(
    KIND, ("id", "ticket_id", "price", "status", "starts", "ends", "created_at"), narrow=owners(KIND)
)
_COLUMN = BOOKINGS.c
_BY_ID: Final = KIND.selected.where(_COLUMN.id > bindparam("after")).order_by(_COLUMN.id).limit(bindparam("limit"))
_LAPSED: Final[Select[object]] = (
    KIND.selected.where(PENDING, _COLUMN.expires_at <= bindparam("now"))
    .order_by(_COLUMN.expires_at, _COLUMN.id)
    .limit(bindparam("limit"))
)
_MADE_BEFORE: Final = _BY_ID.where(PENDING, _COLUMN.created_at < bindparam("before"))
_OF_TICKET: Final = {"ticket_id": _COLUMN.ticket_id == bindparam("ticket_id")}
_OUTCOMES: Final = {
    Outcome.LEFT: Listing(KIND, ("id",), _OF_TICKET, (LIVE, _COLUMN.failure.is_(None))),
    Outcome.FAILED: Listing(KIND, ("id",), _OF_TICKET, (FAILED,)),
    Outcome.CANCELED: Listing(KIND, ("id",), _OF_TICKET, (CALLED_OFF,)),
}
_CHECKED_IN: Final = Listing(KIND, ("id", "checked_in_at"), _OF_TICKET, (CHECKED_IN,))
_PAID: Final = case((_COLUMN.payment_id.is_not(None), _COLUMN.refund), else_=0)
_FAILED: Final = _COLUMN.failure.is_not(None)
_TOLL: Final = (
    select(_COLUMN.status, _FAILED, func.count(), *summed(_COLUMN.price), *summed(_PAID))
    .where(_OF_TICKET["ticket_id"], or_(LIVE, CALLED_OFF))
    .group_by(_COLUMN.status, _FAILED)
)
_STAND: Final = (IN_LINE, _COLUMN.ticket_id.not_in(select(SOLD.c.ticket_id).where(CANCELING)))
"""A deleted ticket that has a PENDING booking is one of those being canceled, which are few, and have an index."""
_LINE: Final = (
    KIND.selected.where(*_STAND, _COLUMN.due_from <= bindparam("now"), _COLUMN.expires_at > bindparam("now"))
    .order_by(_COLUMN.id)
    .limit(bindparam("limit"))
)
_IN_LINE: Final = select(func.count()).select_from(BOOKINGS).where(*_STAND)
_LIVE: Final = _BY_ID.where(LIVE, _COLUMN.ticket_id == bindparam("ticket"))
_MANY: Final = KIND.selected.where(among(_COLUMN.id, "ids"))


class SqlBookings:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def hold(
        self, ticket_id: int, claim: Claim, cause: Cause, buyer: Buyer | None = None, judge: Judge | None = None
    ) -> Kept[Booking]:
        def apply(draft: Draft) -> Kept[Booking]:
            kept = draft.kept()
            if kept is not None:
                return Kept(_changed(BookingId(kept), as_it_is, judge, self._db.added, draft), repeated=True)
            sale, id = draft.get(SALES, ticket_id, "ticket"), BookingId(draft.number(KIND))
            if buyer is not None:
                buyer.another(draft.count(KIND, buyer.customer_id))
            sale, (booking, events) = claim(sale, id)
            draft.add(KIND, id, booking)
            draft.put(SALES, ticket_id, sale)
            draft.tell(events)
            return Kept(booking)

        counts = () if buyer is None else ((KIND, buyer.customer_id),)
        return await self._db.write(
            Write(apply, reads=((SALES, ticket_id),), counts=counts, adds=KIND, keyed=True, cause=cause)
        )

    async def change(self, id: BookingId, decide: Decide[Booking], cause: Cause, judge: Judge | None = None) -> Booking:
        apply = partial(_changed, id, decide, judge, self._db.added)
        return await self._db.write(Write(apply, reads=((KIND, id),), cause=cause))

    async def change_once(
        self, id: BookingId, decide: Decide[Booking], cause: Cause, judge: Judge | None = None
    ) -> Kept[Booking]:
        def apply(draft: Draft) -> Kept[Booking]:
            kept = draft.kept()
            if kept is not None:
                return Kept(_changed(BookingId(kept), as_it_is, judge, self._db.added, draft), repeated=True)
            booking = _changed(id, decide, judge, self._db.added, draft)
            draft.add(KIND, id, booking)
            return Kept(booking)

        return await self._db.write(Write(apply, reads=((KIND, id),), adds=KIND, numbers=0, keyed=True, cause=cause))

    async def recover(self, told: Booking, said: Event, cause: Cause) -> None:
        def apply(draft: Draft) -> None:
            known = draft.find(KIND, told.id)
            after = known.recovered(told) if known else told
            if draft.recover(KIND, told.id, after, said):
                sale = draft.find(SALES, told.ticket_id) or unknown(told.ticket_id)
                draft.put(SALES, told.ticket_id, sale.recovered(known.status if known else None, after.status))

        ref = KIND, told.id
        await self._db.write(Write(apply, reads=(ref, (SALES, told.ticket_id)), numbered=ref, cause=cause))

    async def get(self, id: BookingId, owner: Scope) -> Booking:
        for row in await self._db.rows(KIND.one, which=id):
            return KIND.state(row).owned(owner)
        raise NotFound("book", id)

    async def many(self, ids: Sequence[int]) -> Sequence[Booking]:
        """Those of the numbered bookings that there are, whoever's."""
        return [KIND.state(row) for row in await self._db.scan(_MANY, ids=ids)]

    async def list(self, owner: Scope, paging: Paging) -> Page[Booking]:
        return await _LISTED.page(self._db, paging, **owner_of(owner))

    async def lapsed(self, now: datetime, limit: int) -> Sequence[Booking]:
        return [KIND.state(row) for row in await self._db.rows(_LAPSED, now=micros(now), limit=limit)]

    async def pending(self, created_before: datetime, after: BookingId, limit: int) -> Sequence[Booking]:
        rows = await self._db.rows(_MADE_BEFORE, before=micros(created_before), after=after, limit=limit)
        return [KIND.state(row) for row in rows]

    async def line(self, now: datetime, limit: int) -> Sequence[Booking]:
        return [KIND.state(row) for row in await self._db.rows(_LINE, now=micros(now), limit=limit)]

    async def in_line(self) -> int:
        ((count,),) = await self._db.rows(_IN_LINE)
        return int(count)

    async def live(self, ticket_id: int, after: BookingId, limit: int) -> Sequence[Booking]:
        rows = await self._db.rows(_LIVE, ticket=ticket_id, after=after, limit=limit)
        return [KIND.state(row) for row in rows]

    async def toll(self, ticket_id: int) -> Toll:
        return _toll(await self._db.scan(_TOLL, ticket_id=ticket_id))

    async def outcomes(self, ticket_id: int, outcome: Outcome, paging: Paging) -> Page[Booking]:
        return await _OUTCOMES[outcome].page(self._db, paging, ticket_id=ticket_id)

    async def checked_in(self, ticket_id: int, paging: Paging) -> Page[Booking]:
        return await _CHECKED_IN.page(self._db, paging, ticket_id=ticket_id)


def _toll(rows: Sequence[Sequence[Any]]) -> Toll:
    def part(money: int, wanted: Callable[[str, bool], bool]) -> Part:
        mine = [row for row in rows if wanted(row[0], row[1])]
        return Part(sum(row[2] for row in mine), sum(whole(row[3:])[money] for row in mine))

    price, refund = 0, 1
    return Toll(
        booked=part(price, lambda status, _: status == Status.BOOKED),
        held=part(price, lambda status, _: status == Status.PENDING),
        failed=part(price, lambda _, failed: failed),
        canceled=part(refund, lambda status, _: status == Status.CANCELED),
    )


def _changed(id: BookingId, decide: Decide[Booking], judge: Judge | None, called: Signal, draft: Draft) -> Booking:
    """The sale that `judge` is given was read and locked along with the booking, as KIND follows it."""
    before = draft.get(KIND, id, "book")
    if draft.repeated:
        return before
    after, events = decide(before)
    if judge is not None:
        after, more = judge(after, draft.get(SALES, before.ticket_id, "ticket"))
        events = (*events, *more)
    draft.put(KIND, id, after)
    draft.tell(events)
    _count(before, after, called, draft)
    return after


def _count(before: Booking, after: Booking, called: Signal, draft: Draft) -> None:
    """The sale's counts follow the booking's status, the news of it is told, and who waits is called."""
    if before.status is not after.status:
        sale, news = draft.get(SALES, before.ticket_id, "ticket").moved(before.status, after.status)
        draft.put(SALES, before.ticket_id, sale)
        draft.tell(news)
        if sale.calls:
            draft.fire(called)
