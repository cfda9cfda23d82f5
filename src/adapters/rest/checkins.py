"""/books/{id}/checkin: letting somebody in at the door, once; /sales/{ticketId}/checkins: who was."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final

from attrs import evolve
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from adapters.rest.books import EXAMPLE as BOOKING
from adapters.rest.books import BookBody, BookingApi, Books
from adapters.rest.call import Call
from adapters.rest.hal import Collection, Date, Id, listed
from adapters.rest.reply import Reply
from adapters.rest.routes import Answered, operation, paged, route
from myticket_core.access import Action
from myticket_core.booking.check_in import CheckIn
from myticket_core.booking.model import Booking, BookingId
from myticket_core.values import written


class CheckInBody(Struct, rename="camel"):
    """As little as says who came: of thousands it is asked at once."""

    book_id: Id
    customer_id: Id
    checked_in_at: Date


_ABOUT: Final = (
    "With a key of its own for each time that somebody stands at the door, an answer that was lost is asked for again; "
    "whoever comes with the same booking later is checked_in."
)


class CheckIns:
    def __init__(self, api: BookingApi, url: str) -> None:
        self.api, self.books = api, Books(api, url)
        self.at = Collection(url, "sales", "sale", {"bookId": "id", "checkedInAt": "checked_in_at"})

    def routes(self) -> Sequence[HTTPRouteHandler]:
        used = evolve(BOOKING, checked_in_at=BOOKING.starts)
        let_in = Answered("Let them in", BookBody, self.books.body(used), headers=("Idempotency-Replayed",))
        several = Answered("A page of them", CheckInBody, _body(used), listed="checkins")
        told = partial(operation, "books")
        refused = ("not_found", "not_booked", "checked_in", "key_reused")
        check_in = told("checkIn", "Let in who brings a booking, once", {200: let_in}, *refused, about=_ABOUT)
        summary, sorts = "The bookings of a ticket that somebody was let in with", paged(*self.at.sortable)
        browse = told("listCheckIns", summary, {200: several}, "not_found", parameters=sorts)
        return (
            route("POST", "/books/{id:str}/checkin", self.check_in, Action.CHECK_IN, check_in),
            route("GET", "/sales/{ticketId:str}/checkins", self.browse, Action.READ_CHECK_INS, browse),
        )

    async def check_in(self, call: Call) -> Reply:
        order = CheckIn(id=BookingId(call.path_id("id")))
        kept = await self.api.check_in(order, call.owner, call.cause(order))
        headers = {"Idempotency-Replayed": "true"} if kept.repeated else {}
        return call.answer(self.books.told(call, kept.state), headers=headers)

    async def browse(self, call: Call) -> Reply:
        id, paging = call.path_id("ticketId"), self.at.asked(call)
        page = await self.api.check_in.list(id, call.owner, paging)
        url = f"{self.at.item(id)}/checkins"
        return call.answer(listed("checkins", url, call, page, [_body(it) for it in page.items]))


def _body(booking: Booking) -> CheckInBody:
    assert booking.checked_in_at is not None, "it was listed by that"
    return CheckInBody(booking.id, booking.customer_id, written(booking.checked_in_at))
