"""/customerManagementPages (and /mypages, the same) for buyers, /guestManagementPages for organizers: R7, R8, N4."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, Final

from attrs import evolve, frozen
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct
from msgspec import field as member

from adapters.rest.call import Call
from adapters.rest.dates import written_millis
from adapters.rest.hal import Collection, Count, Date, Id, Link, Links, listed
from adapters.rest.reply import Reply
from adapters.rest.revalidating import TOLD, kept
from adapters.rest.routes import Answered, Told, paged, route
from myticket_core.access import Action
from myticket_core.mypage.browse import BrowsePages
from myticket_core.mypage.model import BookingPage, Entry, OrganizerPage, TicketPage


@frozen
class MypageApi:
    browse: BrowsePages


class Line(Struct, rename="camel"):
    """What `source` (book, pay, ticket) said, and when."""

    at: Date | None
    source: str
    status: str


class CustomerPageBody(Struct, rename="camel"):
    """A booking as its buyer sees it. `conertId` is what the originals call the ticket once more. `refund` is what of
    the price goes back, or did: `paymentStatus` says how far it is.
    """

    book_id: Id
    price: int | None
    start_time: Date | None
    end_time: Date | None
    ticket_id: int | None
    status: str | None
    pay_id: int | None
    conert_id: int | None
    company_id: int | None
    customer_id: int | None
    payment_status: str | None
    cancel_until: Date | None
    cancel_fee: int | None
    refund: Count
    expires_at: Date | None
    history: list[Line]
    links: Links = member(name="_links")


class OrganizerPageBody(Struct, rename="camel"):
    """A ticket as its organizer sees it: bookings counted, money summed in the currency's smallest unit.

    `captured` is always `kept` + `pending` + `refunded` + `fees` + `failed`.
    """

    ticket_id: Id
    company_id: int | None
    name: str | None
    price: int | None
    capacity: int | None
    start_date: Date | None
    end_date: Date | None
    status: str | None
    booked: Count
    canceled: Count
    captured: Count
    kept: Count
    pending: Count
    refunded: Count
    fees: Count
    failed: Count
    history: list[Line]
    links: Links = member(name="_links")


_OF_BOOKING: Final = {"bookId": "booking_id", "ticketId": "ticket_id", "price": "price", "status": "status",
                      "startTime": "start_date"}  # fmt: skip
_OF_TICKET: Final = {"ticketId": "ticket_id", "name": "name", "price": "price", "status": "status",
                     "startDate": "start_date"}  # fmt: skip
CUSTOMER: Final = (("customerManagementPages", "customerManagementPage"), ("mypages", "mypage"))


class Mypages:
    def __init__(self, api: MypageApi, url: str) -> None:
        self.api, self.customer = api, tuple(Collection(url, *names, _OF_BOOKING) for names in CUSTOMER)
        self.organizer = Collection(url, "guestManagementPages", "guestManagementPage", _OF_TICKET)

    def routes(self) -> Sequence[HTTPRouteHandler]:
        pages = (handler for at in self.customer for handler in self._customer_routes(at))
        return (*pages, *self._organizer_routes())

    def _customer_routes(self, at: Collection) -> Sequence[HTTPRouteHandler]:
        one = Answered("The page of a booking", CustomerPageBody, _customer_body(EXAMPLE, at.links(5)))
        several = Answered("A page of them", CustomerPageBody, one.example, listed=at.name)
        browse = _told(f"list{_title(at.name)}", "R8. One's own bookings", several, parameters=paged(*_OF_BOOKING))
        get = _told(f"get{_title(at.single)}", "R8. One booking and its state", one, "not_found")
        return (
            route("GET", f"/{at.name}", partial(self.bookings, at), Action.READ_CUSTOMER_PAGE, browse),
            route("GET", f"/{at.name}/{{id:str}}", partial(self.booking, at), Action.READ_CUSTOMER_PAGE, get),
        )

    def _organizer_routes(self) -> Sequence[HTTPRouteHandler]:
        at, item = self.organizer, "/guestManagementPages/{ticketId:str}"
        one = Answered("The page of a ticket", OrganizerPageBody, self.organizer_body(ORGANIZER_EXAMPLE))
        several = Answered("A page of them", OrganizerPageBody, one.example, listed=at.name)
        links = {at.single: Link(at.item(2))}
        bookings = Answered("A page of them", CustomerPageBody, _customer_body(EXAMPLE, links), listed="bookings")
        browse = _told("listGuestManagementPages", "R7. One's tickets", several, parameters=paged(*_OF_TICKET))
        get = _told("getGuestManagementPage", "R7. A ticket and the sums of its bookings", one, "not_found")
        summary = "R7. The bookings of a ticket"
        of = _told("listBookingsOfTicket", summary, bookings, "not_found", parameters=paged(*_OF_BOOKING))
        return (
            route("GET", f"/{at.name}", self.tickets, Action.READ_ORGANIZER_PAGE, browse),
            route("GET", item, self.ticket, Action.READ_ORGANIZER_PAGE, get),
            route("GET", f"{item}/bookings", self.bookings_of, Action.READ_ORGANIZER_PAGE, of),
        )

    async def bookings(self, at: Collection, call: Call) -> Reply:
        page = await self.api.browse.bookings(call.owner, None, at.asked(call))
        return kept(call, at.page(call, page, [_customer_body(it, at.links(it.booking_id)) for it in page.items]))

    async def booking(self, at: Collection, call: Call) -> Reply:
        found = await self.api.browse.booking(call.path_id("id"), call.owner)
        return kept(call, _customer_body(found, at.links(found.booking_id)))

    async def tickets(self, call: Call) -> Reply:
        page = await self.api.browse.tickets(call.owner, self.organizer.asked(call))
        return kept(call, self.organizer.page(call, page, [self.organizer_body(it) for it in page.items]))

    async def ticket(self, call: Call) -> Reply:
        return kept(call, self.organizer_body(await self.api.browse.ticket(call.path_id("ticketId"), call.owner)))

    async def bookings_of(self, call: Call) -> Reply:
        """Of a ticket that is not yours there is nothing to list: NotFound."""
        id, paging = call.path_id("ticketId"), self.customer[0].asked(call)
        await self.api.browse.ticket(id, call.owner)
        page = await self.api.browse.bookings(call.owner, id, paging)
        links = {self.organizer.single: Link(self.organizer.item(id))}
        items = [_customer_body(it, links) for it in page.items]
        return kept(call, listed("bookings", f"{self.organizer.item(id)}/bookings", call, page, items))

    def organizer_body(self, page: OrganizerPage) -> OrganizerPageBody:
        ticket = page.ticket
        return OrganizerPageBody(
            ticket_id=ticket.ticket_id,
            company_id=ticket.company_id,
            name=ticket.name,
            price=ticket.price,
            capacity=ticket.capacity,
            start_date=written_millis(ticket.start_date),
            end_date=written_millis(ticket.end_date),
            status=ticket.status,
            booked=page.booked,
            canceled=page.canceled,
            captured=page.captured,
            kept=page.kept,
            pending=page.pending,
            refunded=page.refunded,
            fees=page.fees,
            failed=page.failed,
            history=_lines(ticket.history),
            links=self._organizer_links(ticket.ticket_id),
        )

    def _organizer_links(self, id: int) -> Links:
        """Holds and campaigns are told by no event: booking is asked for them."""
        links, sale = self.organizer.links(id), f"{self.organizer.base}/sales/{id}"
        own = {"bookings": Link(f"{links['self'].href}/bookings")}
        return {**links, **own, "sale": Link(sale), "deletion": Link(f"{sale}/deletion")}


def _customer_body(page: BookingPage, links: Links) -> CustomerPageBody:
    return CustomerPageBody(
        book_id=page.booking_id,
        price=page.price,
        start_time=written_millis(page.start_date),
        end_time=written_millis(page.end_date),
        ticket_id=page.ticket_id,
        status=page.status,
        pay_id=page.payment_id,
        conert_id=page.ticket_id,
        company_id=page.company_id,
        customer_id=page.customer_id,
        payment_status=page.payment_status,
        cancel_until=written_millis(page.cancel_until),
        cancel_fee=page.cancel_fee,
        refund=page.back if page.goes_back else 0,
        expires_at=written_millis(page.expires_at) if page.status == "PENDING" else None,
        history=_lines(page.history),
        links=links,
    )


def _lines(history: Sequence[Entry]) -> list[Line]:
    return [Line(written_millis(entry.at), entry.source, entry.status) for entry in history]


def _told(id: str, summary: str, answer: Answered, *problems: str, **more: Any) -> Told:
    answers = {200: evolve(answer, headers=TOLD), 304: Answered("As the caller has it", headers=TOLD)}
    return Told(id=id, summary=summary, tag="pages", answers=answers, problems=problems, kept=True, **more)


def _title(name: str) -> str:
    return name[0].upper() + name[1:]


_AT: Final = 1_795_363_740_000
EXAMPLE: Final = BookingPage(
    booking_id=5, ticket_id=2, company_id=1, customer_id=1, price=15000, status="BOOKED", payment_id=3,
    payment_status="APPROVED", cancel_until=1_800_403_200_000, cancel_fee=1500,
    start_date=1_800_728_743_511, end_date=1_801_074_343_511,
    history=(Entry(_AT, "book", 1, "BOOKED"), Entry(_AT + 9, "pay", 1, "APPROVED")),
)  # fmt: skip
ORGANIZER_EXAMPLE: Final = OrganizerPage(
    ticket=TicketPage(
        ticket_id=2, company_id=1, name="Concert", price=15000, capacity=100, status="ON_SALE",
        start_date=1_800_728_743_511, end_date=1_801_074_343_511, history=(Entry(_AT, "ticket", 1, "ON_SALE"),),
    ),
    booked=41, canceled=1, captured=630_000, kept=615_000, refunded=13_500, fees=1_500,
)  # fmt: skip
