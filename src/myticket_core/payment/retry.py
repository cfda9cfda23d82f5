"""An operator has a refund that was given up made after all."""

from __future__ import annotations

from attrs import frozen

from myticket_core.errors import NotFound
from myticket_core.messages import Cause, Decision, command
from myticket_core.payment.model import Payment, PaymentId
from myticket_core.payment.ports import PaymentBook


@command
class RetryRefund:
    booking_id: int


@frozen
class RefundRetrier:
    """The refund is due again. Raises NotFound; Rejected("not_failed") when it was not given up."""

    payments: PaymentBook

    async def __call__(self, order: RetryRefund, cause: Cause) -> Payment:
        def decide(payment: Payment | None, id: PaymentId) -> Decision[Payment]:
            if payment is None:
                raise NotFound("payment of book", order.booking_id)
            return payment.refund_retried()

        return await self.payments.change(order.booking_id, decide, cause)
