from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Final, TypeVar

from attrs import evolve
from sqlalchemy import bindparam, func, select, text

from adapters.persistence.booked_days import BY_DAY
from adapters.persistence.database import Database
from adapters.persistence.documents import CHANGES, LIVE, NUMBERED, View
from adapters.persistence.draft import Draft, Write
from adapters.persistence.kind import Kind
from adapters.persistence.listing import Listing, owner_of, owners
from adapters.persistence.schema.mypage import BOOKING_PAGES, LIVE_VIEW, TICKET_PAGES
from adapters.persistence.statements import among
from adapters.persistence.sums import summed, whole
from myticket_core.access import Scope
from myticket_core.errors import NotFound
from myticket_core.mypage.days import dated
from myticket_core.mypage.model import BookingPage, OrganizerPage, TicketPage
from myticket_core.mypage.ports import PageId
from myticket_core.paging import Page, Paging

AnyPage = TypeVar("AnyPage", BookingPage, TicketPage)

_BOOKING = BOOKING_PAGES.c
_BOOKINGS: Final = Listing(
    LIVE.bookings,
    ("booking_id", "ticket_id", "price", "status", "start_date"),
    narrow={**owners(LIVE.bookings), "ticket_id": _BOOKING.ticket_id == bindparam("ticket_id")},
)
_MANY: Final = LIVE.bookings.selected.where(among(_BOOKING.booking_id, "ids"))
_LATER: Final = LIVE.bookings.selected.where(_BOOKING.booking_id > bindparam("after"))
_BEHIND: Final = _LATER.order_by(_BOOKING.booking_id).limit(bindparam("limit"))
_TICKETS: Final = Listing(
    LIVE.tickets,
    ("ticket_id", "name", "price", "status", "start_date"),
    narrow={"company_id": TICKET_PAGES.c.company_id == bindparam("company_id")},
)


_DUE: Final = func.coalesce(_BOOKING.refund_due, _BOOKING.price)
_BACK: Final = func.coalesce(_BOOKING.refund_amount, _BOOKING.price)
_OVER: Final = "coalesce(status IN ('CANCELED', 'EXPIRED'), FALSE)"
_SUMS: Final = (
    select(
        _BOOKING.ticket_id,
        func.count().filter(text("status = 'BOOKED'")),
        func.count().filter(text("status = 'CANCELED' AND payment_status IS NOT NULL")),
        *summed(_BOOKING.price, text("payment_status IS NOT NULL")),
        *summed(_BOOKING.price, text(f"payment_status = 'APPROVED' AND NOT {_OVER}")),
        *summed(_DUE, text(f"payment_status = 'APPROVED' AND {_OVER}")),
        *summed(_BACK, text("payment_status = 'CANCELED'")),
        *summed(_BACK, text("payment_status = 'CANCELING'")),
    )
    .where(*LIVE.bookings.here, among(_BOOKING.ticket_id, "tickets"))
    .group_by(_BOOKING.ticket_id)
)


_TAKING_PART: Final = select(LIVE_VIEW.c.view).order_by(LIVE_VIEW.c.id)
"""The number of the live view, and of the one that has joined it."""


class SqlProjection:
    """Writes to the live view and to the one that has joined it, or to the one it was made for.

    Which these are is looked up once for a change: were it by each statement, a swap between reading a page and writing
    it would put what the old view had into the new one. A change that began before the swap may so go into a view that
    is not shown any more. By then the new one has it: either that had joined, or the event was in the log that it was
    built from (ADR 12).
    """

    def __init__(self, db: Database, view: View | None = None) -> None:
        self._db, self._view = db, view

    async def change_booking(self, booking_id: int, decide: Callable[[BookingPage], BookingPage]) -> None:
        for view in await self._views():
            await self._change(view.bookings, booking_id, BookingPage(booking_id=booking_id), decide)

    async def change_ticket(self, ticket_id: int, decide: Callable[[TicketPage], TicketPage]) -> None:
        for view in await self._views():
            await self._change(view.tickets, ticket_id, TicketPage(ticket_id=ticket_id), decide)

    async def _views(self) -> Sequence[View]:
        if self._view is not None:
            return (self._view,)
        return [NUMBERED[number] for (number,) in await self._db.rows(_TAKING_PART)]

    async def _change(self, kind: Kind[AnyPage], id: int, blank: AnyPage, decide: Callable[[AnyPage], AnyPage]) -> None:
        def apply(draft: Draft) -> None:
            before, last = draft.find(kind, id), draft.get(CHANGES, 1, "count of changes")
            page = decide(before or blank)
            if page != before:
                draft.put(CHANGES, 1, last + 1)
                draft.put(kind, id, evolve(page, changed=last + 1))

        await self._db.write(Write(apply, reads=((kind, id), (CHANGES, 1))))


class SqlPages:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def booking(self, booking_id: int, owner: Scope) -> BookingPage:
        for row in await self._db.rows(LIVE.bookings.one, which=booking_id):
            page = LIVE.bookings.state(row)
            if owner.covers(company_id=page.company_id, customer_id=page.customer_id):
                return page
        raise NotFound("page of book", booking_id)

    async def many(self, ids: Sequence[int]) -> Sequence[BookingPage]:
        """Those of the numbered bookings that there are pages of, whoever's."""
        return [LIVE.bookings.state(row) for row in await self._db.scan(_MANY, ids=ids)]

    async def bookings(self, owner: Scope, ticket_id: int | None, paging: Paging) -> Page[BookingPage]:
        return await _BOOKINGS.page(self._db, paging, ticket_id=ticket_id, **owner_of(owner))

    async def behind(self, booking_id: int, limit: int) -> Sequence[BookingPage]:
        return [LIVE.bookings.state(row) for row in await self._db.scan(_BEHIND, after=booking_id, limit=limit)]

    async def ticket(self, ticket_id: int, owner: Scope) -> OrganizerPage:
        (summed,) = await self.summed([await self._ticket(ticket_id, owner)])
        return summed

    async def days(self, ticket_id: int, owner: Scope) -> Mapping[date, int]:
        await self._ticket(ticket_id, owner)
        return dated([(day, count) for day, count in await self._db.scan(BY_DAY, ticket_id=ticket_id)])

    async def tickets(self, owner: Scope, paging: Paging) -> Page[OrganizerPage]:
        if owner.customer_id is not None:  # a ticket's page is no customer's
            owner = Scope(company_id=0)
        found = await _TICKETS.page(self._db, paging, company_id=owner.company_id)
        return Page(await self.summed(found.items), found.total, paging)

    async def seen(self, page: PageId, owner: Scope) -> Mapping[str, int]:
        kind, id = page
        return dict((await (self._ticket(id, owner) if kind == "ticket" else self.booking(id, owner))).seen)

    async def _ticket(self, ticket_id: int, owner: Scope) -> TicketPage:
        for row in await self._db.rows(LIVE.tickets.one, which=ticket_id):
            page = LIVE.tickets.state(row)
            if owner.covers(company_id=page.company_id):
                return page
        raise NotFound("page of ticket", ticket_id)

    async def summed(self, pages: Sequence[TicketPage]) -> Sequence[OrganizerPage]:
        """With the sums over their bookings' pages, which one statement makes for all."""
        rows = await self._db.scan(_SUMS, tickets=[page.ticket_id for page in pages])
        sums = {ticket_id: numbers for ticket_id, *numbers in rows}
        return [_organizers(page, sums.get(page.ticket_id, (0,) * 12)) for page in pages]


def _organizers(page: TicketPage, sums: Sequence[int]) -> OrganizerPage:
    """As mypage.summing adds them up."""
    booked, canceled, *money = sums
    captured, kept, pending, refunded, failed = whole(money)
    return OrganizerPage(
        ticket=page,
        booked=booked,
        canceled=canceled,
        captured=captured,
        kept=kept,
        pending=pending,
        refunded=refunded,
        fees=captured - kept - pending - refunded - failed,
        failed=failed,
    )
