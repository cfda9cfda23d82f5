from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TypeVar

from adapters.persistence.mongo.documents import BOOKINGS, TICKETS, AnyPage, Kind, days_of, owned, summed, sums_of
from adapters.persistence.mongo.lists import page_of
from adapters.persistence.mongo.store import Documents
from myticket_core.access import Scope
from myticket_core.errors import NotFound
from myticket_core.mypage.days import dated
from myticket_core.mypage.model import BookingPage, OrganizerPage, TicketPage
from myticket_core.mypage.ports import PageId
from myticket_core.paging import Page, Paging

Result = TypeVar("Result")


class MongoPages:
    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._bookings = documents.collection(BOOKINGS.collection)

    async def booking(self, booking_id: int, owner: Scope) -> BookingPage:
        async def read(view: int) -> BookingPage | None:
            return await self._one(BOOKINGS, view, booking_id, owned(owner))

        return _there(await self._documents.in_live(read), "page of book", booking_id)

    async def many(self, ids: Sequence[int]) -> Sequence[BookingPage]:
        """Those of the numbered bookings that there are pages of, whoever's."""

        async def read(view: int) -> Sequence[BookingPage]:
            which = {"_id": {"$in": [BOOKINGS.id(view, id) for id in ids]}}
            found = await self._documents.ask(self._bookings.find(which).to_list(None))
            return [BOOKINGS.page(document) for document in found]

        return await self._documents.in_live(read)

    async def bookings(self, owner: Scope, ticket_id: int | None, paging: Paging) -> Page[BookingPage]:
        narrowed = owned(owner) if ticket_id is None else {**owned(owner), "ticket_id": ticket_id}

        async def read(view: int) -> Page[BookingPage]:
            return await page_of(self._documents, BOOKINGS, {"view": view, **narrowed}, paging)

        return await self._documents.in_live(read)

    async def behind(self, booking_id: int, limit: int) -> Sequence[BookingPage]:
        async def read(view: int) -> Sequence[BookingPage]:
            found = self._bookings.find({"view": view, BOOKINGS.key: {"$gt": booking_id}}).sort(BOOKINGS.key, 1)
            return [BOOKINGS.page(document) for document in await self._documents.ask(found.limit(limit).to_list(None))]

        return await self._documents.in_live(read)

    async def ticket(self, ticket_id: int, owner: Scope) -> OrganizerPage:
        async def read(view: int) -> OrganizerPage | None:
            page = await self._one(TICKETS, view, ticket_id, _company(owner))
            return (await self.summed(view, [page]))[0] if page else None

        return _there(await self._documents.in_live(read), "page of ticket", ticket_id)

    async def days(self, ticket_id: int, owner: Scope) -> Mapping[date, int]:
        async def read(view: int) -> Mapping[date, int] | None:
            if await self._one(TICKETS, view, ticket_id, _company(owner)) is None:
                return None
            counted = self._bookings.aggregate(days_of(view, ticket_id)).to_list(None)
            return dated([(int(it["_id"]), int(it["number"])) for it in await self._documents.ask(counted)])

        return _there(await self._documents.in_live(read), "page of ticket", ticket_id)

    async def tickets(self, owner: Scope, paging: Paging) -> Page[OrganizerPage]:
        async def read(view: int) -> Page[OrganizerPage]:
            found = await page_of(self._documents, TICKETS, {"view": view, **_company(owner)}, paging)
            return Page(await self.summed(view, found.items), found.total, paging)

        return await self._documents.in_live(read)

    async def seen(self, page: PageId, owner: Scope) -> Mapping[str, int]:
        kind, id = page

        async def read(view: int) -> tuple[tuple[str, int], ...] | None:
            if kind == "ticket":
                ticket = await self._one(TICKETS, view, id, _company(owner))
                return ticket.seen if ticket else None
            booking = await self._one(BOOKINGS, view, id, owned(owner))
            return booking.seen if booking else None

        return dict(_there(await self._documents.in_live(read), f"page of {kind}", id))

    async def _one(self, kind: Kind[AnyPage], view: int, key: int, owned: Mapping[str, int]) -> AnyPage | None:
        collection = self._documents.collection(kind.collection)
        found = await self._documents.ask(collection.find_one({"_id": kind.id(view, key), **owned}))
        return kind.page(found) if found else None

    async def summed(self, view: int, pages: Sequence[TicketPage]) -> Sequence[OrganizerPage]:
        pipeline = sums_of(view, [page.ticket_id for page in pages])
        groups = await self._documents.ask(self._bookings.aggregate(pipeline).to_list(None)) if pages else []
        return [summed(page, groups) for page in pages]


def _company(owner: Scope) -> dict[str, int]:
    """The condition for a ticket's page, which is no customer's."""
    return owned(owner if owner.customer_id is None else Scope(company_id=0))


def _there(found: Result | None, what: str, id: int) -> Result:
    if found is None:
        raise NotFound(what, id)
    return found
