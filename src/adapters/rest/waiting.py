"""/sales/{ticketId}/waiting: one's place in the line for a sold-out ticket."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import Final

from attrs import evolve
from litestar.handlers import HTTPRouteHandler
from msgspec import UNSET, Struct, UnsetType
from msgspec import field as member

from adapters.rest.books import EXAMPLE as BOOKING
from adapters.rest.books import BookingApi
from adapters.rest.call import Call
from adapters.rest.dates import written_or_null
from adapters.rest.hal import Collection, Count, Date, Id, Link, Links, listed
from adapters.rest.problems import Problem
from adapters.rest.reading import DATE, Member, Shape, integer, nullable
from adapters.rest.reply import Reply, nothing
from adapters.rest.revalidating import only_anew
from adapters.rest.routes import Answered, Parameter, operation, paged, route
from myticket_core.access import Action, own
from myticket_core.booking.wait import Standing, Wait
from myticket_core.booking.waiting import Status, Waiting
from myticket_core.errors import NotFound
from myticket_core.values import written


class WaitingBody(Struct, rename="camel"):
    """`position`: 1 is the next; there while it is WAITING. `bookId`: the last offer, to be paid until `expiresAt`."""

    ticket_id: Id
    customer_id: Id
    status: Status
    start_date: Date | None
    end_date: Date | None
    joined_at: Date
    book_id: int | None
    links: Links = member(name="_links")
    position: Count | UnsetType = UNSET
    expires_at: Date | UnsetType = UNSET


_WHOSE: Final = nullable(integer(1))
_ABOUT: Final = "One's own may be left out; an admin says whose"
NEW: Final = Shape("NewPlace", (
    Member("customerId", _WHOSE, _ABOUT, 1),
    Member("startDate", nullable(DATE), "When the booking begins that is offered", "2027-01-23T18:25:43.511+0000"),
    Member("endDate", nullable(DATE), "When it ends", "2027-01-27T18:25:43.511+0000"),
))  # fmt: skip
_ASKED: Final = Parameter("customerId", {"type": "integer", "minimum": 1}, _ABOUT)
_SORTABLE: Final = {"id": "id", "ticketId": "ticket_id", "status": "status", "joinedAt": "joined_at"}


class WaitingLines:
    def __init__(self, api: BookingApi, url: str) -> None:
        self.api, self.at = api, Collection(url, "sales", "sale", _SORTABLE)
        self.books = Collection(url, "books", "book", {})

    def routes(self) -> Sequence[HTTPRouteHandler]:
        one = Answered("The place", WaitingBody, self.body(EXAMPLE))
        told = partial(operation, "books")
        refused = ("not_found", "changed_meanwhile", "seats_left", "closed", "too_many_places")
        about = "Who has a place keeps it; whoever left joins again at the end."
        sent = {"takes": NEW, "takes_required": False, "anew": True}
        join = told("joinWaiting", "Wait for a seat of a sold-out ticket", {200: one}, *refused, about=about, **sent)
        get = told("getWaiting", "How far the line is", {200: one}, "not_found", parameters=(_ASKED,))
        gone = Answered("Does not wait, or did not already; an offer that was not paid is given back")
        leave = told("leaveWaiting", "Leave the line", {204: gone}, "not_found", parameters=(_ASKED,))
        several = Answered("A page of them", WaitingBody, self.listed(OFFERED), listed="waiting")
        browse = told("listWaiting", "One's places in lines", {200: several}, parameters=paged(*_SORTABLE))
        whose = "/sales/{ticketId:str}/waiting"
        return (
            route("GET", "/sales/waiting", self.browse, Action.READ_WAITING, browse),
            route("GET", whose, self.get, Action.READ_WAITING, get),
            route("PUT", whose, self.join, Action.JOIN_WAITING, join),
            route("DELETE", whose, self.leave, Action.LEAVE_WAITING, leave),
        )

    async def join(self, call: Call) -> Reply:
        given = await call.body(NEW, optional=True)
        order = Wait(
            ticket_id=call.path_id("ticketId"),
            customer_id=own("customerId", call.owner.customer_id, given.get("customerId")),  # type: ignore[arg-type]
            starts=given.get("startDate"),
            ends=given.get("endDate"),
        )
        if only_anew(call):
            await self._check_none(order, call)
        return call.answer(self.body(await self.api.wait.join(order, call.cause()), named=_named(call)))

    async def _check_none(self, order: Wait, call: Call) -> None:
        """Raises Problem. One that comes meanwhile is kept as it is: to join changes no place."""
        with suppress(NotFound):
            await self.api.wait.one(order, call.owner)
            raise Problem("changed_meanwhile", "there is a place already")

    async def get(self, call: Call) -> Reply:
        return call.answer(self.body(await self.api.wait.one(_asked(call), call.owner), named=_named(call)))

    async def leave(self, call: Call) -> Reply:
        await self.api.wait.leave(_asked(call), call.owner, call.cause())
        return nothing()

    async def browse(self, call: Call) -> Reply:
        page = await self.api.wait.list(call.owner, self.at.asked(call))
        items = [self.listed(waiting, named=_named(call)) for waiting in page.items]
        return call.answer(listed("waiting", f"{self.at.url}/waiting", call, page, items))

    def body(self, standing: Standing, *, named: bool = False) -> WaitingBody:
        body, offer = self.listed(standing.waiting, named=named), standing.offer
        if standing.position is not None:
            body.position = standing.position
        if offer is not None:
            body.expires_at = written(offer.expires_at)
            body.links["payment"] = Link(f"{self.books.item(offer.id)}/payment")
        return body

    def listed(self, waiting: Waiting, *, named: bool = False) -> WaitingBody:
        """`named`: where it is says whose it is."""
        sale = self.at.item(waiting.ticket_id)
        whose = f"?customerId={waiting.customer_id}" if named else ""
        links = {"self": Link(f"{sale}/waiting{whose}"), "sale": Link(sale)}
        if waiting.booking_id is not None:
            links["book"] = Link(self.books.item(waiting.booking_id))
        return WaitingBody(
            ticket_id=waiting.ticket_id,
            customer_id=waiting.customer_id,
            status=waiting.status,
            start_date=written_or_null(waiting.starts),
            end_date=written_or_null(waiting.ends),
            joined_at=written(waiting.joined_at),
            book_id=waiting.booking_id,
            links=links,
        )


def _named(call: Call) -> bool:
    """An admin, who has no place, finds one only where it is said whose."""
    return call.owner.customer_id is None


def _asked(call: Call) -> Wait:
    """Whose place: one's own, or whose an admin asks for. Raises Invalid."""
    customer_id = own("customerId", call.owner.customer_id, call.number("customerId", 1))
    return Wait(ticket_id=call.path_id("ticketId"), customer_id=customer_id)  # type: ignore[arg-type]  # None: it says


_WAITING: Final = Waiting(
    id=1, ticket_id=2, customer_id=1, number=4, joined_at=datetime(2026, 11, 22, 16, 9, tzinfo=UTC), correlation_id=""
)
EXAMPLE: Final = Standing(_WAITING, position=3)
OFFERED: Final = evolve(_WAITING, status=Status.OFFERED, booking_id=BOOKING.id)
