"""`myticket payments refund`: the way back for money whose booking is not there, or is over and was never told of."""

from __future__ import annotations

from collections.abc import Sequence

import click
from attrs import frozen

from adapters.persistence import SqlBookings, SqlPaymentBook
from adapters.system import RandomIds
from apps import places
from apps.command_stores import opened
from apps.failures import CannotRun
from apps.settings import Settings
from myticket_core.access import EVERYTHING
from myticket_core.booking.model import Booking, BookingId
from myticket_core.errors import MyticketError, NotFound, Rejected
from myticket_core.messages import Cause
from myticket_core.payment.cancel import CancelPayment, PaymentCanceler
from myticket_core.payment.model import Payment, Status
from myticket_core.ports import Clock


async def refund(settings: Settings, bookings: Sequence[int], reason: str) -> None:
    """Give back what these bookings have paid; pay does it as it runs. Raises CannotRun: some of it is not to be."""
    failed, stores = list[str](), places.stores(settings)
    async with (
        opened(settings, stores, "pay") as (pay, clock),
        opened(settings, stores, "book", read_only=True) as (book, _),
    ):
        one = Refunding(SqlPaymentBook(pay), SqlBookings(book), clock, reason)
        for id in bookings:
            try:
                await one(id)
            except MyticketError as error:
                failed.append(f"{id}: {error}")
    click.echo(f"{len(bookings) - len(failed)} on the way back; pay sees to it as it runs")
    if failed:
        raise CannotRun("\n".join(f"not given back, {line}" for line in failed))


@frozen
class Refunding:
    payments: SqlPaymentBook
    bookings: SqlBookings
    clock: Clock
    reason: str

    async def __call__(self, booking_id: int) -> None:
        """Raises NotFound: nobody asked for it; Rejected("live" | "nothing_paid")."""
        payment = _paid(await self.payments.of_booking(booking_id, EVERYTHING))
        booking = await self._booking(payment)
        if booking and booking.live:
            raise Rejected("live", f"book has it, {booking.status}: cancel the booking, and its payment goes back")
        order = CancelPayment(booking_id=booking_id, reason=self.reason, refund=booking.refund if booking else None)
        cause = Cause(id=RandomIds().new(), correlation_id=payment.correlation_id)
        await PaymentCanceler(self.payments, self.clock)(order, cause)

    async def _booking(self, payment: Payment) -> Booking | None:
        """Whose payment it is; None: lost, and its number nobody's or another one's by now."""
        try:
            booking = await self.bookings.get(BookingId(payment.booking_id), EVERYTHING)
        except NotFound:
            return None
        return booking if payment.may_be_of(booking.customer_id, booking.ticket_id) else None


def _paid(payment: Payment) -> Payment:
    """What is in doubt may have been."""
    if payment.status not in (Status.APPROVED, Status.REQUESTED):
        raise Rejected("nothing_paid", f"its payment is {payment.status}: nothing is there to be given back")
    return payment
