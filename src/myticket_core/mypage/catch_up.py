"""R8. Who has done something sees it on their pages, though these come after it by events."""

from __future__ import annotations

from collections.abc import Callable

from attrs import frozen

from myticket_core.access import Scope
from myticket_core.errors import NotFound
from myticket_core.mypage.model import BookingPage, TicketPage
from myticket_core.mypage.ports import Bells, PageId, Pages, Projection
from myticket_core.position import Position


@frozen
class CatchUp:
    """Waits, but not for ever, until the pages have seen what is said at a position, whichever process projects it."""

    pages: Pages
    bells: Bells

    async def __call__(self, position: Position, owner: Scope) -> bool:
        """Whether they have. What is not yours has never been seen."""
        page = "ticket" if position.source == "ticket" else "booking", position.key
        with self.bells.listen(page) as wait:
            while not await self._seen(page, position, owner):
                if not await wait():
                    return False
        return True

    async def _seen(self, page: PageId, position: Position, owner: Scope) -> bool:
        try:
            seen = await self.pages.seen(page, owner)
        except NotFound:
            return False
        return seen.get(position.source, 0) >= position.version


@frozen
class RingingProjection:
    """A projection that rings the bell of each page it has changed."""

    projection: Projection
    bells: Bells

    async def change_booking(self, booking_id: int, decide: Callable[[BookingPage], BookingPage]) -> None:
        await self.projection.change_booking(booking_id, decide)
        self.bells.ring(("booking", booking_id))

    async def change_ticket(self, ticket_id: int, decide: Callable[[TicketPage], TicketPage]) -> None:
        await self.projection.change_ticket(ticket_id, decide)
        self.bells.ring(("ticket", ticket_id))
