"""/books: R4 book, N3 pay later, R9 cancel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

from attrs import evolve, frozen
from litestar.handlers import HTTPRouteHandler
from msgspec import UNSET, Struct, UnsetType
from msgspec import field as member

from adapters.rest.call import Call
from adapters.rest.dates import written_or_null
from adapters.rest.hal import Collection, Date, Id, Link, Links, Money
from adapters.rest.positions import VERSION, versioned
from adapters.rest.problems import Problem, retry_after
from adapters.rest.reading import DATE, Member, Shape, integer, nullable, text
from adapters.rest.reply import Reply, nothing
from adapters.rest.routes import Answered, Parameter, operation, paged, route
from myticket_core.access import Action, may, own
from myticket_core.booking.book import Book, BookTicket
from myticket_core.booking.browse import BrowseBookings
from myticket_core.booking.cancel import Cancel, CancelBooking
from myticket_core.booking.check_in import CheckInGuests
from myticket_core.booking.collect import Answer
from myticket_core.booking.deletion import Deletions
from myticket_core.booking.model import Booking, BookingId, Status
from myticket_core.booking.resume import Resume, ResumePayment
from myticket_core.booking.wait import WaitForSeat
from myticket_core.errors import Invalid
from myticket_core.values import LARGEST, written


@frozen
class BookingApi:
    book: BookTicket
    resume: ResumePayment
    cancel: CancelBooking
    browse: BrowseBookings
    deletions: Deletions
    wait: WaitForSeat
    check_in: CheckInGuests


class BookBody(Struct, rename="camel"):
    """`code` is there only in a 202, payment_pending: whether the money has moved is not known then.

    `checkedInAt`: somebody was let in with it then. `refund`: what is to be given back, once a paid one is over; null:
    nothing is known to have been paid.
    """

    id: Id
    ticket_id: Id
    price: Money
    company_id: int | None
    customer_id: Id
    start_date: Date | None
    end_date: Date | None
    status: Status
    payment_id: int | None
    reason: str | None
    cancel_until: Date | None
    cancel_fee: Money
    refund: int | None
    created_at: Date
    expires_at: Date
    checked_in_at: Date | None
    links: Links = member(name="_links")
    code: str | UnsetType = UNSET


_METHOD: Final = "paymentMethod", nullable(text(100))
_CARD: Final = "A card or account as the payment provider calls it"
NEW: Final = Shape("NewBook", (
    Member("ticketId", integer(1), "What is booked", 2, required=True),
    Member("customerId", nullable(integer(1)), "One's own may be left out; an admin says whose", 1),
    Member("companyId", nullable(integer(1)), "Read and ignored: it is the ticket's", 1),
    Member("price", nullable(integer(0)), "What the buyer was shown; another price now is refused", 15000),
    Member("startDate", nullable(DATE), "When it begins", "2027-01-23T18:25:43.511+0000"),
    Member("endDate", nullable(DATE), "When it ends", "2027-01-27T18:25:43.511+0000"),
    Member(*_METHOD, _CARD, None),
))  # fmt: skip
PAY: Final = Shape("Pay", (Member(*_METHOD, f"{_CARD}; left out: the one that was said before", None),))
_AGREED: Final = Parameter(
    "fee",
    {"type": "integer", "minimum": 0, "maximum": LARGEST},
    "What its buyer was told that it costs: when it is more by now, 409 fee_changed; left out: whatever it costs",
)
_SORTABLE: Final = {"id": "id", "ticketId": "ticket_id", "price": "price", "status": "status",
                    "startDate": "starts", "endDate": "ends", "createdAt": "created_at"}  # fmt: skip


class Books:
    def __init__(self, api: BookingApi, url: str) -> None:
        self.api, self.at = api, Collection(url, "books", "book", _SORTABLE)

    def routes(self) -> Sequence[HTTPRouteHandler]:
        example, held = self.body(EXAMPLE), self.body(evolve(EXAMPLE, status=Status.PENDING, payment_id=None))
        held.code = "payment_pending"
        one = Answered("The booking", BookBody, example)
        several = Answered("A page of bookings", BookBody, example, listed="books")
        kept = ("Location", "Idempotency-Replayed", VERSION)
        pending = Answered("Held; whether it is paid is not known yet", BookBody, held, headers=kept)
        booked = Answered("Booked and paid", BookBody, example, headers=kept)
        gone = Answered("Canceled, or it was already", headers=(VERSION,))
        over = ("payment_declined", "expired", "pay_later", "another_payment")
        unpaid = (*over, "not_found", "key_reused")
        told = partial(operation, "books")
        paid = partial(told, outcomes=over)
        refused = ("sold_out", "price_changed", "closed", "too_many_holds", *unpaid)
        book = paid("book", "R4. Book a ticket and pay for it", {201: booked, 202: pending}, *refused, takes=NEW)
        pay = paid(
            "payBook", "N3. Pay a held booking", {200: booked, 202: pending}, *unpaid, takes=PAY, takes_required=False
        )
        browse = told("listBooks", "One's own bookings", {200: several}, parameters=paged(*_SORTABLE))
        get = told("getBook", "Look at a booking", {200: one}, "not_found")
        kept_on = ("not_found", "too_late", "checked_in", "fee_changed")
        cancel = told("cancelBook", "R9. Cancel a booking", {204: gone}, *kept_on, parameters=(_AGREED,))
        return (
            route("GET", "/books", self.browse, Action.READ_BOOKS, browse),
            route("POST", "/books", self.book, Action.BOOK, book),
            route("GET", "/books/{id:str}", self.get, Action.READ_BOOKS, get),
            route("DELETE", "/books/{id:str}", self.cancel, Action.CANCEL_BOOKING, cancel),
            route("POST", "/books/{id:str}/payment", self.pay, Action.PAY_BOOKING, pay),
        )

    async def browse(self, call: Call) -> Reply:
        page = await self.api.browse.list(call.owner, self.at.asked(call))
        return call.answer(self.at.page(call, page, [self.told(call, booking) for booking in page.items]))

    async def get(self, call: Call) -> Reply:
        return call.answer(self.told(call, await self.api.browse.one(BookingId(call.path_id("id")), call.owner)))

    async def book(self, call: Call) -> Reply:
        given = await call.body(NEW)
        order = Book(
            ticket_id=given.get("ticketId"),  # type: ignore[arg-type]  # None: the command says what is missing
            customer_id=own("customerId", call.owner.customer_id, given.get("customerId")),  # type: ignore[arg-type]
            price=given.get("price"),
            starts=given.get("startDate"),
            ends=given.get("endDate"),
            method=given.get("paymentMethod"),
        )
        return self._answered(call, await self.api.book(order, call.cause(order), call.owner), 201)

    async def pay(self, call: Call) -> Reply:
        given = await call.body(PAY, optional=True)
        order = Resume(id=BookingId(call.path_id("id")), method=given.get("paymentMethod"))
        return self._answered(call, await self.api.resume(order, call.owner, call.cause(order)), 200)

    async def cancel(self, call: Call) -> Reply:
        order = Cancel(id=BookingId(call.path_id("id")), fee=_agreed(call))
        booking = await self.api.cancel(order, call.owner, call.cause())
        return nothing(versioned("book", booking.id, booking.version))

    def _answered(self, call: Call, answer: Answer, booked: int) -> Reply:
        """The booking protocol: what has become of the booking decides, first answer and repeat alike."""
        body = self.body(answer.booking)
        headers = self.at.answers(body.id, answer.repeated) | versioned("book", body.id, answer.booking.version)
        match answer.booking.status:
            case Status.BOOKED:
                return call.answer(body, booked, headers)
            case Status.PENDING if answer.another:
                raise self._problem("another_payment", body, headers)
            case Status.PENDING if answer.pay_later is None:
                body.code = "payment_pending"
                return call.answer(body, 202, headers)
            case Status.PENDING:
                raise self._problem("pay_later", body, headers | retry_after(answer.pay_later or timedelta()))
            case Status.DECLINED:
                raise self._problem("payment_declined", body, headers)
            case _:
                raise self._problem("expired", body, headers)

    def _problem(self, code: str, body: BookBody, headers: Mapping[str, str]) -> Problem:
        details = {
            "pay_later": f"booking {body.id} holds a seat until {body.expires_at}; pay it at /books/{body.id}/payment",
            "another_payment": f"booking {body.id} cannot be paid: its number was, on other terms; book again",
            "payment_declined": f"booking {body.id} was not paid: {body.reason}",
            "expired": f"booking {body.id} is over: {body.reason}",
        }
        facts = {"bookId": body.id, "bookStatus": body.status, "expiresAt": body.expires_at, "_links": body.links}
        return Problem(code, details[code], headers, **facts)

    def told(self, call: Call, booking: Booking) -> BookBody:
        """Without links that its organizer, who neither pays nor cancels, may not follow."""
        return self.body(booking, buyers=may(call.principal, Action.PAY_BOOKING))

    def body(self, booking: Booking, *, buyers: bool = True) -> BookBody:
        links = self.at.links(booking.id)
        if buyers and booking.status is Status.PENDING:
            links["payment"] = Link(self.at.item(booking.id) + "/payment")
        if buyers and booking.live:
            links["cancellation"] = Link(self.at.item(booking.id) + "/cancellation")
        return BookBody(
            id=booking.id,
            ticket_id=booking.ticket_id,
            price=booking.price,
            company_id=booking.company_id,
            customer_id=booking.customer_id,
            start_date=written_or_null(booking.starts),
            end_date=written_or_null(booking.ends),
            status=booking.status,
            payment_id=booking.payment_id,
            reason=booking.reason,
            cancel_until=written_or_null(booking.cancel_until),
            cancel_fee=booking.cancel_fee,
            refund=booking.given_back,
            created_at=written(booking.created_at),
            expires_at=written(booking.expires_at),
            checked_in_at=written_or_null(booking.checked_in_at),
            links=links,
        )


def _agreed(call: Call) -> int | None:
    """Blank is no fee, nor whatever it costs: money is not agreed to by saying nothing. Raises Invalid."""
    fee = call.number("fee")
    if fee is None and "fee" in call.query:
        raise Invalid("fee", "", f"an integer from 0 to {LARGEST}")
    return fee


_NOW: Final = datetime(2026, 11, 22, 16, 9, 0, 0, UTC)
EXAMPLE: Final = Booking(
    id=BookingId(5), ticket_id=2, customer_id=1, company_id=1, price=15000, status=Status.BOOKED, payment_id=3,
    created_at=_NOW, expires_at=_NOW + timedelta(minutes=10), correlation_id="", version=1,
    starts=datetime(2027, 1, 23, 18, 25, 43, 511000, UTC), ends=datetime(2027, 1, 27, 18, 25, 43, 511000, UTC),
    cancel_until=datetime(2027, 1, 20, tzinfo=UTC), cancel_fee=1500,
)  # fmt: skip
