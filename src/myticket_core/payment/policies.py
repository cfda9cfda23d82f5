"""Whenever … then …: what payment does about what booking says."""

from __future__ import annotations

from typing import Final

from myticket_core.booking.events import BookCanceled
from myticket_core.payment.cancel import CancelPayment
from myticket_core.payment.events import PaymentApproved, PaymentCanceled, RefundFailed
from myticket_core.payment.recover import RecoverPayment
from myticket_core.reacting import Whenever


def _cancel(said: BookCanceled) -> CancelPayment:
    return CancelPayment(
        booking_id=said.id,
        reason=said.reason or "the booking was canceled",
        payment_id=said.payment_id,
        price=said.price,
        ticket_id=said.ticket_id,
        company_id=said.company_id,
        customer_id=said.customer_id,
        start_date=said.start_date,
        end_date=said.end_date,
        refund=said.refund,
    )


WHENEVER: Final[Whenever] = {BookCanceled: _cancel}

RECOVERED: Final[Whenever] = {
    kind: lambda said: RecoverPayment(said=said) for kind in (PaymentApproved, PaymentCanceled, RefundFailed)
}
"""What it has said itself, when all is heard again."""
