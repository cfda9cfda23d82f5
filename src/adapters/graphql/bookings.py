"""Bookings: R4 book, N3 pay later, R9 cancel."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import Enum
from typing import Any, ClassVar, Final

import strawberry

from adapters.graphql.asking import Info
from adapters.graphql.cases import BookingCases
from adapters.graphql.guarded import answers, nested, owner
from adapters.graphql.inputs import ident, own, position
from adapters.graphql.paging import FIRST, Connection, orders
from adapters.graphql.payments import Payment, payment_of
from adapters.graphql.problems import (
    AlreadyCheckedIn,
    Closed,
    KeyReused,
    Missing,
    PriceChanged,
    Problem,
    SoldOut,
    TooLate,
    TooManyHolds,
    plain,
    seconds,
)
from adapters.graphql.scalars import Long
from adapters.graphql.tickets import Ticket
from myticket_core.access import Action
from myticket_core.booking import model
from myticket_core.booking.book import Book
from myticket_core.booking.cancel import Cancel
from myticket_core.booking.collect import Answer
from myticket_core.booking.model import BookingId, Status
from myticket_core.booking.resume import Resume

OF: Final = "book"


@strawberry.enum
class BookingStatus(Enum):
    PENDING = "PENDING"
    BOOKED = "BOOKED"
    DECLINED = "DECLINED"
    EXPIRED = "EXPIRED"
    CANCELED = "CANCELED"


@strawberry.federation.type(keys=["id"], description="One seat of a ticket for one customer")
class Booking:
    OF: ClassVar = OF
    id: Long
    ticket_id: Long
    price: Long
    company_id: Long | None
    customer_id: Long
    start_date: datetime | None
    end_date: datetime | None
    status: BookingStatus
    payment_id: Long | None
    reason: str | None
    cancel_until: datetime | None
    cancel_fee: Long
    refund: Long | None
    created_at: datetime
    expires_at: datetime = strawberry.field(description="The end of the hold, while it is PENDING")
    checked_in_at: datetime | None = strawberry.field(description="Somebody was let in with it then")
    position: str | None = strawberry.field(description="How far it has come, for the minVersion of a page")

    @nested(Action.READ_TICKETS, OF, Ticket | None)
    async def ticket(self, info: Info) -> Any:
        """What is booked; null when it has been deleted."""
        return await Ticket.known(self.ticket_id, info)

    @nested(Action.READ_PAYMENTS, "pay", Payment | None)
    async def payment(self, info: Info) -> Any:
        """What was paid for it."""
        found = await info.context.payments.load(self.id)
        return None if found is None else payment_of(found)

    @classmethod
    def referring(cls, id: int) -> Booking:
        """For a service that knows nothing of it but its number."""
        others: dict[str, Any] = dict.fromkeys(_OTHERS)
        return cls(id=id, **others)


_OTHERS: Final = ("ticket_id", "price", "company_id", "customer_id", "start_date", "end_date", "status", "payment_id",
                  "reason", "cancel_until", "cancel_fee", "refund", "created_at", "expires_at", "checked_in_at",
                  "position")  # fmt: skip


@strawberry.type
class BookingConnection(Connection[Booking]):
    pass


@strawberry.enum
class BookingSort(Enum):
    ID = "id"
    TICKET_ID = "ticket_id"
    PRICE = "price"
    STATUS = "status"
    START_DATE = "starts"
    END_DATE = "ends"
    CREATED_AT = "created_at"


@strawberry.input
class BookingOrder:
    field: BookingSort
    descending: bool = False


@strawberry.input(description="One's own customerId may be left out; an admin says whose")
class NewBooking:
    ticket_id: Long
    customer_id: Long | None = None
    price: Long | None = strawberry.field(default=None, description="What the buyer was shown; another now is refused")
    start_date: datetime | None = None
    end_date: datetime | None = None
    payment_method: str | None = None


@strawberry.type(description="Booked and paid")
class Booked:
    booking: Booking
    replayed: bool = strawberry.field(description="An earlier call with this idempotency key had placed it")


@strawberry.type(description="Held; whether it is paid is not known yet: the system finds out")
class PaymentPending:
    code: str = "payment_pending"
    booking: Booking
    replayed: bool


@strawberry.type(description="The seat is held; pay a little later")
class PayLater(Problem):
    CODE: ClassVar = "pay_later"
    booking: Booking
    retry_after: int = strawberry.field(description="In seconds")


@strawberry.type(description="Not charged, and the seat is free again; another attempt is a new booking")
class PaymentDeclined(Problem):
    CODE: ClassVar = "payment_declined"
    booking: Booking


@strawberry.type(description="The booking is over")
class Expired(Problem):
    CODE: ClassVar = "expired"
    booking: Booking


@strawberry.type(description="Canceled, or it was already")
class BookingCanceled:
    booking: Booking


@strawberry.type(description="What a cancel by whoever asks would keep and give back, or did of one that is over")
class Cancellation:
    booking_id: Long
    status: BookingStatus
    possible: bool
    cancel_until: datetime | None
    price: Long
    fee: Long
    refund: Long


_PAID: Final = (Booked, PaymentPending, PayLater, PaymentDeclined, Expired, Missing, KeyReused)


@strawberry.type
class BookingQueries:
    @answers("Bookings", Action.READ_BOOKS, OF, BookingConnection)
    async def bookings(
        self, info: Info, order_by: list[BookingOrder] | None = None, first: int = FIRST, after: str | None = None
    ) -> Any:
        """One's own bookings, or those of one's own tickets."""
        mine, cases = owner(info), _cases(info)
        return await BookingConnection.of(
            lambda paging: cases.browse.list(mine, paging), booking_of, first, after, orders(order_by)
        )

    @answers("Booking", Action.READ_BOOKS, OF, Booking, Missing)
    async def booking(self, info: Info, id: Long) -> Any:
        """Look at a booking."""
        return booking_of(await _cases(info).browse.one(BookingId(ident("id", id)), owner(info)))

    @answers("Cancellation", Action.PREVIEW_CANCELLATION, OF, Cancellation, Missing)
    async def cancellation(self, info: Info, id: Long) -> Any:
        """R9. What canceling would give back."""
        foreseen = await _cases(info).cancel.preview(Cancel(id=BookingId(ident("id", id))), owner(info))
        return Cancellation(
            booking_id=foreseen.booking.id,
            status=BookingStatus(foreseen.booking.status.value),
            possible=foreseen.possible,
            cancel_until=foreseen.booking.cancel_until,
            price=foreseen.booking.price,
            fee=foreseen.fee,
            refund=foreseen.refund,
        )


@strawberry.type
class BookingMutations:
    @answers("Book", Action.BOOK, OF, *_PAID, SoldOut, PriceChanged, Closed, TooManyHolds)
    async def book(self, info: Info, booking: NewBooking, idempotency_key: str | None = None) -> Any:
        """R4. Book a ticket and pay for it."""
        mine: Any = owner(info)
        customer: Any = own("customerId", mine.customer_id, booking.customer_id)
        order = Book(
            ticket_id=booking.ticket_id,
            customer_id=customer,
            price=booking.price,
            starts=booking.start_date,
            ends=booking.end_date,
            method=booking.payment_method,
        )
        cause = info.context.asker.cause("/books", idempotency_key, order)
        return _answered(await _cases(info).book(order, cause, mine))

    @answers("PayBooking", Action.PAY_BOOKING, OF, *_PAID)
    async def pay_booking(
        self, info: Info, id: Long, payment_method: str | None = None, idempotency_key: str | None = None
    ) -> Any:
        """N3. Pay a held booking."""
        order = Resume(id=BookingId(ident("id", id)), method=payment_method)
        cause = info.context.asker.cause("/books/{id}/payment", idempotency_key, order)
        return _answered(await _cases(info).resume(order, owner(info), cause))

    @answers("CancelBooking", Action.CANCEL_BOOKING, OF, BookingCanceled, Missing, TooLate, AlreadyCheckedIn)
    async def cancel_booking(self, info: Info, id: Long) -> Any:
        """R9. Cancel a booking."""
        order = Cancel(id=BookingId(ident("id", id)))
        cause = info.context.asker.cause("/books/{id}", None, order)
        return BookingCanceled(booking=booking_of(await _cases(info).cancel(order, owner(info), cause)))


def _answered(answer: Answer) -> Any:
    """The booking protocol: what has become of the booking decides, first answer and repeat alike."""
    it, booking = answer.booking, booking_of(answer.booking)
    match it.status:
        case Status.BOOKED:
            return Booked(booking=booking, replayed=answer.repeated)
        case Status.PENDING if answer.pay_later is None:
            return PaymentPending(booking=booking, replayed=answer.repeated)
        case Status.PENDING:
            wait = seconds(answer.pay_later or timedelta())
            said = f"booking {it.id} holds a seat; pay it in {wait} s, with payBooking"
            return PayLater(code=PayLater.CODE, message=said, booking=booking, retry_after=wait)
        case Status.DECLINED:
            said = plain(f"booking {it.id} was not paid: {it.reason}")
            return PaymentDeclined(code=PaymentDeclined.CODE, message=said, booking=booking)
        case _:
            return Expired(code=Expired.CODE, message=plain(f"booking {it.id} is over: {it.reason}"), booking=booking)


def booking_of(booking: model.Booking) -> Booking:
    return Booking(
        id=booking.id,
        ticket_id=booking.ticket_id,
        price=booking.price,
        company_id=booking.company_id,
        customer_id=booking.customer_id,
        start_date=booking.starts,
        end_date=booking.ends,
        status=BookingStatus(booking.status.value),
        payment_id=booking.payment_id,
        reason=booking.reason,
        cancel_until=booking.cancel_until,
        cancel_fee=booking.cancel_fee,
        refund=booking.refund,
        created_at=booking.created_at,
        expires_at=booking.expires_at,
        checked_in_at=booking.checked_in_at,
        position=position("book", booking.id, booking.version),
    )


async def booking_reference(info: Info, id: int) -> Booking | None:
    """As somebody else's graph names it. Without the booking service it is believed: what hangs on it is judged."""
    mine, bookings = info.context.owner(Action.READ_BOOKS), info.context.cases.book
    if bookings is None:
        return Booking.referring(id)
    return booking_of(await bookings.cases.browse.one(BookingId(ident("id", id)), mine))


def _cases(info: Info) -> BookingCases:
    assert info.context.cases.book is not None
    return info.context.cases.book.cases
