"""A payment and its decisions. There is one per booking, whatever happens."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, Final, NewType

from attrs import evolve, frozen

from myticket_core.access import Scope
from myticket_core.errors import NotFound
from myticket_core.messages import Decision
from myticket_core.payment.events import PaymentApproved, PaymentCanceled
from myticket_core.values import millis

PaymentId = NewType("PaymentId", int)


class Status(StrEnum):
    REQUESTED = "REQUESTED"
    APPROVED = "APPROVED"
    DECLINED = "DECLINED"
    CANCELING = "CANCELING"  # the refund is due
    CANCELED = "CANCELED"
    VOID = "VOID"  # a tombstone: the booking is over, whatever approval comes later is refunded


class Step(StrEnum):
    APPROVE = "APPROVE"
    DECLINE = "DECLINE"
    CANCEL = "CANCEL"
    REFUND = "REFUND"


_S = Status
TABLE: Final[dict[tuple[Status, Step], Status]] = {
    (_S.REQUESTED, Step.APPROVE): _S.APPROVED,
    (_S.REQUESTED, Step.DECLINE): _S.DECLINED,
    (_S.REQUESTED, Step.CANCEL): _S.VOID,
    (_S.REQUESTED, Step.REFUND): _S.REQUESTED,
    (_S.APPROVED, Step.APPROVE): _S.APPROVED,
    (_S.APPROVED, Step.DECLINE): _S.APPROVED,
    (_S.APPROVED, Step.CANCEL): _S.CANCELING,
    (_S.APPROVED, Step.REFUND): _S.APPROVED,
    (_S.DECLINED, Step.APPROVE): _S.CANCELING,  # a charge we said had not been made is given back
    (_S.DECLINED, Step.DECLINE): _S.DECLINED,
    (_S.DECLINED, Step.CANCEL): _S.DECLINED,
    (_S.DECLINED, Step.REFUND): _S.DECLINED,
    (_S.CANCELING, Step.APPROVE): _S.CANCELING,
    (_S.CANCELING, Step.DECLINE): _S.CANCELING,
    (_S.CANCELING, Step.CANCEL): _S.CANCELING,
    (_S.CANCELING, Step.REFUND): _S.CANCELED,
    (_S.CANCELED, Step.APPROVE): _S.CANCELED,
    (_S.CANCELED, Step.DECLINE): _S.CANCELED,
    (_S.CANCELED, Step.CANCEL): _S.CANCELED,
    (_S.CANCELED, Step.REFUND): _S.CANCELED,
    (_S.VOID, Step.APPROVE): _S.CANCELING,
    (_S.VOID, Step.DECLINE): _S.VOID,
    (_S.VOID, Step.CANCEL): _S.VOID,
    (_S.VOID, Step.REFUND): _S.VOID,
}
"""Every status × step; the same status: nothing changes, nobody is told."""


@frozen(kw_only=True)
class Payment:
    """`price` is what is charged, once, under the key of the booking. `charge` is the provider's reference of it.

    `doubt_until`: a charge may be on its way at the provider until then; None: nothing is.
    """

    id: PaymentId
    booking_id: int
    price: int | None
    ticket_id: int | None = None
    company_id: int | None = None
    customer_id: int | None = None
    starts: datetime | None = None
    ends: datetime | None = None
    method: str | None = None
    status: Status
    charge: str | None = None
    reason: str | None = None
    correlation_id: str
    created_at: datetime
    asked_at: datetime | None = None
    doubt_until: datetime | None = None
    version: int = 0

    def asked(self, method: str | None, now: datetime, doubt_until: datetime) -> Decision[Payment]:
        """The provider is about to be asked (again): remembered first, so that a crash leaves no doubt unseen."""
        if self.status is not Status.REQUESTED:
            return self, ()
        return evolve(self, method=method or self.method, asked_at=now, doubt_until=doubt_until), ()

    def approved(self, charge: str) -> Decision[Payment]:
        """REQUESTED → APPROVED. What is over or void goes to CANCELING: the money is given back."""
        status = TABLE[self.status, Step.APPROVE]
        if status is self.status:
            return self, ()
        payment = evolve(self, status=status, charge=charge, doubt_until=None)
        if status is not Status.APPROVED:
            return payment, ()
        payment = evolve(payment, version=self.version + 1)
        return payment, (PaymentApproved(**_told(payment)),)

    def declined(self, reason: str) -> Decision[Payment]:
        """REQUESTED → DECLINED, for good: another attempt is another booking. In any status it ends the doubt."""
        status = TABLE[self.status, Step.DECLINE]
        if status is self.status:
            return evolve(self, doubt_until=None), ()
        return evolve(self, status=status, reason=reason, doubt_until=None), ()

    def canceled(self, reason: str, correlation_id: str | None = None) -> Decision[Payment]:
        """The booking is over: REQUESTED → VOID, APPROVED → CANCELING; the refund itself is settled later.

        `correlation_id`: the case it is canceled in, which the refund belongs to; None: the one it was asked for in.
        """
        status = TABLE[self.status, Step.CANCEL]
        if status is self.status:
            return self, ()
        return evolve(self, status=status, reason=reason, correlation_id=correlation_id or self.correlation_id), ()

    def refunded(self) -> Decision[Payment]:
        """CANCELING → CANCELED: the provider has given the money back, and the buyer hears of it."""
        status = TABLE[self.status, Step.REFUND]
        if status is self.status:
            return self, ()
        payment = evolve(self, status=status, version=self.version + 1)
        return payment, (PaymentCanceled(reason=payment.reason, **_told(payment)),)

    def undoubted(self, now: datetime) -> Decision[Payment]:
        """The provider knows of no charge and none can be on its way any more."""
        if self.doubt_until is None or now < self.doubt_until:
            return self, ()
        return evolve(self, doubt_until=None), ()

    def owned(self, owner: Scope) -> Payment:
        """Itself. Raises NotFound when it is somebody else's."""
        if not owner.covers(company_id=self.company_id, customer_id=self.customer_id):
            raise NotFound("payment", self.id)
        return self


def _told(payment: Payment) -> dict[str, Any]:
    return {
        "id": payment.id,
        "version": payment.version,
        "book_id": payment.booking_id,
        "ticket_id": payment.ticket_id,
        "price": payment.price,
        "company_id": payment.company_id,
        "customer_id": payment.customer_id,
        "start_date": millis(payment.starts),
        "end_date": millis(payment.ends),
        "status": payment.status.value,
    }
