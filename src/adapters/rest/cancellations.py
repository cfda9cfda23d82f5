"""/books/{id}/cancellation: what canceling would give back, told before anybody decides to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from litestar.handlers import HTTPRouteHandler
from msgspec import Struct
from msgspec import field as member

from adapters.rest.books import EXAMPLE as BOOKING
from adapters.rest.books import BookingApi
from adapters.rest.call import Call
from adapters.rest.dates import written_or_null
from adapters.rest.hal import Collection, Date, Id, Link, Links, Money
from adapters.rest.reply import Reply
from adapters.rest.routes import Answered, operation, route
from myticket_core.access import Action
from myticket_core.booking.cancel import Cancel, Cancellation
from myticket_core.booking.model import BookingId, Status


class CancellationBody(Struct, rename="camel"):
    """`possible`: a cancel by whoever asks would succeed now. `fee` and `refund` are then what it keeps and gives back
    of what was paid, or may have been for one that is PENDING; of a booking that is over, what was kept and given back
    of what is known to have been paid; too late: nothing is given back.
    """

    book_id: Id
    status: Status
    possible: bool
    cancel_until: Date | None
    price: Money
    fee: Money
    refund: Money
    links: Links = member(name="_links")


class Cancellations:
    def __init__(self, api: BookingApi, url: str) -> None:
        self.api, self.at = api, Collection(url, "books", "book", {})

    def routes(self) -> Sequence[HTTPRouteHandler]:
        answers = {200: Answered("What it would mean", CancellationBody, self.body(EXAMPLE))}
        told = operation("books", "previewCancellation", "R9. What canceling would give back", answers, "not_found")
        return (route("GET", "/books/{id:str}/cancellation", self.get, Action.PREVIEW_CANCELLATION, told),)

    async def get(self, call: Call) -> Reply:
        order = Cancel(id=BookingId(call.path_id("id")))
        return call.answer(self.body(await self.api.cancel.preview(order, call.owner)))

    def body(self, foreseen: Cancellation) -> CancellationBody:
        booking = foreseen.booking
        return CancellationBody(
            book_id=booking.id,
            status=booking.status,
            possible=foreseen.possible,
            cancel_until=written_or_null(booking.cancel_until),
            price=booking.price,
            fee=foreseen.fee,
            refund=foreseen.refund,
            links={"self": Link(f"{self.at.item(booking.id)}/cancellation"), "book": Link(self.at.item(booking.id))},
        )


EXAMPLE: Final = Cancellation(BOOKING, possible=True, fee=BOOKING.cancel_fee, refund=13500)
