"""One's place in the line for a sold-out ticket."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import Any

import strawberry

from adapters.graphql.asking import Info
from adapters.graphql.booking_types import OF, booking_cases
from adapters.graphql.guarded import answers, does, owner
from adapters.graphql.paging import FIRST, Connection, orders
from adapters.graphql.problems import Closed, Missing, SeatsLeft, TooManyPlaces
from adapters.graphql.scalars import Long
from myticket_core.access import Action, own
from myticket_core.booking import waiting
from myticket_core.booking.wait import Standing, Wait

strawberry.enum(waiting.Status, name="WaitingStatus")


@strawberry.type(description="A place in the line of a sold-out ticket")
class Waiting:
    ticket_id: Long
    customer_id: Long
    status: waiting.Status
    start_date: datetime | None
    end_date: datetime | None
    joined_at: datetime
    booking_id: Long | None = strawberry.field(description="The last offer")


@strawberry.type(description="A place as it is now")
class Place:
    waiting: Waiting
    position: Long | None = strawberry.field(description="1 is the next; null: does not wait")
    expires_at: datetime | None = strawberry.field(description="Until when the offer can be paid")


@strawberry.type(description="Does not wait, or did not already; an offer that was not paid is given back")
class Left:
    ticket_id: Long


@strawberry.type
class WaitingConnection(Connection[Waiting]):
    pass


@strawberry.enum
class WaitingSort(Enum):
    ID = "id"
    TICKET_ID = "ticket_id"
    STATUS = "status"
    JOINED_AT = "joined_at"


@strawberry.input
class WaitingOrder:
    field: WaitingSort
    descending: bool = False


@strawberry.input(description="One's own customerId may be left out; an admin says whose")
class NewPlace:
    ticket_id: Long
    customer_id: Long | None = None
    start_date: datetime | None = None
    end_date: datetime | None = None


@strawberry.type
class WaitingQueries:
    @answers("Waitings", Action.READ_WAITING, OF, WaitingConnection)
    async def waitings(
        self, info: Info, order_by: list[WaitingOrder] | None = None, first: int = FIRST, after: str | None = None
    ) -> Any:
        """One's places in lines."""
        mine, cases = owner(info), booking_cases(info).wait
        return await WaitingConnection.of(
            lambda paging: cases.list(mine, paging), waiting_of, first, after, orders(order_by)
        )

    @answers("Waiting", Action.READ_WAITING, OF, Place, Missing)
    async def waiting(self, info: Info, ticket_id: Long, customer_id: Long | None = None) -> Any:
        """How far the line is."""
        return _place(await booking_cases(info).wait.one(_asked(info, ticket_id, customer_id), owner(info)))


@strawberry.type
class WaitingMutations:
    @does("JoinWaiting", Action.JOIN_WAITING, OF, Place, Missing, SeatsLeft, Closed, TooManyPlaces)
    async def join_waiting(self, info: Info, place: NewPlace) -> Any:
        """Wait for a seat of a sold-out ticket. Who has a place keeps it; whoever left joins again at the end."""
        order = _asked(info, place.ticket_id, place.customer_id, place.start_date, place.end_date)
        return _place(
            await booking_cases(info).wait.join(
                order, info.context.asker.cause("/sales/{ticketId}/waiting", None, order)
            )
        )

    @does("LeaveWaiting", Action.LEAVE_WAITING, OF, Left, Missing)
    async def leave_waiting(self, info: Info, ticket_id: Long, customer_id: Long | None = None) -> Any:
        """Leave the line."""
        order = _asked(info, ticket_id, customer_id)
        cause = info.context.asker.cause("/sales/{ticketId}/waiting", None, order)
        await booking_cases(info).wait.leave(order, owner(info), cause)
        return Left(ticket_id=ticket_id)


def waiting_of(it: waiting.Waiting) -> Waiting:
    return Waiting(
        ticket_id=it.ticket_id,
        customer_id=it.customer_id,
        status=it.status,
        start_date=it.starts,
        end_date=it.ends,
        joined_at=it.joined_at,
        booking_id=it.booking_id,
    )


def _place(standing: Standing) -> Place:
    offer = standing.offer
    return Place(
        waiting=waiting_of(standing.waiting),
        position=standing.position,
        expires_at=None if offer is None else offer.expires_at,
    )


def _asked(
    info: Info, ticket_id: int, said: int | None, starts: datetime | None = None, ends: datetime | None = None
) -> Wait:
    """Raises Invalid."""
    customer: Any = own("customerId", owner(info).customer_id, said)
    return Wait(ticket_id=ticket_id, customer_id=customer, starts=starts, ends=ends)
