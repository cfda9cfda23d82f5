"""What payment has told, heard by itself: a store that was put back to an older state has it again."""

from __future__ import annotations

from typing import Final

from attrs import frozen

from myticket_core.messages import Cause, command
from myticket_core.payment.events import PaymentApproved, PaymentCanceled, RefundFailed
from myticket_core.payment.model import Payment, PaymentId, Refund, RefundStatus, Status
from myticket_core.payment.ports import PaymentBook
from myticket_core.values import moment

CHARGED: Final = "not-known-any-more"
"""What its provider calls the charge is told to nobody: it is found by the key of the booking."""


@command
class RecoverPayment:
    said: PaymentApproved | PaymentCanceled | RefundFailed

    def told(self, cause: Cause) -> Payment | None:
        """The payment, as far as events tell it; None: said by an original, which counts no versions."""
        said = self.said
        if not said.version or said.book_id is None or said.status is None or said.status not in [*Status]:
            return None
        assert cause.at is not None, "it was said at some time"
        return Payment(
            id=PaymentId(said.id),
            booking_id=said.book_id,
            price=said.price,
            ticket_id=said.ticket_id,
            company_id=said.company_id,
            customer_id=said.customer_id,
            starts=moment(getattr(said, "start_date", None)),
            ends=moment(getattr(said, "end_date", None)),
            status=Status(said.status),
            charge=CHARGED,
            reason=said.reason if isinstance(said, PaymentCanceled) else None,
            correlation_id=cause.correlation_id,
            created_at=cause.at,
            version=said.version,
            refund=self._refund(cause),
        )

    def _refund(self, cause: Cause) -> Refund | None:
        said = self.said
        if isinstance(said, PaymentCanceled):
            amount = said.price if said.refunded is None else said.refunded
            return Refund(amount=amount or 0, status=RefundStatus.SUCCEEDED, since=cause.at)
        if isinstance(said, RefundFailed):
            return Refund(amount=said.amount or 0, status=RefundStatus.FAILED, reason=said.reason, since=cause.at)
        return None


@frozen
class PaymentRecovery:
    """Nothing is decided and nobody is told, nor is the provider asked. What is known as well stays as it is."""

    payments: PaymentBook

    async def __call__(self, order: RecoverPayment, cause: Cause) -> None:
        told = order.told(cause)
        if told is not None:
            await self.payments.recover(told, order.said, cause)
