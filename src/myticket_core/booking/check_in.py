"""At the door: whoever brings a booking that stands is let in, once; and who was."""

from __future__ import annotations

from attrs import evolve, frozen

from myticket_core.access import Scope
from myticket_core.booking.model import Booking, BookingId
from myticket_core.booking.ports import Bookings, Sales
from myticket_core.messages import Cause, Kept, command
from myticket_core.paging import Page, Paging
from myticket_core.ports import Clock


@command
class CheckIn:
    id: BookingId


@frozen
class CheckInGuests:
    """However many doors ask at once, one lets somebody in, and the others hear since when the booking is used.

    Who asks again with the same key is answered as before, as long as the booking stands. One's own tickets only;
    others are NotFound.
    """

    bookings: Bookings
    sales: Sales
    clock: Clock

    async def __call__(self, order: CheckIn, owner: Scope, cause: Cause) -> Kept[Booking]:
        """Raises NotFound, Rejected("not_booked" | "checked_in" | "key_reused")."""
        now = self.clock.now()
        kept = await self.bookings.change_once(order.id, lambda booking: booking.owned(owner).checked_in(now), cause)
        return evolve(kept, state=kept.state.owned(owner).standing())

    async def list(self, ticket_id: int, owner: Scope, paging: Paging) -> Page[Booking]:
        """The ticket's bookings that somebody was let in with."""
        (await self.sales.get(ticket_id)).owned(owner)
        return await self.bookings.checked_in(ticket_id, paging)
