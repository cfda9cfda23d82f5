"""/sales/{ticketId}/deletion: what deleting a ticket would do, and how far it is; paused and let go on from here."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final

from attrs import evolve
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct
from msgspec import field as member

from adapters.rest.books import EXAMPLE as BOOKING
from adapters.rest.books import BookingApi
from adapters.rest.call import Call
from adapters.rest.hal import Collection, Count, Id, Link, Links, Money, Sum, listed
from adapters.rest.reading import TRUTH, Member, Shape
from adapters.rest.reply import Reply
from adapters.rest.routes import Answered, Parameter, operation, paged, route
from adapters.rest.sales import EXAMPLE as SALE
from adapters.rest.sales import CampaignBody, campaign_body
from myticket_core.access import Action
from myticket_core.booking.campaign import Outcome, Part, Toll
from myticket_core.booking.close_sale import UNFORESEEN
from myticket_core.booking.deletion import Deletion, Stage, Steer
from myticket_core.booking.model import Booking, Status
from myticket_core.errors import Invalid


class PartBody(Struct, rename="camel"):
    bookings: Count
    money: Sum


class DeletionBody(Struct, rename="camel"):
    """`preview`: the ticket is on sale, and this is what deleting it would do.

    `booked` are to be canceled, and their money to be given back; so are `held` ones, of which nothing certain was
    paid: their money is the most that it can be. `failed` of both did not give way. `canceled` is done; its money was
    to be given back. What was given back indeed is on the organizer's page: captured, refunded, fees, failed.
    """

    ticket_id: Id
    status: Stage
    booked: PartBody
    held: PartBody
    failed: PartBody
    canceled: PartBody
    campaign: CampaignBody | None
    links: Links = member(name="_links")


class OutcomeBody(Struct, rename="camel"):
    """A booking in the campaign. `reason`: why it did not give way; `refund`: what was to be given back.

    null: it is not canceled, or nothing is known to have been paid for it.
    """

    book_id: Id
    customer_id: Id
    price: Money
    status: Status
    outcome: Outcome
    reason: str | None
    refund: int | None


PATCH: Final = Shape("DeletionPatch", (
    Member("paused", TRUTH, "true: stop before the next 200 bookings; false: go on, and try again what failed", True,
           required=True),
))  # fmt: skip
_OUTCOMES: Final = [outcome.value for outcome in Outcome]
_WHICH: Final = Parameter("outcome", {"enum": _OUTCOMES}, "What has become of them", required=True)


class Deletions:
    def __init__(self, api: BookingApi, url: str) -> None:
        self.api, self.at = api, Collection(url, "sales", "sale", {"bookId": "id"})

    def routes(self) -> Sequence[HTTPRouteHandler]:
        one = Answered("How it stands", DeletionBody, self.body(EXAMPLE))
        several = Answered("A page of them", OutcomeBody, outcome_body(STUCK), listed="bookings")
        told = partial(operation, "books")
        about = "R12. What deleting a ticket would do, or how far it is"
        get = told("previewDeletion", about, {200: one}, "not_found")
        steer = told("steerDeletion", "Pause a deletion, or go on", {200: one}, "not_found", takes=PATCH)
        summary, which = "The bookings of a deleted ticket, by what has become of them", (_WHICH, *paged("bookId"))
        outcomes = told("listOutcomes", summary, {200: several}, "not_found", parameters=which)
        path = "/sales/{ticketId:str}/deletion"
        return (
            route("GET", path, self.get, Action.READ_DELETION, get),
            route("PATCH", path, self.steer, Action.STEER_DELETION, steer),
            route("GET", f"{path}/bookings", self.outcomes, Action.READ_DELETION, outcomes),
        )

    async def get(self, call: Call) -> Reply:
        return call.answer(self.body(await self.api.deletions.preview(call.path_id("ticketId"), call.owner)))

    async def steer(self, call: Call) -> Reply:
        given = await call.body(PATCH)
        if "paused" not in given:
            raise Invalid("paused", None, "true or false")
        order = Steer(ticket_id=call.path_id("ticketId"), paused=given["paused"])
        return call.answer(self.body(await self.api.deletions.steer(order, call.owner, call.cause())))

    async def outcomes(self, call: Call) -> Reply:
        id, wanted, paging = call.path_id("ticketId"), call.one("outcome"), self.at.asked(call)
        if wanted not in _OUTCOMES:
            raise Invalid("outcome", wanted, " | ".join(_OUTCOMES))
        page = await self.api.deletions.outcomes(id, Outcome(wanted), call.owner, paging)
        url = f"{self.at.item(id)}/deletion/bookings"
        return call.answer(listed("bookings", url, call, page, [outcome_body(it) for it in page.items]))

    def body(self, deletion: Deletion) -> DeletionBody:
        sale, toll = deletion.sale, deletion.toll
        here = f"{self.at.item(sale.ticket_id)}/deletion"
        bookings = Link(f"{here}/bookings{{?outcome,page,size,sort}}", templated=True)
        links = {"self": Link(here), "sale": Link(self.at.item(sale.ticket_id)), "bookings": bookings}
        return DeletionBody(
            ticket_id=sale.ticket_id,
            status=deletion.stage,
            booked=_part(toll.booked),
            held=_part(toll.held),
            failed=_part(toll.failed),
            canceled=_part(toll.canceled),
            campaign=campaign_body(sale),
            links=links,
        )


def outcome_body(booking: Booking) -> OutcomeBody:
    assert booking.outcome is not None, "it was listed by its outcome"
    return OutcomeBody(
        book_id=booking.id,
        customer_id=booking.customer_id,
        price=booking.price,
        status=booking.status,
        outcome=booking.outcome,
        reason=booking.failure,
        refund=booking.given_back,
    )


def _part(part: Part) -> PartBody:
    return PartBody(part.bookings, part.money)


EXAMPLE: Final = Deletion(SALE, Toll(
    booked=Part(41, 615_000), held=Part(1, 15_000), failed=Part(1, 15_000), canceled=Part(8, 120_000)
))  # fmt: skip
STUCK: Final = evolve(BOOKING, failure=UNFORESEEN)
