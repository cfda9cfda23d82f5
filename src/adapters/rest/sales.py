"""/sales/{ticketId}: how much of a ticket is taken, and how far the cancellation of a deleted one has come."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final, Literal

from litestar.handlers import HTTPRouteHandler
from msgspec import Struct
from msgspec import field as member

from adapters.rest.books import BookingApi
from adapters.rest.call import Call
from adapters.rest.dates import written_or_null
from adapters.rest.hal import Collection, Count, Date, Id, Links, Percent
from adapters.rest.reply import Reply
from adapters.rest.routes import Answered, operation, route
from myticket_core.access import Action
from myticket_core.booking.campaign import Campaign
from myticket_core.booking.sale import Sale
from myticket_core.booking.terms import Terms
from myticket_core.ports import Clock


class CampaignBody(Struct, rename="camel"):
    """The bookings that were live when the ticket was deleted; `failed` ones are tried again at `retryAt`."""

    total: Count
    done: Count
    failed: Count
    left: Count
    paused: bool
    retry_at: Date | None


class SaleBody(Struct, rename="camel"):
    """`capacity` and `remaining` null: unlimited. `waiting` people have the next seats: those are not `remaining`.
    Of a deleted ticket too, whose `name` is said nowhere else any more.
    """

    ticket_id: Id
    name: str | None
    price: int | None
    capacity: int | None
    held: Count
    booked: Count
    waiting: Count
    remaining: int | None
    cancel_until: Date | None
    cancel_fee_percent: Percent
    status: Literal["open", "closed"]
    campaign: CampaignBody | None
    links: Links = member(name="_links")


class Sales:
    def __init__(self, api: BookingApi, url: str, clock: Clock) -> None:
        self.api, self.clock, self.at = api, clock, Collection(url, "sales", "sale", {})

    def routes(self) -> Sequence[HTTPRouteHandler]:
        answered = Answered("The sale", SaleBody, self.body(EXAMPLE))
        told = operation("books", "getSale", "How a sale stands", {200: answered}, "not_found")
        return (route("GET", "/sales/{ticketId:str}", self.get, Action.READ_SALES, told),)

    async def get(self, call: Call) -> Reply:
        return call.answer(self.body(await self.api.browse.sale(call.path_id("ticketId"))))

    def body(self, sale: Sale) -> SaleBody:
        return SaleBody(
            ticket_id=sale.ticket_id,
            name=sale.terms.name,
            price=sale.terms.price,
            capacity=sale.terms.capacity,
            held=sale.held,
            booked=sale.booked,
            waiting=sale.waiting,
            remaining=sale.remaining,
            cancel_until=written_or_null(sale.terms.cancel_until),
            cancel_fee_percent=sale.terms.cancel_fee_percent,
            status="open" if sale.is_open(self.clock.now()) else "closed",
            campaign=campaign_body(sale),
            links=self.at.links(sale.ticket_id),
        )


def campaign_body(sale: Sale) -> CampaignBody | None:
    campaign = sale.campaign
    if campaign is None:
        return None
    return CampaignBody(
        total=campaign.total,
        done=sale.done,
        failed=sale.failed,
        left=sale.left,
        paused=campaign.paused,
        retry_at=written_or_null(campaign.retry_at),
    )


_TERMS: Final = Terms(
    company_id=1, price=15000, capacity=100, name="Seoul Jazz Night",
    cancel_until=datetime(2027, 1, 20, tzinfo=UTC), cancel_fee_percent=10,
)  # fmt: skip
EXAMPLE: Final = Sale(
    ticket_id=2, terms=_TERMS, ceiling=100, held=1, booked=41,
    deleted=True, campaign=Campaign(total=50, cause_id="", correlation_id="", failed=1),
)  # fmt: skip
