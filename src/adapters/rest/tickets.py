"""/tickets: R1 register, R2 delete, R3 search."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

from attrs import evolve, frozen
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct
from msgspec import field as member

from adapters.rest.call import Call
from adapters.rest.dates import written_or_null
from adapters.rest.hal import Collection, Count, Date, Id, Links, Money, Percent
from adapters.rest.openapi_common import ID
from adapters.rest.positions import VERSION, versioned
from adapters.rest.reading import DATE, PERCENT, TRUTH, Member, Shape, integer, nullable, text
from adapters.rest.reply import Reply, nothing
from adapters.rest.revalidating import TOLD, conditional, is_met, kept
from adapters.rest.routes import Answered, Parameter, operation, paged, route
from myticket_core.access import Action, own
from myticket_core.ticket.change import Change, ChangeTicket
from myticket_core.ticket.delete import Delete, DeleteTicket
from myticket_core.ticket.model import Status, Ticket, TicketId
from myticket_core.ticket.ports import Search
from myticket_core.ticket.register import Register, RegisterTicket
from myticket_core.ticket.search import SearchTickets
from myticket_core.values import LARGEST


@frozen
class TicketApi:
    register: RegisterTicket
    change: ChangeTicket
    delete: DeleteTicket
    search: SearchTickets


class TicketBody(Struct, rename="camel"):
    """`available`: not sold out; after its `endDate` nobody can book it all the same."""

    id: Id
    company_id: Id
    name: str | None
    price: Money
    capacity: int | None
    start_date: Date | None
    end_date: Date | None
    cancel_until: Date | None
    cancel_fee_percent: Percent
    status: Status
    available: bool
    version: Count
    links: Links = member(name="_links")


_COMPANY: Final = Member(
    "companyId", nullable(integer(1)), "The organizer's own may be left out; an admin says whose", 1
)
_CHANGEABLE: Final = (
    Member("name", nullable(text(200)), "What it is called", "Concert"),
    Member("capacity", nullable(integer(0)), "Seats; null: unlimited", 100),
    Member("startDate", nullable(DATE), "When it begins", "2027-01-23T18:25:43.511+0000"),
    Member("endDate", nullable(DATE), "When it ends, and its sale with it", "2027-01-27T18:25:43.511+0000"),
    Member("cancelUntil", nullable(DATE), "Until when buyers may cancel; null: always", "2027-01-20T00:00:00.000+0000"),
    Member("cancelFeePercent", nullable(PERCENT), "Of the price, kept when a buyer cancels; null: none", 10),
)
_PRICE: Final = Member("price", integer(0), "In the smallest unit of the currency", 15000, required=True)
NEW: Final = Shape("NewTicket", (_PRICE, _COMPANY, *_CHANGEABLE))
PATCH: Final = Shape("TicketPatch", (Member("price", integer(0), _PRICE.about, 16000), _COMPANY, *_CHANGEABLE))
_NO_VERSION: Final = 0
"""Tickets that are registered have the first one."""
_NAMES: Final = {
    "price": "price", "name": "name", "capacity": "capacity", "startDate": "starts", "endDate": "ends",
    "cancelUntil": "cancel_until", "cancelFeePercent": "cancel_fee_percent",
}  # fmt: skip
_SORTABLE: Final = {"id": "id", "companyId": "company_id", "price": "price", "name": "name",
                    "startDate": "starts", "endDate": "ends"}  # fmt: skip
_MONEY: Final = {"type": "integer", "minimum": 0, "maximum": LARGEST}
_DAY: Final = {"anyOf": [{"type": "string", "format": it} for it in ("date", "date-time")]}
_SEARCH: Final = (
    Parameter("text", text(200).schema, "Part of the name, whatever its case"),
    Parameter("companyId", ID, "The organizer"),
    Parameter("priceFrom", _MONEY, "The least price"),
    Parameter("priceTo", _MONEY, "The highest price"),
    Parameter("from", _DAY, "Tickets whose period does not end before this date or moment"),
    Parameter("to", _DAY, "Tickets whose period does not begin after this moment, or this date in UTC"),
    Parameter("available", TRUTH.schema, "true: without what is sold out; what is over, `from` leaves out"),
)


class Tickets:
    def __init__(self, api: TicketApi, url: str) -> None:
        self.api, self.at = api, Collection(url, "tickets", "ticket", _SORTABLE)

    def routes(self) -> Sequence[HTTPRouteHandler]:
        item, one = "/tickets/{id:str}", Answered("The ticket", TicketBody, self.body(EXAMPLE))
        made = Answered("Registered", TicketBody, one.example, headers=("Location", "Idempotency-Replayed", VERSION))
        changed = evolve(one, headers=("Location", VERSION))
        several = Answered("A page of tickets", TicketBody, one.example, listed="tickets")
        looked = {200: evolve(one, headers=TOLD), 304: Answered("As the caller has it", headers=TOLD)}
        told = partial(operation, "tickets")
        search = told("searchTickets", "R3. Search tickets", {200: several}, parameters=(*_SEARCH, *paged(*_SORTABLE)))
        register = told("registerTicket", "R1. Register a ticket", {201: made}, "key_reused", takes=NEW)
        get = told("getTicket", "Look at a ticket", looked, "not_found", kept=True)
        refused = ("not_found", "changed_meanwhile")
        put = told("replaceTicket", "Replace its terms", {200: changed}, *refused, takes=NEW, matched=True)
        patch = told("changeTicket", "Change some of its terms", {200: changed}, *refused, takes=PATCH, matched=True)
        gone = {204: Answered("Deleted; its bookings are being canceled", headers=(VERSION,))}
        delete = told("deleteTicket", "R2. Delete a ticket", gone, *refused, matched=True)
        return (
            route("GET", "/tickets", self.search, Action.READ_TICKETS, search),
            route("POST", "/tickets", self.register, Action.REGISTER_TICKET, register),
            route("GET", item, self.get, Action.READ_TICKETS, get),
            route("PUT", item, self.replace, Action.CHANGE_TICKET, put),
            route("PATCH", item, self.change, Action.CHANGE_TICKET, patch),
            route("DELETE", item, self.delete, Action.DELETE_TICKET, delete),
        )

    async def search(self, call: Call) -> Reply:
        search = Search(
            text=call.one("text"),
            company_id=call.number("companyId", 1),
            price_from=call.number("priceFrom"),
            price_to=call.number("priceTo"),
            from_date=call.date("from"),
            to_date=call.end("to"),
            only_available=bool(call.truth("available")),
        )
        page = await self.api.search(search, self.at.asked(call))
        return call.answer(self.at.page(call, page, [self.body(ticket) for ticket in page.items]))

    async def get(self, call: Call) -> Reply:
        return kept(call, self.body(await self.api.search.one(TicketId(call.path_id("id")))))

    async def register(self, call: Call) -> Reply:
        given = await call.body(NEW)
        company: Any = own("companyId", call.owner.company_id, given.get("companyId"))
        order = Register(company_id=company, **{"price": None, **_terms(given)})
        kept = await self.api.register(order, call.cause(order))
        body = self.body(kept.state)
        return call.answer(body, 201, self.at.answers(body.id, kept.repeated) | _version(kept.state))

    async def replace(self, call: Call) -> Reply:
        given = await call.body(NEW)
        return await self._change(call, given, dict.fromkeys(_NAMES.values()) | _terms(given))

    async def change(self, call: Call) -> Reply:
        given = await call.body(PATCH)
        return await self._change(call, given, _terms(given))

    async def delete(self, call: Call) -> Reply:
        id = TicketId(call.path_id("id"))
        order = Delete(id=id, expected=await self._expected(call, id))
        return nothing(_version(await self.api.delete(order, call.owner, call.cause())))

    async def _change(self, call: Call, given: dict[str, Any], to: dict[str, Any]) -> Reply:
        id = TicketId(call.path_id("id"))
        said = own("companyId", call.owner.company_id, given.get("companyId"))
        if said is not None and call.owner.company_id is None:
            own("companyId", (await self.api.search.one(id)).company_id, said)
        order = Change(id=id, to=to, expected=await self._expected(call, id))
        ticket = await self.api.change(order, call.owner, call.cause())
        return call.answer(self.body(ticket), headers={"Location": self.at.item(id), **_version(ticket)})

    async def _expected(self, call: Call, id: TicketId) -> int | None:
        """The version that If-Match, or If-None-Match, allows by the ETag of a GET; None: whichever. Raises NotFound.

        Whether it still is that one is decided with the change, in one commit.
        """
        if not conditional(call):
            return None
        ticket = (await self.api.search.one(id)).owned(call.owner)
        return ticket.version if is_met(call, self.body(ticket)) else _NO_VERSION

    def body(self, ticket: Ticket) -> TicketBody:
        return TicketBody(
            id=ticket.id,
            company_id=ticket.company_id,
            name=ticket.name,
            price=ticket.price,
            capacity=ticket.capacity,
            start_date=written_or_null(ticket.starts),
            end_date=written_or_null(ticket.ends),
            cancel_until=written_or_null(ticket.cancel_until),
            cancel_fee_percent=ticket.cancel_fee_percent,
            status=ticket.status,
            available=ticket.available,
            version=ticket.version,
            links=self.at.links(ticket.id),
        )


def _version(ticket: Ticket) -> dict[str, str]:
    return versioned("ticket", ticket.id, ticket.version)


def _terms(given: dict[str, Any]) -> dict[str, Any]:
    return {_NAMES[name]: value for name, value in given.items() if name in _NAMES}


EXAMPLE: Final = Ticket(
    id=TicketId(1), company_id=1, price=15000, name="Concert", capacity=100, version=1,
    starts=datetime(2027, 1, 23, 18, 25, 43, 511000, UTC), ends=datetime(2027, 1, 27, 18, 25, 43, 511000, UTC),
    cancel_until=datetime(2027, 1, 20, tzinfo=UTC), cancel_fee_percent=10,
)  # fmt: skip
