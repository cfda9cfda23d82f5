"""Payments to try adapters with."""

from __future__ import annotations

from datetime import timedelta

from attrs import evolve, frozen

from myticket_core.conformance.builders import NOW, cause
from myticket_core.messages import Decision
from myticket_core.payment.model import Payment, PaymentId, Refund, Status
from myticket_core.payment.ports import PaymentBook, Settle
from myticket_core.ports import Outbox

DOUBT = timedelta(minutes=1)


@frozen
class PaymentStore:
    """Both on one database."""

    payments: PaymentBook
    outbox: Outbox


def requested(booking_id: int, price: int = 15_000, customer_id: int = 1, method: str | None = None) -> Settle:
    """A payment of the booking, asked for at NOW and in doubt for a while; the one there is stays as it is."""

    def decide(payment: Payment | None, id: PaymentId) -> Decision[Payment]:
        new = Payment(
            id=id,
            booking_id=booking_id,
            price=price,
            ticket_id=booking_id + 100,
            company_id=1,
            customer_id=customer_id,
            starts=NOW,
            ends=NOW + timedelta(days=1),
            method=method,
            status=Status.REQUESTED,
            correlation_id=f"of-{booking_id}",
            created_at=NOW,
            asked_at=NOW,
            doubt_until=NOW + DOUBT,
        )
        return payment or new, ()

    return decide


def existing(payment: Payment | None) -> Payment:
    assert payment is not None, "there is a payment of this booking, and the adapter did not give it to the decision"
    return payment


def approved(payment: Payment | None, _: PaymentId) -> Decision[Payment]:
    return existing(payment).approved("charge-1", NOW)


def declined(payment: Payment | None, _: PaymentId) -> Decision[Payment]:
    return existing(payment).declined("no money", NOW)


def canceled(payment: Payment | None, _: PaymentId) -> Decision[Payment]:
    return existing(payment).canceled("changed my mind", "cancel", None, NOW)


def canceled_in_part(payment: Payment | None, _: PaymentId) -> Decision[Payment]:
    """Two thirds go back."""
    payment = existing(payment)
    return payment.canceled("changed my mind", "cancel", 2 * (payment.price or 0) // 3, NOW)


def due_refund(payment: Payment | None) -> Refund:
    refund = existing(payment).refund
    assert refund is not None, "the payment has a refund, and the adapter did not give it to the decision"
    return refund


def accepted(payment: Payment | None, _: PaymentId) -> Decision[Payment]:
    return existing(payment).refund_accepted("refund-1", due_refund(payment), NOW + timedelta(seconds=1))


def failed(payment: Payment | None, _: PaymentId) -> Decision[Payment]:
    return existing(payment).refund_failed("the account is closed", 1)


def retried(payment: Payment | None, _: PaymentId) -> Decision[Payment]:
    return existing(payment).refund_retried()


def refunded(payment: Payment | None, _: PaymentId) -> Decision[Payment]:
    return existing(payment).refunded("refund-1")


def asked_again(payment: Payment | None, _: PaymentId) -> Decision[Payment]:
    """A minute later than the last time, however often that happens."""
    payment = existing(payment)
    return evolve(payment, asked_at=(payment.asked_at or NOW) + timedelta(minutes=1)), ()


async def paid(store: PaymentStore, booking_id: int) -> Payment:
    """An approved payment."""
    await store.payments.change(booking_id, requested(booking_id), cause())
    return await store.payments.change(booking_id, approved, cause())
