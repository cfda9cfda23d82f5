"""/mypages/stream and /guestManagementPages/stream: one's own pages as they change, in text/event-stream."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec
from litestar.handlers import HTTPRouteHandler

from adapters.rest.call import Call
from adapters.rest.hal import Collection
from adapters.rest.mypage_bodies import customer_body, organizer_body
from adapters.rest.reply import Reply
from adapters.rest.routes import Answered, Told, operation, route
from adapters.rest.stream import MEDIA, Stream, Streaming
from adapters.rest.streams import Live, Streams, Whose
from myticket_core.access import Action
from myticket_core.mypage.changes import Mark
from myticket_core.mypage.model import BookingPage, OrganizerPage

LAST: Final = "Last-Event-ID"
_ABOUT: Final = (
    "Each event has the page as it is now, as a read has it; of one that changes often not every state. "
    "What changed since Last-Event-ID comes first; without it, what changes from now on: open the stream, then read "
    "the list. It ends when the service stops, or its reader is too slow: connect again, as EventSource does."
)


class MypageStreams:
    def __init__(self, live: Live, customer: Collection, organizer: Collection) -> None:
        self.customer, self.organizer = customer, organizer
        self.streams = Streams(live, self._booking, self._ticket)

    def routes(self) -> Sequence[HTTPRouteHandler]:
        bookings = _told("streamMypages", "R8. One's own bookings as they change", "event: booking")
        tickets = _told("streamGuestManagementPages", "R7. One's tickets as they change", "event: ticket")
        customer, organizer = f"/{self.customer.name}/stream", f"/{self.organizer.name}/stream"
        return (
            route("GET", customer, self.bookings, Action.READ_CUSTOMER_PAGE, bookings),
            route("GET", organizer, self.tickets, Action.READ_ORGANIZER_PAGE, tickets),
        )

    async def bookings(self, call: Call) -> Reply:
        return await self._streaming(call, ("customer", call.owner.customer_id))

    async def tickets(self, call: Call) -> Reply:
        return await self._streaming(call, ("company", call.owner.company_id))

    async def _streaming(self, call: Call, whose: Whose) -> Reply:
        said = call.headers.get(b"last-event-id")
        since = Mark.read(LAST, said) if said else None
        if call.head:
            return Streaming(Stream(over=True), lambda: None)
        subject = call.principal.subject if call.principal else ""
        stream, leave = await self.streams.open(subject, whose, since)
        return Streaming(stream, leave)

    def _booking(self, page: BookingPage) -> bytes:
        return _event(b"booking", customer_body(page, self.customer.links(page.booking_id)))

    def _ticket(self, page: OrganizerPage) -> bytes:
        return _event(b"ticket", organizer_body(page, self.organizer))


def _event(name: bytes, body: msgspec.Struct) -> bytes:
    return b"event: %s\ndata: %s\n" % (name, msgspec.json.encode(body))


def _told(id: str, summary: str, shows: str) -> Told:
    answers = {200: Answered(shows, media=(MEDIA,), headers=("Cache-Control",))}
    return operation("pages", id, summary, answers, "too_many_requests", about=_ABOUT, streamed=True)
