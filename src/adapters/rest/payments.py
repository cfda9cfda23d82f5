"""/payments: R5, as the book service of the originals asks for it, and looking at what was paid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Any, Final, Literal, TypeAlias

from attrs import frozen
from litestar.handlers import HTTPRouteHandler
from msgspec import Meta, Struct
from msgspec import field as member

from adapters.rest.call import Call
from adapters.rest.dates import written_or_null
from adapters.rest.hal import Collection, Date, Id, Link, Links
from adapters.rest.openapi_common import ID
from adapters.rest.positions import VERSION, versioned
from adapters.rest.problems import Problem
from adapters.rest.reading import DATE, Member, Shape, integer, nullable, text
from adapters.rest.reply import Reply
from adapters.rest.routes import Answered, Parameter, operation, paged, route
from adapters.rest.webhooks import Hear
from myticket_core.access import Action
from myticket_core.errors import Invalid, NotFound
from myticket_core.payment.approve import Approve, ApprovePayment
from myticket_core.payment.browse import BrowsePayments
from myticket_core.payment.model import Payment, PaymentId, Status


@frozen
class PaymentApi:
    """`hear` takes what a provider says of its own accord; None: none does."""

    approve: ApprovePayment
    browse: BrowsePayments
    hear: Hear | None = None


WireStatus: TypeAlias = Literal["REQUESTED", "APPROVED", "DECLINED", "CANCELING", "CANCELED"]
_WIRE: Final[dict[Status, WireStatus]] = {
    Status.REQUESTED: "REQUESTED",
    Status.APPROVED: "APPROVED",
    Status.DECLINED: "DECLINED",
    Status.CANCELING: "CANCELING",
    Status.CANCELED: "CANCELED",
    Status.VOID: "CANCELED",
}


_DOUBT: Final = (
    "A charge may be on its way at the provider. What is REQUESTED and not in doubt has charged nothing, and will not "
    "unless it is asked for again"
)


class RefundBody(Struct, rename="camel"):
    """Of `amount`, which is on its way back. FAILED waits for an operator."""

    amount: int
    status: Literal["REQUESTED", "PENDING", "SUCCEEDED", "FAILED"]
    reason: str | None


class PaymentBody(Struct, rename="camel"):
    """A payment that was called off before anything was charged is CANCELED too."""

    id: Id
    book_id: Id
    ticket_id: int | None
    price: int | None
    company_id: int | None
    customer_id: int | None
    start_date: Date | None
    end_date: Date | None
    status: WireStatus
    reason: str | None
    refund: RefundBody | None
    in_doubt: Annotated[bool, Meta(description=_DOUBT)]
    links: Links = member(name="_links")


NEW: Final = Shape("NewPayment", (
    Member("bookId", integer(1), "The booking to charge, at most once", 5, required=True),
    Member("price", integer(0), "In the smallest unit of the currency", 15000, required=True),
    Member("ticketId", nullable(integer(1)), "What was booked", 2),
    Member("companyId", nullable(integer(1)), "Whose ticket", 1),
    Member("customerId", nullable(integer(1)), "Who pays", 1),
    Member("startDate", nullable(DATE), "Kept with the payment", "2027-01-23T18:25:43.511+0000"),
    Member("endDate", nullable(DATE), "Kept with the payment", "2027-01-27T18:25:43.511+0000"),
    Member("paymentMethod", nullable(text(100)), "A card or account as the provider calls it", None),
))  # fmt: skip
_SORTABLE: Final = {"id": "id", "bookId": "booking_id", "ticketId": "ticket_id", "price": "price",
                    "status": "status", "createdAt": "created_at"}  # fmt: skip
_TRUSTED: Final = (
    "Pay keeps no bookings: it cannot tell whether there is one of this id, what it costs, or whose it is. The book "
    "service knows; an admin who asks instead answers for it, also for a charge that no booking will ever cancel."
)
_FIND: Final = "/payments/search/findByBookId"


class Payments:
    def __init__(self, api: PaymentApi, url: str) -> None:
        self.api, self.at = api, Collection(url, "payments", "payment", _SORTABLE)

    def routes(self) -> Sequence[HTTPRouteHandler]:
        example = self.body(EXAMPLE)
        one = Answered("The payment", PaymentBody, example)
        several = Answered("A page of payments", PaymentBody, example, listed="payments")
        found = Answered("The booking's payment, or none", PaymentBody, example, listed="payments", paged=False)
        once = ("Location", "Idempotency-Replayed", VERSION)
        made = Answered("Charged now, or before and asked with a key", PaymentBody, example, headers=once)
        was = Answered("It was charged before", PaymentBody, example, headers=("Location", VERSION))
        searches = Answered("The searches there are", None, {"_links": self._searches()})
        book = Parameter("bookId", ID, "The booking", required=True)
        told = partial(operation, "payments")
        uncharged = ("payment_declined", "void", "in_doubt")
        approve = told(
            "approvePayment",
            "R5. Charge a booking",
            {201: made, 200: was},
            *("another_payment", "key_reused", *uncharged),
            outcomes=uncharged,
            takes=NEW,
            about=_TRUSTED,
            hurried=True,
        )
        browse = told("listPayments", "Payments", {200: several}, parameters=paged(*_SORTABLE))
        get = told("getPayment", "Look at a payment", {200: one}, "not_found")
        search = told("searchPayments", "How to search payments", {200: searches})
        find = told("findPaymentByBookId", "The payment of a booking", {200: found}, parameters=(book,))
        return (
            route("GET", "/payments", self.browse, Action.READ_PAYMENTS, browse),
            route("POST", "/payments", self.approve, Action.APPROVE_PAYMENT, approve),
            route("GET", "/payments/search", self.searches, Action.READ_PAYMENTS, search),
            route("GET", _FIND, self.find, Action.READ_PAYMENTS, find),
            route("GET", "/payments/{id:str}", self.get, Action.READ_PAYMENTS, get),
        )

    async def browse(self, call: Call) -> Reply:
        page = await self.api.browse.list(call.owner, self.at.asked(call))
        search = Link(f"{self.at.url}/search")
        return call.answer(self.at.page(call, page, [self.body(it) for it in page.items], search=search))

    async def get(self, call: Call) -> Reply:
        return call.answer(self.body(await self.api.browse.one(PaymentId(call.path_id("id")), call.owner)))

    async def searches(self, call: Call) -> Reply:
        return call.answer({"_links": self._searches()})

    async def find(self, call: Call) -> Reply:
        id = call.number("bookId", 1)
        if id is None:
            raise Invalid("bookId", None, "the id of a booking")
        try:
            found = [self.body(await self.api.browse.of_booking(id, call.owner))]
        except NotFound:
            found = []
        links = {"self": Link(f"{self.at.base}{_FIND}?bookId={id}")}
        return call.answer({"_embedded": {"payments": found}, "_links": links})

    async def approve(self, call: Call) -> Reply:
        order = _order(await call.body(NEW))
        cause = call.cause(order)
        deadline = call.deadline()
        kept = await self.api.approve(order, cause, deadline)
        payment, headers = kept.state, self.at.answers(kept.state.id, kept.repeated)
        headers |= versioned("pay", payment.booking_id, payment.version)
        match payment.status:
            case Status.APPROVED:
                was = kept.before and not cause.key  # a key is answered alike each time
                return call.answer(self.body(payment), 200 if was else 201, headers)
            case Status.DECLINED:
                raise self._problem("payment_declined", payment, f"declined: {payment.reason}", headers)
            case Status.REQUESTED:  # not a 2xx: whoever asks by Feign takes every one of them for "paid"
                raise self._problem("in_doubt", payment, "the provider did not answer in time; ask again soon", headers)
            case _:
                raise self._problem("void", payment, f"nothing stays charged: {payment.reason}", headers)

    def _problem(self, code: str, payment: Payment, detail: str, headers: Mapping[str, str]) -> Problem:
        body = self.body(payment)
        facts = {
            "bookId": body.book_id,
            "paymentStatus": body.status,
            "reason": body.reason,
            "_links": body.links,
        }
        return Problem(code, f"booking {body.book_id}: {detail}", headers, **facts)

    def _searches(self) -> Links:
        find = Link(f"{self.at.base}{_FIND}{{?bookId}}", templated=True)
        return {"findByBookId": find, "self": Link(f"{self.at.url}/search")}

    def body(self, payment: Payment) -> PaymentBody:
        return PaymentBody(
            id=payment.id,
            book_id=payment.booking_id,
            ticket_id=payment.ticket_id,
            price=payment.price,
            company_id=payment.company_id,
            customer_id=payment.customer_id,
            start_date=written_or_null(payment.starts),
            end_date=written_or_null(payment.ends),
            status=_WIRE[payment.status],
            reason=payment.reason,
            refund=RefundBody(it.amount, it.status.value, it.reason) if (it := payment.refund) else None,
            in_doubt=payment.in_doubt,
            links=self.at.links(payment.id),
        )


def _order(given: dict[str, Any]) -> Approve:
    return Approve(
        booking_id=given.get("bookId"),  # type: ignore[arg-type]  # None: the command says what is missing
        price=given.get("price"),  # type: ignore[arg-type]
        ticket_id=given.get("ticketId"),
        company_id=given.get("companyId"),
        customer_id=given.get("customerId"),
        starts=given.get("startDate"),
        ends=given.get("endDate"),
        method=given.get("paymentMethod"),
    )


EXAMPLE: Final = Payment(
    id=PaymentId(3), booking_id=5, price=15000, ticket_id=2, company_id=1, customer_id=1, status=Status.APPROVED,
    starts=datetime(2027, 1, 23, 18, 25, 43, 511000, UTC), ends=datetime(2027, 1, 27, 18, 25, 43, 511000, UTC),
    correlation_id="", created_at=datetime(2026, 11, 22, 16, 9, 0, 0, UTC), version=1,
)  # fmt: skip
