"""How a sale stands: how much of a ticket is taken, and how far the deletion of a deleted one is."""

from __future__ import annotations

from datetime import datetime
from enum import Enum

import strawberry

from adapters.graphql.scalars import Long
from myticket_core.booking import sale


@strawberry.enum
class SaleStatus(Enum):
    OPEN = "open"
    CLOSED = "closed"


@strawberry.type(description="The bookings that were live when the ticket was deleted")
class Campaign:
    total: Long
    done: Long
    failed: Long
    left: Long
    paused: bool
    retry_at: datetime | None = strawberry.field(description="When failed ones are tried again")


@strawberry.type(description="capacity and remaining null: unlimited; remaining is what nobody waits for")
class Sale:
    ticket_id: Long
    name: str | None
    price: Long | None
    capacity: Long | None
    held: Long
    booked: Long
    waiting: Long
    remaining: Long | None
    cancel_until: datetime | None
    cancel_fee_percent: int
    status: SaleStatus
    campaign: Campaign | None


def sale_of(it: sale.Sale, now: datetime) -> Sale:
    return Sale(
        ticket_id=it.ticket_id,
        name=it.terms.name,
        price=it.terms.price,
        capacity=it.terms.capacity,
        held=it.held,
        booked=it.booked,
        waiting=it.waiting,
        remaining=it.remaining,
        cancel_until=it.terms.cancel_until,
        cancel_fee_percent=it.terms.cancel_fee_percent,
        status=SaleStatus.OPEN if it.is_open(now) else SaleStatus.CLOSED,
        campaign=campaign_of(it),
    )


def campaign_of(it: sale.Sale) -> Campaign | None:
    running = it.campaign
    if running is None:
        return None
    return Campaign(
        total=running.total,
        done=it.done,
        failed=it.failed,
        left=it.left,
        paused=running.paused,
        retry_at=running.retry_at,
    )
