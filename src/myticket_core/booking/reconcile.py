"""Doubt about money: ask payment what became of PENDING bookings, and store what it knows."""

from __future__ import annotations

from datetime import timedelta

from attrs import field, frozen

from myticket_core.asking_again import AskAgain
from myticket_core.batches import each
from myticket_core.booking.collect import RARELY, settle
from myticket_core.booking.model import Booking, BookingId
from myticket_core.booking.ports import Bookings, Payments, Unknown
from myticket_core.messages import Cause
from myticket_core.ports import Clock, Ids, Together


@frozen
class ReconcilePayments:
    """Looks at bookings that have been PENDING for longer than `patience`; never charges anything itself.

    When it is certain that nothing was charged, the buyer waits in line to pay later, and `again` says when payment is
    asked once more.
    """

    bookings: Bookings
    payments: Payments
    clock: Clock
    ids: Ids
    together: Together
    patience: timedelta = timedelta(seconds=5)
    batch: int = 100
    again: AskAgain = field(factory=lambda: AskAgain(RARELY))

    async def __call__(self, after: BookingId = BookingId(0)) -> BookingId:
        """Settle one batch above `after`; where the next one begins, 0 when round.

        Raises Unavailable: call again. Raises Incomplete: go on, after a little where nothing was done; what failed
        has its turn again.
        """
        now = self.clock.now()
        pending = await self.bookings.pending(now - self.patience, after, self.batch)
        onward = pending[-1].id if len(pending) == self.batch else BookingId(0)
        await each([it for it in pending if self.again.due(it.id, now)], self._settle, self.together, onward)
        return onward

    async def _settle(self, booking: Booking) -> None:
        outcome, now = await self.payments.find(booking), self.clock.now()
        cause = Cause(id=self.ids.new(), correlation_id=booking.correlation_id)
        if outcome is None:
            self.again.unanswered(booking.id, now)
            if booking.unheard_of(now)[0] is not booking:
                await self.bookings.change(booking.id, lambda current: current.unheard_of(now), cause)
        elif not isinstance(outcome, Unknown):
            await settle(booking, outcome, self.bookings, cause)
