"""N3. Who was asked to pay later waits in line, and is told when payment takes bookings again."""

from __future__ import annotations

from datetime import timedelta

from attrs import define, frozen

from myticket_core.booking.model import Booking
from myticket_core.booking.ports import Bookings, Payments
from myticket_core.booking.sale import Sale
from myticket_core.messages import Cause, Decision, as_it_is
from myticket_core.ports import Clock, Ids, Together


@define
class PayingLine:
    """How many wait to pay, as this process knows: counted at times, and those who came since."""

    length: int = 0

    def joined(self, least: timedelta, pace: float, hold: timedelta) -> timedelta:
        """In how long the next one may try: after `least`, when those before them have, at that pace.

        While half of the hold is left, however long payment, or a proxy before it, says that one has to wait.
        """
        before, self.length = self.length, self.length + 1
        return min(least + timedelta(seconds=before / pace), hold / 2)


@frozen
class AdmitBuyers:
    """The longest waiting first, by the number of their booking, as many as payment takes.

    Safe to run anywhere at any time: a booking in line is told of once, then it is not in line any more.
    """

    bookings: Bookings
    payments: Payments
    line: PayingLine
    clock: Clock
    ids: Ids
    together: Together

    async def __call__(self) -> int:
        """One round; always 0, so that the next one is not at once: payment says how many a second."""
        room = self.payments.admits()
        first = await self.bookings.line(self.clock.now(), room) if room else ()
        await self.together([self._tell(booking) for booking in first])
        self.line.length = await self.bookings.in_line()
        return 0

    async def _tell(self, booking: Booking) -> None:
        cause = Cause(id=self.ids.new(), correlation_id=booking.correlation_id)
        await self.bookings.change(booking.id, as_it_is, cause, _invited)


def _invited(booking: Booking, sale: Sale) -> Decision[Booking]:
    """Not to pay for a ticket that was deleted since the line was looked at."""
    return (booking, ()) if sale.deleted else booking.due()
