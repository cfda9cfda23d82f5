"""R5, N1. Asking for the money of a held booking, and what the answer makes of it. Shared by book and resume."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Final

from attrs import field, frozen

from myticket_core.asking_again import AskAgain
from myticket_core.booking.admit import PayingLine
from myticket_core.booking.campaign import REASON
from myticket_core.booking.model import Booking, Status
from myticket_core.booking.ports import Approved, Bookings, Declined, Outcome, Payments, Unknown, Void
from myticket_core.booking.sale import Sale
from myticket_core.errors import InDoubt, Rejected, Unavailable
from myticket_core.messages import Cause, Decision
from myticket_core.ports import Clock

RARELY: Final = timedelta(minutes=1)
"""Between two questions about a booking that payment has never heard of: thousands may wait for their turn to pay."""


@frozen
class Answer:
    """The booking as it is now; while it is PENDING, `pay_later` says in how long to pay, None: in doubt.

    `another`: its number has a payment on other terms, which are their payer's business; it cannot be paid, and holds
    its seat as long as any. `repeated`: an earlier call with the same idempotency key had placed it, or asked for its
    money.
    """

    booking: Booking
    pay_later: timedelta | None = None
    another: bool = False
    repeated: bool = False


@frozen
class CollectPayment:
    """Asks for the money if it is still to be asked for; no transaction is open while payment is waited for.

    When payment takes nothing now, the buyer waits in line. What is in doubt is asked about soon, says `again`.
    """

    bookings: Bookings
    payments: Payments
    clock: Clock
    line: PayingLine = field(factory=PayingLine)
    again: AskAgain = field(factory=lambda: AskAgain(RARELY))

    async def __call__(self, booking: Booking, cause: Cause) -> Answer:
        if booking.status is not Status.PENDING:
            return Answer(booking)
        try:
            outcome = await self.payments.request(booking)
        except Unavailable as later:
            return await self._put_off(booking, later.retry_after, cause)
        except Rejected:
            return Answer(booking, another=True)
        if isinstance(outcome, Unknown):
            self.again.soon(booking.id)
        return Answer(await self._settled(booking, outcome, cause))

    def later(self, booking: Booking, least: timedelta) -> Answer:
        """Of one in line."""
        hold = booking.expires_at - self.clock.now()
        return Answer(booking, pay_later=self.line.joined(least, self.payments.pace(), hold))

    async def _settled(self, booking: Booking, outcome: Outcome, cause: Cause) -> Booking:
        """What cannot be stored now has happened all the same: the buyer is told of doubt, and not of nothing."""
        try:
            return await settle(booking, outcome, self.bookings, cause)
        except (Unavailable, InDoubt):
            self.again.soon(booking.id)
            return booking

    async def _put_off(self, booking: Booking, least: timedelta, cause: Cause) -> Answer:
        """The seat is held, also where it cannot be stored that its buyer stands in line."""
        now = self.clock.now()
        until = now + min(least, (booking.expires_at - now) / 2)
        with suppress(Unavailable, InDoubt):
            booking = await self.bookings.change(booking.id, lambda it: it.put_off(until), cause, withdrawn)
        return self.later(booking, least)


def withdrawn(booking: Booking, sale: Sale) -> Decision[Booking]:
    """Nobody is charged for a deleted ticket: its hold ends as the campaign, paused or not, would end it.

    A deletion that is heard of only while payment is being asked finds the booking there, and has it given back whole.
    """
    if sale.deleted and booking.status is Status.PENDING:
        return booking.canceled(REASON)
    return booking, ()


async def settle(booking: Booking, outcome: Outcome | None, bookings: Bookings, cause: Cause) -> Booking:
    """Store what payment said; doubt changes nothing."""

    def decide(current: Booking) -> Decision[Booking]:
        match outcome:
            case Approved(payment_id):
                return current.confirmed(payment_id)
            case Declined(reason):
                return current.declined(reason)
            case Void():
                return current.expired()
            case _:
                return current, ()

    return await bookings.change(booking.id, decide, cause)
