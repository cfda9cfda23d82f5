"""A payment and its decisions. There is one per booking, whatever happens."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, NewType

from attrs import evolve, field, frozen

from myticket_core.access import Scope
from myticket_core.errors import NotFound, Rejected
from myticket_core.messages import Decision
from myticket_core.payment.events import PaymentApproved, PaymentCanceled, RefundFailed
from myticket_core.payment.refund import Refund, RefundStatus
from myticket_core.payment.status import TABLE, Status, Step
from myticket_core.values import kept, millis

__all__ = ["TABLE", "Payment", "PaymentId", "Refund", "RefundStatus", "Status", "Step"]

PaymentId = NewType("PaymentId", int)


@frozen(kw_only=True)
class Payment:
    """`price` is what is charged, once, under the key of the booking. `charge` is the provider's reference of it.

    `doubt_until`: a charge may be on its way at the provider until then; None: nothing is. What is CANCELING or
    CANCELED has a refund, of at most the price.
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
    reason: str | None = field(default=None, converter=kept)
    correlation_id: str
    created_at: datetime
    asked_at: datetime | None = None
    doubt_until: datetime | None = None
    version: int = 0
    refund: Refund | None = None

    @property
    def asked_once(self) -> bool:
        """Whether the provider was: when the payment came to be, and never again."""
        return self.asked_at == self.created_at

    @property
    def in_doubt(self) -> bool:
        """Whether a charge may be on its way at the provider."""
        return self.doubt_until is not None

    @property
    def uncharged(self) -> bool:
        """Whether nothing that it was asked for has charged anything, or ever will; it may be asked for again."""
        return self.status is Status.REQUESTED and not self.in_doubt

    def may_be_of(self, customer_id: int | None, ticket_id: int | None) -> bool:
        """Whether it is for that buyer's booking of that ticket, as far as both are known."""
        said = ((customer_id, self.customer_id), (ticket_id, self.ticket_id))
        return all(None in (mine, theirs) or mine == theirs for mine, theirs in said)

    @property
    def terms(self) -> str:
        """For people, as far as they are known: of how much, by and for whom."""
        said = {"of": self.price, "by customer": self.customer_id, "for ticket": self.ticket_id}
        return " ".join(f"{word} {value}" for word, value in said.items() if value is not None)

    def asked(self, method: str | None, now: datetime, doubt_until: datetime) -> Decision[Payment]:
        """The provider is about to be asked (again): remembered first, so that a crash leaves no doubt unseen."""
        if self.status is not Status.REQUESTED:
            return self, ()
        again = self.asked_at is not None and now == self.created_at
        asked_at = now + timedelta.resolution if again else now
        return evolve(self, method=method or self.method, asked_at=asked_at, doubt_until=doubt_until), ()

    def approved(self, charge: str, now: datetime) -> Decision[Payment]:
        """REQUESTED → APPROVED. What is over or void goes to CANCELING: the money is given back."""
        status = TABLE[self.status, Step.APPROVE]
        if status is self.status:
            return self, ()
        payment = evolve(self, status=status, charge=charge, doubt_until=None)
        if status is not Status.APPROVED:
            return evolve(payment, refund=Refund(amount=self.price or 0, since=now)), ()
        payment = evolve(payment, version=self.version + 1)
        return payment, (PaymentApproved(**_told(payment)),)

    def declined(self, reason: str, now: datetime) -> Decision[Payment]:
        """REQUESTED → DECLINED, for good: another attempt is another booking. In any status it ends the doubt of what
        was asked for once; of several attempts another one may still be charged, until the time of doubt is over.
        """
        status = TABLE[self.status, Step.DECLINE]
        payment = evolve(self, doubt_until=None) if self.asked_once else self.undoubted(now)[0]
        return (payment if status is self.status else evolve(payment, status=status, reason=reason)), ()

    def canceled(self, reason: str, correlation_id: str, refund: int | None, now: datetime) -> Decision[Payment]:
        """The booking is over: REQUESTED → VOID, APPROVED → CANCELING; the refund itself is settled later, as that of
        what was DECLINED would be if it was charged all the same.

        `correlation_id`: the case it is canceled in, which the refund belongs to. `refund`: of the price; None: all.
        """
        status = TABLE[self.status, Step.CANCEL]
        if self.status is Status.DECLINED:
            return evolve(self, correlation_id=correlation_id), ()
        if status is self.status:
            return self, ()
        payment = evolve(self, status=status, reason=reason, correlation_id=correlation_id)
        if status is not Status.CANCELING:
            return payment, ()
        price = self.price or 0
        amount = price if refund is None else max(0, min(refund, price))
        return evolve(payment, refund=Refund(amount=amount, since=now)), ()

    def refunded(self, reference: str) -> Decision[Payment]:
        """CANCELING → CANCELED: the provider has given the money back, and the buyer hears of it."""
        status = TABLE[self.status, Step.REFUND]
        if status is self.status or self.refund is None:
            return self, ()
        refund = self.refund.succeeded(reference)
        payment = evolve(self, status=status, version=self.version + 1, refund=refund)
        return payment, (PaymentCanceled(reason=payment.reason, refunded=refund.amount, **_told(payment)),)

    def refund_accepted(self, reference: str, look: Refund, now: datetime) -> Decision[Payment]:
        """The provider had taken the refund on at that look; since then it may have said that it failed."""
        if self.refund is None or self.refund.round != look.round or self.refund.refused:
            return self, ()
        return self._with(self.refund.accepted(reference, look, now))

    def refund_failed(self, reason: str, round: int) -> Decision[Payment]:
        """The provider will not make the refund of that round."""
        if self.refund is None or self.refund.round != round:
            return self, ()
        return self._with(self.refund.failed(reason))

    def refund_missed(self, reason: str, look: Refund, now: datetime) -> Decision[Payment]:
        """The provider did not say, at that look, what became of the refund."""
        return self._with(self.refund and self.refund.missed(reason, look, now))

    def refund_retried(self) -> Decision[Payment]:
        """A refund that was given up is begun anew. Raises Rejected("not_failed")."""
        if self.refund is None or self.refund.status is not RefundStatus.FAILED:
            status = self.refund.status if self.refund else "not there"
            raise Rejected("not_failed", f"the refund of booking {self.booking_id} is {status}")
        return self._with(self.refund.retried())

    def _with(self, refund: Refund | None) -> Decision[Payment]:
        """One that has failed just now is told."""
        if refund is None or refund == self.refund:
            return self, ()
        if refund.status is not RefundStatus.FAILED:
            return evolve(self, refund=refund), ()
        payment = evolve(self, refund=refund, version=self.version + 1)
        told = {name: value for name, value in _told(payment).items() if name not in ("start_date", "end_date")}
        return payment, (RefundFailed(amount=refund.amount, reason=refund.reason, **told),)

    def undoubted(self, now: datetime) -> Decision[Payment]:
        """None can be on its way any more, and the provider knows of no charge."""
        if self.doubt_until is None or now < self.doubt_until:
            return self, ()
        return evolve(self, doubt_until=None), ()

    def recovered(self, told: Payment) -> Payment:
        """As `told`, if that had come further, and is of the same booking; else itself.

        Itself also when it ended unpaid and was told to be approved: that was before.
        """
        ended = self.status in (Status.DECLINED, Status.VOID) and told.status is Status.APPROVED
        if ended or told.version <= self.version or not self.may_be_of(told.customer_id, told.ticket_id):
            return self
        refund = self.refund.recovered(told.refund) if self.refund and told.refund else told.refund or self.refund
        known = evolve(self, status=told.status, refund=refund, version=told.version, doubt_until=None)
        return evolve(known, charge=self.charge or told.charge, reason=told.reason or self.reason)

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
