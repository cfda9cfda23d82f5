"""/customerManagementPages (and /mypages, the same) for buyers, /guestManagementPages for organizers: R7, R8, N4."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final

from attrs import evolve, frozen
from litestar.handlers import HTTPRouteHandler

from adapters.rest.call import Call
from adapters.rest.hal import Collection, Link, listed
from adapters.rest.mypage_bodies import (
    EXAMPLE,
    EXAMPLE_DAYS,
    ORGANIZER_EXAMPLE,
    CustomerPageBody,
    DaysBody,
    OrganizerPageBody,
    customer_body,
    days_body,
    organizer_body,
)
from adapters.rest.mypage_streams import MypageStreams
from adapters.rest.positions import AWAITED, awaited
from adapters.rest.probes import Probes
from adapters.rest.reply import Reply
from adapters.rest.revalidating import TOLD, kept
from adapters.rest.routes import Answered, Parameter, Told, operation, paged, route
from adapters.rest.stream_figures import StreamFigures
from adapters.rest.streams import Live
from myticket_core.access import Action
from myticket_core.mypage.browse import BrowsePages
from myticket_core.mypage.catch_up import CatchUp


@frozen
class MypageApi:
    browse: BrowsePages
    catch_up: CatchUp
    live: Live


_OF_BOOKING: Final = {"bookId": "booking_id", "ticketId": "ticket_id", "price": "price", "status": "status",
                      "startTime": "start_date"}  # fmt: skip
_OF_TICKET: Final = {"ticketId": "ticket_id", "name": "name", "price": "price", "status": "status",
                     "startDate": "start_date"}  # fmt: skip
CUSTOMER: Final = (("customerManagementPages", "customerManagementPage"), ("mypages", "mypage"))


AGAIN: Final = {"Retry-After": "1", "Cache-Control": "no-store"}


class Mypages:
    def __init__(self, api: MypageApi, url: str, probes: Probes) -> None:
        self.api, self.customer = api, tuple(Collection(url, *names, _OF_BOOKING) for names in CUSTOMER)
        self.organizer = Collection(url, "guestManagementPages", "guestManagementPage", _OF_TICKET)
        self.live = MypageStreams(api.live, self.customer[1], self.organizer)
        probes.leaving.append(self.live.streams.close)
        probes.metrics.registry.register(StreamFigures(self.live.streams))

    def routes(self) -> Sequence[HTTPRouteHandler]:
        pages = (handler for at in self.customer for handler in self._customer_routes(at))
        return (*self.live.routes(), *pages, *self._organizer_routes())

    def _customer_routes(self, at: Collection) -> Sequence[HTTPRouteHandler]:
        one = Answered("The page of a booking", CustomerPageBody, customer_body(EXAMPLE, at.links(5)))
        several = Answered("A page of them", CustomerPageBody, one.example, listed=at.name)
        browse = _told(f"list{_title(at.name)}", "R8. One's own bookings", several, parameters=paged(*_OF_BOOKING))
        get = _told(f"get{_title(at.single)}", "R8. One booking and its state", one, "not_found")
        return (
            route("GET", f"/{at.name}", partial(self.bookings, at), Action.READ_CUSTOMER_PAGE, browse),
            route("GET", f"/{at.name}/{{id:str}}", partial(self.booking, at), Action.READ_CUSTOMER_PAGE, get),
        )

    def _organizer_routes(self) -> Sequence[HTTPRouteHandler]:
        at, item = self.organizer, "/guestManagementPages/{ticketId:str}"
        one = Answered("The page of a ticket", OrganizerPageBody, organizer_body(ORGANIZER_EXAMPLE, at))
        several = Answered("A page of them", OrganizerPageBody, one.example, listed=at.name)
        links = {at.single: Link(at.item(2))}
        bookings = Answered("A page of them", CustomerPageBody, customer_body(EXAMPLE, links), listed="bookings")
        browse = _told("listGuestManagementPages", "R7. One's tickets", several, parameters=paged(*_OF_TICKET))
        get = _told("getGuestManagementPage", "R7. A ticket and the sums of its bookings", one, "not_found")
        summary = "R7. The bookings of a ticket"
        of = _told("listBookingsOfTicket", summary, bookings, "not_found", parameters=paged(*_OF_BOOKING))
        counts = Answered("The days on which it was booked", DaysBody, days_body(2, EXAMPLE_DAYS, at))
        by_day = _told("listDaysOfTicket", "R7. How many bookings of a ticket were made each day", counts, "not_found")
        return (
            route("GET", f"/{at.name}", self.tickets, Action.READ_ORGANIZER_PAGE, browse),
            route("GET", item, self.ticket, Action.READ_ORGANIZER_PAGE, get),
            route("GET", f"{item}/bookings", self.bookings_of, Action.READ_ORGANIZER_PAGE, of),
            route("GET", f"{item}/days", self.days_of, Action.READ_ORGANIZER_PAGE, by_day),
        )

    async def bookings(self, at: Collection, call: Call) -> Reply:
        paging, caught_up = at.asked(call), await self._caught_up(call)
        page = await self.api.browse.bookings(call.owner, None, paging)
        items = [customer_body(it, at.links(it.booking_id)) for it in page.items]
        return _answer(call, at.page(call, page, items), caught_up)

    async def booking(self, at: Collection, call: Call) -> Reply:
        id, caught_up = call.path_id("id"), await self._caught_up(call)
        found = await self.api.browse.booking(id, call.owner, caught_up)
        return _answer(call, customer_body(found, at.links(id)), caught_up)

    async def tickets(self, call: Call) -> Reply:
        paging, caught_up = self.organizer.asked(call), await self._caught_up(call)
        page = await self.api.browse.tickets(call.owner, paging)
        items = [organizer_body(it, self.organizer) for it in page.items]
        return _answer(call, self.organizer.page(call, page, items), caught_up)

    async def ticket(self, call: Call) -> Reply:
        id, caught_up = call.path_id("ticketId"), await self._caught_up(call)
        found = await self.api.browse.ticket(id, call.owner, caught_up)
        return _answer(call, organizer_body(found, self.organizer), caught_up)

    async def bookings_of(self, call: Call) -> Reply:
        """Of a ticket that is not yours there is nothing to list: NotFound."""
        id, paging = call.path_id("ticketId"), self.customer[0].asked(call)
        caught_up = await self._caught_up(call)
        await self.api.browse.knows_ticket(id, call.owner, caught_up)
        page = await self.api.browse.bookings(call.owner, id, paging)
        links = {self.organizer.single: Link(self.organizer.item(id))}
        items = [customer_body(it, links) for it in page.items]
        body = listed("bookings", f"{self.organizer.item(id)}/bookings", call, page, items)
        return _answer(call, body, caught_up)

    async def days_of(self, call: Call) -> Reply:
        id, caught_up = call.path_id("ticketId"), await self._caught_up(call)
        days = await self.api.browse.days(id, call.owner, caught_up)
        return _answer(call, days_body(id, days, self.organizer), caught_up)

    async def _caught_up(self, call: Call) -> bool:
        """Whether the pages have seen what the caller wants them to have, after some waiting. Raises Invalid."""
        position = awaited(call)
        return position is None or await self.api.catch_up(position, call.owner)


def _answer(call: Call, body: object, caught_up: bool) -> Reply:
    return kept(call, body) if caught_up else call.answer(body, 202, AGAIN)


def _told(id: str, summary: str, answer: Answered, *problems: str, parameters: Sequence[Parameter] = ()) -> Told:
    late = "What there is; not yet what min_version names"
    answers = {
        200: evolve(answer, headers=TOLD),
        202: evolve(answer, about=late, headers=tuple(AGAIN)),
        304: Answered("As the caller has it", headers=TOLD),
    }
    return operation("pages", id, summary, answers, *problems, parameters=(AWAITED, *parameters), kept=True)


def _title(name: str) -> str:
    return name[0].upper() + name[1:]
