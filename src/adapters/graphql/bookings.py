"""Bookings: R4 book, N3 pay later, R9 cancel."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import strawberry

from adapters.graphql.asking import Info
from adapters.graphql.booking_outcomes import PAID, answered
from adapters.graphql.booking_types import (
    OF,
    Booking,
    BookingConnection,
    BookingOrder,
    booking_cases,
    booking_of,
)
from adapters.graphql.guarded import answers, does, owner
from adapters.graphql.inputs import ident
from adapters.graphql.paging import FIRST, orders
from adapters.graphql.problems import (
    AlreadyCheckedIn,
    Closed,
    FeeChanged,
    Missing,
    PriceChanged,
    SoldOut,
    TooLate,
    TooManyHolds,
)
from adapters.graphql.scalars import Long
from myticket_core.access import Action, own
from myticket_core.booking.book import Book
from myticket_core.booking.cancel import Cancel
from myticket_core.booking.model import BookingId, Status
from myticket_core.booking.resume import Resume


@strawberry.input(description="One's own customerId may be left out; an admin says whose")
class NewBooking:
    ticket_id: Long
    customer_id: Long | None = None
    price: Long | None = strawberry.field(default=None, description="What the buyer was shown; another now is refused")
    start_date: datetime | None = None
    end_date: datetime | None = None
    payment_method: str | None = None


@strawberry.type(description="Canceled, or it was already")
class BookingCanceled:
    booking: Booking


@strawberry.type(description="What a cancel by whoever asks would keep and give back, or did of one that is over")
class Cancellation:
    booking_id: Long
    status: Status
    possible: bool
    cancel_until: datetime | None
    price: Long
    fee: Long
    refund: Long


@strawberry.type
class BookingQueries:
    @answers("Bookings", Action.READ_BOOKS, OF, BookingConnection)
    async def bookings(
        self, info: Info, order_by: list[BookingOrder] | None = None, first: int = FIRST, after: str | None = None
    ) -> Any:
        """One's own bookings, or those of one's own tickets."""
        mine, cases = owner(info), booking_cases(info)
        return await BookingConnection.of(
            lambda paging: cases.browse.list(mine, paging), booking_of, first, after, orders(order_by)
        )

    @answers("Booking", Action.READ_BOOKS, OF, Booking, Missing)
    async def booking(self, info: Info, id: Long) -> Any:
        """Look at a booking."""
        return booking_of(await booking_cases(info).browse.one(BookingId(ident("id", id)), owner(info)))

    @answers("Cancellation", Action.PREVIEW_CANCELLATION, OF, Cancellation, Missing)
    async def cancellation(self, info: Info, id: Long) -> Any:
        """R9. What canceling would give back."""
        foreseen = await booking_cases(info).cancel.preview(Cancel(id=BookingId(ident("id", id))), owner(info))
        return Cancellation(
            booking_id=foreseen.booking.id,
            status=foreseen.booking.status,
            possible=foreseen.possible,
            cancel_until=foreseen.booking.cancel_until,
            price=foreseen.booking.price,
            fee=foreseen.fee,
            refund=foreseen.refund,
        )


@strawberry.type
class BookingMutations:
    @does("Book", Action.BOOK, OF, *PAID, SoldOut, PriceChanged, Closed, TooManyHolds)
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
        return answered(await booking_cases(info).book(order, cause, mine))

    @does("PayBooking", Action.PAY_BOOKING, OF, *PAID)
    async def pay_booking(
        self, info: Info, id: Long, payment_method: str | None = None, idempotency_key: str | None = None
    ) -> Any:
        """N3. Pay a held booking; without a paymentMethod by the one that was said before."""
        order = Resume(id=BookingId(ident("id", id)), method=payment_method)
        cause = info.context.asker.cause("/books/{id}/payment", idempotency_key, order)
        return answered(await booking_cases(info).resume(order, owner(info), cause))

    @does("CancelBooking", Action.CANCEL_BOOKING, OF, BookingCanceled, Missing, TooLate, AlreadyCheckedIn, FeeChanged)
    async def cancel_booking(self, info: Info, id: Long, fee: Long | None = None) -> Any:
        """R9. Cancel a booking. `fee`: what its buyer was told it costs; when it is more by now, nothing is done."""
        order = Cancel(id=BookingId(ident("id", id)), fee=fee)
        cause = info.context.asker.cause("/books/{id}", None, order)
        return BookingCanceled(booking=booking_of(await booking_cases(info).cancel(order, owner(info), cause)))
