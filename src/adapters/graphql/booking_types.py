"""A booking as it is shown, and how bookings are listed."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import Any, ClassVar, Final

import strawberry

from adapters.graphql.asking import Info
from adapters.graphql.cases import Bookings
from adapters.graphql.guarded import nested, unsaid
from adapters.graphql.inputs import ident, position
from adapters.graphql.paging import Connection
from adapters.graphql.payments import Payment, payment_of
from adapters.graphql.scalars import Long
from adapters.graphql.ticket_types import Ticket
from myticket_core.access import Action
from myticket_core.booking import model
from myticket_core.booking.model import BookingId, Status

OF: Final = "book"
strawberry.enum(Status, name="BookingStatus")  # marks the core's own class: it has this one name in every graph


def booking_cases(info: Info) -> Bookings:
    assert info.context.cases.book is not None
    return info.context.cases.book


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
    status: Status
    payment_id: Long | None
    reason: str | None
    cancel_until: datetime | None
    cancel_fee: Long
    refund: Long | None = strawberry.field(
        description="To be given back, once a paid one is over; null: nothing is known to have been paid"
    )
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
        return cls(id=id, **unsaid(cls))


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


def booking_of(booking: model.Booking) -> Booking:
    return Booking(
        id=booking.id,
        ticket_id=booking.ticket_id,
        price=booking.price,
        company_id=booking.company_id,
        customer_id=booking.customer_id,
        start_date=booking.starts,
        end_date=booking.ends,
        status=booking.status,
        payment_id=booking.payment_id,
        reason=booking.reason,
        cancel_until=booking.cancel_until,
        cancel_fee=booking.cancel_fee,
        refund=booking.given_back,
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
    return booking_of(await bookings.browse.one(BookingId(ident("id", id)), mine))
