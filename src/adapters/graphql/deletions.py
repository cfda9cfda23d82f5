"""Deletions of tickets: R12, what one would do, how far it is, and what became of each booking."""

from __future__ import annotations

from enum import Enum
from typing import Any

import strawberry

from adapters.graphql.asking import Info
from adapters.graphql.booking_types import OF, booking_cases
from adapters.graphql.guarded import answers, does, owner
from adapters.graphql.inputs import ident
from adapters.graphql.paging import FIRST, Connection, orders
from adapters.graphql.problems import Missing
from adapters.graphql.sales import Campaign, Sale, campaign_of, sale_of
from adapters.graphql.scalars import Long
from myticket_core.access import Action
from myticket_core.booking import campaign, deletion, model
from myticket_core.booking.deletion import Steer

strawberry.enum(deletion.Stage, name="DeletionStatus")
strawberry.enum(campaign.Outcome, name="Outcome")


@strawberry.type(description="So many bookings, and their money")
class Part:
    bookings: Long
    money: Long


@strawberry.type(description="PREVIEW: the ticket is on sale, and this is what deleting it would do")
class Deletion:
    ticket_id: Long
    status: deletion.Stage
    booked: Part
    held: Part
    failed: Part
    canceled: Part
    campaign: Campaign | None


@strawberry.type(
    description="A booking in the campaign; `reason`: why it did not give way. `refund` null: nothing was paid for it"
)
class CampaignBooking:
    booking_id: Long
    customer_id: Long
    price: Long
    status: model.Status
    outcome: campaign.Outcome
    reason: str | None
    refund: Long | None


@strawberry.type
class CampaignBookingConnection(Connection[CampaignBooking]):
    pass


@strawberry.enum
class CampaignBookingSort(Enum):
    BOOKING_ID = "id"


@strawberry.input
class CampaignBookingOrder:
    field: CampaignBookingSort
    descending: bool = False


@strawberry.type
class DeletionQueries:
    @answers("Sale", Action.READ_SALES, OF, Sale, Missing)
    async def sale(self, info: Info, ticket_id: Long) -> Any:
        """How a sale stands."""
        found = await booking_cases(info).browse.sale(ident("ticketId", ticket_id))
        return sale_of(found, info.context.clock.now())

    @answers("Deletion", Action.READ_DELETION, OF, Deletion, Missing)
    async def deletion(self, info: Info, ticket_id: Long) -> Any:
        """R12. What deleting a ticket would do, or how far it is."""
        return deletion_of(await booking_cases(info).deletions.preview(ident("ticketId", ticket_id), owner(info)))

    @answers("DeletionBookings", Action.READ_DELETION, OF, CampaignBookingConnection, Missing)
    async def deletion_bookings(
        self,
        info: Info,
        ticket_id: Long,
        outcome: campaign.Outcome,
        order_by: list[CampaignBookingOrder] | None = None,
        first: int = FIRST,
        after: str | None = None,
    ) -> Any:
        """The bookings of a deleted ticket, by what has become of them."""
        of, mine, cases = ident("ticketId", ticket_id), owner(info), booking_cases(info)
        return await CampaignBookingConnection.of(
            lambda paging: cases.deletions.outcomes(of, outcome, mine, paging),
            outcome_of,
            first,
            after,
            orders(order_by),
        )


@strawberry.type
class DeletionMutations:
    @does("SteerDeletion", Action.STEER_DELETION, OF, Deletion, Missing)
    async def steer_deletion(self, info: Info, ticket_id: Long, paused: bool) -> Any:
        """Pause a deletion, or let it go on and try again what failed."""
        order = Steer(ticket_id=ident("ticketId", ticket_id), paused=paused)
        cause = info.context.asker.cause("/sales/{ticketId}/deletion", None, order)
        return deletion_of(await booking_cases(info).deletions.steer(order, owner(info), cause))


def deletion_of(it: deletion.Deletion) -> Deletion:
    sale, toll = it.sale, it.toll
    return Deletion(
        ticket_id=sale.ticket_id,
        status=it.stage,
        booked=_part(toll.booked),
        held=_part(toll.held),
        failed=_part(toll.failed),
        canceled=_part(toll.canceled),
        campaign=campaign_of(sale),
    )


def outcome_of(booking: model.Booking) -> CampaignBooking:
    assert booking.outcome is not None, "it was listed by its outcome"
    return CampaignBooking(
        booking_id=booking.id,
        customer_id=booking.customer_id,
        price=booking.price,
        status=booking.status,
        outcome=booking.outcome,
        reason=booking.failure,
        refund=booking.given_back,
    )


def _part(part: campaign.Part) -> Part:
    return Part(bookings=part.bookings, money=part.money)
