"""R10. A canceled booking's payment is canceled: void when it was not paid, else the refund is due."""

from __future__ import annotations

from datetime import datetime

from attrs import frozen

from myticket_core.errors import Rejected
from myticket_core.messages import Cause, Decision, command
from myticket_core.payment.approve import DOUBT
from myticket_core.payment.model import Payment, PaymentId, Status
from myticket_core.payment.ports import PaymentBook
from myticket_core.ports import Clock
from myticket_core.values import moment


@command
class CancelPayment:
    """What is known of the booking comes along, so that a tombstone says whose it is.

    `payment_id`: book knows it to be paid. `refund` is what is to be given back of what was paid; None: all of it.
    """

    booking_id: int
    reason: str
    payment_id: int | None = None
    price: int | None = None
    ticket_id: int | None = None
    company_id: int | None = None
    customer_id: int | None = None
    start_date: int | None = None
    end_date: int | None = None
    refund: int | None = None

    def concerning(self, payment: Payment) -> Payment:
        """The payment, if it is that of this booking. Raises Rejected("another_booking"): it is somebody else's, whose
        booking had the same number in a store before this one.
        """
        if not payment.may_be_of(self.customer_id, self.ticket_id):
            detail = f"booking {self.booking_id} has a payment {payment.terms}, not of whose is canceled"
            raise Rejected("another_booking", detail)
        return payment

    def tombstone(self, id: PaymentId, now: datetime, cause: Cause) -> Payment:
        """Of what was paid, and is not known here, as in a store that was put back: the provider is to be asked."""
        lost = self.payment_id is not None and self.price != 0
        return Payment(
            id=id,
            booking_id=self.booking_id,
            price=self.price,
            ticket_id=self.ticket_id,
            company_id=self.company_id,
            customer_id=self.customer_id,
            starts=moment(self.start_date),
            ends=moment(self.end_date),
            status=Status.VOID,
            reason=self.reason,
            correlation_id=cause.correlation_id,
            created_at=now,
            asked_at=now if lost else None,
            doubt_until=now + DOUBT if lost else None,
        )


@frozen
class PaymentCanceler:
    """After this the booking's money is on its way back, or will be as soon as it should arrive.

    Raises Rejected("another_booking").
    """

    payments: PaymentBook
    clock: Clock

    async def __call__(self, order: CancelPayment, cause: Cause) -> Payment:
        now = self.clock.now()

        def decide(payment: Payment | None, id: PaymentId) -> Decision[Payment]:
            if payment is None:
                return order.tombstone(id, now, cause), ()
            return order.concerning(payment).canceled(order.reason, cause.correlation_id, order.refund, now)

        return await self.payments.change(order.booking_id, decide, cause)
