"""N3. A buyer pays a held booking a little later."""

from __future__ import annotations

from attrs import evolve, field, frozen

from myticket_core.access import Scope
from myticket_core.booking.collect import Answer, CollectPayment, withdrawn
from myticket_core.booking.model import Booking, BookingId, Status
from myticket_core.booking.ports import Bookings
from myticket_core.messages import Cause, Decision, command
from myticket_core.values import text


@command
class Resume:
    """`method`: another way to pay; None: as was said before."""

    id: BookingId
    method: str | None = field(default=None, validator=text(100))


@frozen
class ResumePayment:
    """Asks again for a booking that still waits for its money; of any other it tells what it has become.

    However often it is asked the booking is charged once, and never for a deleted ticket: then it is over. Once per
    idempotency key: a repeat asks again for what is still due, in the way to pay that was said before. Raises NotFound,
    also for who repeats what they asked for as somebody else; Rejected("key_reused").
    """

    bookings: Bookings
    collect: CollectPayment

    async def __call__(self, order: Resume, owner: Scope, cause: Cause) -> Answer:
        def decide(booking: Booking) -> Decision[Booking]:
            return paid_by(booking.owned(owner), order.method)

        asked = await self.bookings.change_once(order.id, decide, cause, withdrawn)
        answer = await self.collect(asked.state.owned(owner), cause)
        return evolve(answer, repeated=asked.repeated)


def paid_by(booking: Booking, method: str | None) -> Decision[Booking]:
    """The way to pay can change as long as the money is due."""
    if method is None or booking.status is not Status.PENDING:
        return booking, ()
    return evolve(booking, method=method), ()
