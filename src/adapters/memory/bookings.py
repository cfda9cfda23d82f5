"""The bookings and the sales they are claimed from, in one database."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import islice

from adapters.memory.database import MemoryDatabase, Row
from adapters.memory.lists import page
from myticket_core.access import Scope
from myticket_core.booking.buyer import Buyer
from myticket_core.booking.campaign import Outcome, Part, Toll
from myticket_core.booking.events import BackOnSale, SoldOut
from myticket_core.booking.model import Booking, BookingId, Status
from myticket_core.booking.ports import Claim, Judge
from myticket_core.booking.sale import Sale, unknown
from myticket_core.errors import NotFound
from myticket_core.messages import Cause, Decide, Event, Kept, as_it_is
from myticket_core.paging import Page, Paging

SORTABLE = ("id", "ticket_id", "price", "status", "starts", "ends", "created_at")


class MemoryBookings:
    def __init__(self, database: MemoryDatabase) -> None:
        self._db = database

    async def hold(
        self, ticket_id: int, claim: Claim, cause: Cause, buyer: Buyer | None = None, judge: Judge | None = None
    ) -> Kept[Booking]:
        kept = self._db.kept("book", cause)
        if kept is not None:
            return Kept(self._changed(BookingId(kept), as_it_is, judge, cause), repeated=True)
        if ticket_id not in self._db.sales:
            raise NotFound("ticket", ticket_id)
        if buyer is not None:
            buyer.another(sum(booking.customer_id == buyer.customer_id for booking in self._pending()))
        id = BookingId(self._db.number(self._db.bookings))
        sale, (booking, events) = claim(self._db.sales[ticket_id], id)
        rows: list[Row] = [(self._db.bookings, id, booking), (self._db.sales, ticket_id, sale)]
        self._db.commit(cause, events, *rows, *self._db.key("book", cause, id))
        return Kept(booking)

    async def change(self, id: BookingId, decide: Decide[Booking], cause: Cause, judge: Judge | None = None) -> Booking:
        return self._changed(id, decide, judge, cause)

    async def change_once(
        self, id: BookingId, decide: Decide[Booking], cause: Cause, judge: Judge | None = None
    ) -> Kept[Booking]:
        kept = self._db.kept("book", cause)
        if kept is not None:
            return Kept(self._changed(BookingId(kept), as_it_is, judge, cause), repeated=True)
        return Kept(self._changed(id, decide, judge, cause, *self._db.key("book", cause, id)))

    async def recover(self, told: Booking, said: Event, cause: Cause) -> None:
        known = self._db.bookings.get(told.id)
        after = told if known is None else known.recovered(told)
        if after is known or self._db.handled(cause):
            return
        sale = self._db.sales.get(told.ticket_id) or unknown(told.ticket_id)
        counted = sale.recovered(None if known is None else known.status, after.status)
        self._db.commit(cause, (), (self._db.bookings, told.id, after), (self._db.sales, told.ticket_id, counted))
        self._db.sort(self._db.bookings)

    async def get(self, id: BookingId, owner: Scope) -> Booking:
        return self._existing(id).owned(owner)

    async def many(self, ids: Sequence[int]) -> Sequence[Booking]:
        """Those of the numbered bookings that there are, whoever's."""
        return [booking for booking in self._db.bookings.values() if booking.id in ids]

    async def list(self, owner: Scope, paging: Paging) -> Page[Booking]:
        own = (
            booking
            for booking in self._db.bookings.values()
            if owner.covers(company_id=booking.company_id, customer_id=booking.customer_id)
        )
        return page(own, paging, SORTABLE)

    async def lapsed(self, now: datetime, limit: int) -> Sequence[Booking]:
        lapsed = (booking for booking in self._pending() if booking.expires_at <= now)
        return sorted(lapsed, key=lambda booking: (booking.expires_at, booking.id))[:limit]

    async def pending(self, created_before: datetime, after: BookingId, limit: int) -> Sequence[Booking]:
        pending = (it for it in self._pending() if it.created_at < created_before and it.id > after)
        return tuple(islice(pending, limit))

    async def line(self, now: datetime, limit: int) -> Sequence[Booking]:
        may = (it for due_from, it in self._in_line() if due_from <= now < it.expires_at)
        return tuple(islice(may, limit))

    async def in_line(self) -> int:
        return len(self._in_line())

    async def live(self, ticket_id: int, after: BookingId, limit: int) -> Sequence[Booking]:
        every = self._db.bookings.values()
        return tuple(islice((it for it in every if it.live and it.ticket_id == ticket_id and it.id > after), limit))

    async def toll(self, ticket_id: int) -> Toll:
        mine = [booking for booking in self._db.bookings.values() if booking.ticket_id == ticket_id]
        live, over = [it for it in mine if it.live], [it for it in mine if it.outcome is Outcome.CANCELED]
        return Toll(
            booked=_part(it.price for it in live if it.status is Status.BOOKED),
            held=_part(it.price for it in live if it.status is Status.PENDING),
            failed=_part(it.price for it in live if it.outcome is Outcome.FAILED),
            canceled=_part(0 if it.payment_id is None else it.refund or 0 for it in over),
        )

    async def outcomes(self, ticket_id: int, outcome: Outcome, paging: Paging) -> Page[Booking]:
        every = self._db.bookings.values()
        return page((it for it in every if it.ticket_id == ticket_id and it.outcome is outcome), paging, ("id",))

    async def checked_in(self, ticket_id: int, paging: Paging) -> Page[Booking]:
        every = (it for it in self._db.bookings.values() if it.ticket_id == ticket_id)
        return page((it for it in every if it.checked_in_at is not None), paging, ("id", "checked_in_at"))

    def _changed(
        self, id: BookingId, decide: Decide[Booking], judge: Judge | None, cause: Cause, *rows: Row
    ) -> Booking:
        before = self._existing(id)
        if self._db.handled(cause):
            return before
        after, events = decide(before)
        if judge is not None:
            after, more = judge(after, self._db.sales[before.ticket_id])
            events = (*events, *more)
        sales, news = self._moved(before, after)
        self._db.commit(cause, (*events, *news), (self._db.bookings, id, after), *sales, *rows)
        return after

    def _pending(self) -> Sequence[Booking]:
        return [booking for booking in self._db.bookings.values() if booking.status is Status.PENDING]

    def _in_line(self) -> Sequence[tuple[datetime, Booking]]:
        """With from when on they may be told."""
        waiting = ((it.due_from, it) for it in self._pending() if not self._db.sales[it.ticket_id].deleted)
        return [(due_from, it) for due_from, it in waiting if due_from is not None]

    def _existing(self, id: BookingId) -> Booking:
        if id not in self._db.bookings:
            raise NotFound("book", id)
        return self._db.bookings[id]

    def _moved(self, before: Booking, after: Booking) -> tuple[Sequence[Row], Sequence[Event]]:
        """What the change of status does to the sale's counts, and the news of it."""
        if before.status is after.status:
            return (), ()
        sale, news = self._db.sales[before.ticket_id].moved(before.status, after.status)
        return ((self._db.sales, before.ticket_id, sale),), news


def _part(money: Iterable[int]) -> Part:
    amounts = list(money)
    return Part(len(amounts), sum(amounts))


class MemorySales:
    def __init__(self, database: MemoryDatabase) -> None:
        self._db = database

    async def change(self, ticket_id: int, decide: Decide[Sale], cause: Cause) -> Sale:
        sale = self._db.sales.get(ticket_id) or unknown(ticket_id)
        if self._db.handled(cause):
            return sale
        sale, events = decide(sale)
        self._db.commit(cause, events, (self._db.sales, ticket_id, sale))
        return sale

    async def recover(self, version: int, said: SoldOut | BackOnSale, cause: Cause) -> None:
        sale = self._db.sales.get(said.id) or unknown(said.id)
        if version > sale.version and not self._db.handled(cause):
            self._db.commit(cause, (), (self._db.sales, said.id, sale.retold(version)))

    async def get(self, ticket_id: int) -> Sale:
        if ticket_id not in self._db.sales:
            raise NotFound("ticket", ticket_id)
        return self._db.sales[ticket_id]

    async def many(self, ids: Sequence[int]) -> Sequence[Sale]:
        """Those of the numbered tickets that are known here."""
        return [sale for sale in self._db.sales.values() if sale.ticket_id in ids]

    async def campaigns(self, after: int, limit: int) -> Sequence[Sale]:
        running = (sale for sale in self._db.sales.values() if sale.deleted and sale.taken and sale.ticket_id > after)
        return sorted(running, key=lambda sale: sale.ticket_id)[:limit]

    async def lines(self, now: datetime, after: int, limit: int) -> Sequence[Sale]:
        waited_at = (sale for sale in self._db.sales.values() if sale.waiting and sale.ticket_id > after)
        due = (sale for sale in waited_at if sale.free != 0 or not sale.sells(now))
        return sorted(due, key=lambda sale: sale.ticket_id)[:limit]
