"""At the door: letting in who brings a booking, once, and who was."""

from __future__ import annotations

from enum import Enum
from typing import Any

import strawberry

from adapters.graphql.asking import Info
from adapters.graphql.booking_types import OF, Booking, BookingConnection, booking_cases, booking_of
from adapters.graphql.guarded import answers, does, owner
from adapters.graphql.inputs import ident
from adapters.graphql.paging import FIRST, orders
from adapters.graphql.problems import AlreadyCheckedIn, KeyReused, Missing, NotBooked
from adapters.graphql.scalars import Long
from myticket_core.access import Action
from myticket_core.booking.check_in import CheckIn
from myticket_core.booking.model import BookingId


@strawberry.type(description="Let them in")
class BookingCheckedIn:
    booking: Booking
    replayed: bool = strawberry.field(description="An earlier call with this idempotency key had let them in")


@strawberry.enum
class CheckInSort(Enum):
    BOOKING_ID = "id"
    CHECKED_IN_AT = "checked_in_at"


@strawberry.input
class CheckInOrder:
    field: CheckInSort
    descending: bool = False


@strawberry.type
class CheckInQueries:
    @answers("CheckIns", Action.READ_CHECK_INS, OF, BookingConnection, Missing)
    async def check_ins(
        self,
        info: Info,
        ticket_id: Long,
        order_by: list[CheckInOrder] | None = None,
        first: int = FIRST,
        after: str | None = None,
    ) -> Any:
        """The bookings of a ticket that somebody was let in with."""
        of, mine, cases = ident("ticketId", ticket_id), owner(info), booking_cases(info)
        return await BookingConnection.of(
            lambda paging: cases.check_in.list(of, mine, paging), booking_of, first, after, orders(order_by)
        )


@strawberry.type
class CheckInMutations:
    @does("CheckIn", Action.CHECK_IN, OF, BookingCheckedIn, Missing, NotBooked, AlreadyCheckedIn, KeyReused)
    async def check_in(self, info: Info, id: Long, idempotency_key: str | None = None) -> Any:
        """Let in who brings a booking, once."""
        order = CheckIn(id=BookingId(ident("id", id)))
        cause = info.context.asker.cause("/books/{id}/checkin", idempotency_key, order)
        kept = await booking_cases(info).check_in(order, owner(info), cause)
        return BookingCheckedIn(booking=booking_of(kept.state), replayed=kept.repeated)
