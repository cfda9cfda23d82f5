"""R5. Charging a booking: asked synchronously by booking."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from attrs import evolve, field, frozen

from myticket_core.errors import InDoubt, Rejected, Unavailable
from myticket_core.messages import Cause, Decision, Kept, command
from myticket_core.payment.model import Payment, PaymentId, Status
from myticket_core.payment.ports import Charged, Deadline, PaymentBook, PaymentProvider, Refused, Settle
from myticket_core.ports import Clock
from myticket_core.values import dated, text, whole

DOUBT = timedelta(minutes=5)
"""How long after it was sent a charge may still arrive at the provider: a minute, and as much again for each way
that a clock may have been stepped meanwhile, and some."""
NOTHING: Final = "nothing-to-pay"
"""The charge of what is free: no provider has one."""


@command
class Approve:
    """Charge `price` for the booking. `method` is the provider's name of the card or account. Raises Invalid."""

    booking_id: int = field(validator=whole(1))
    price: int = field(validator=whole())
    ticket_id: int | None = field(default=None, validator=whole(1, optional=True))
    company_id: int | None = field(default=None, validator=whole(1, optional=True))
    customer_id: int | None = field(default=None, validator=whole(1, optional=True))
    starts: datetime | None = field(default=None, validator=dated)
    ends: datetime | None = field(default=None, validator=dated)
    method: str | None = field(default=None, validator=text(100))

    def requested(self, id: PaymentId, now: datetime, cause: Cause) -> Payment:
        return Payment(
            id=id,
            booking_id=self.booking_id,
            price=self.price,
            ticket_id=self.ticket_id,
            company_id=self.company_id,
            customer_id=self.customer_id,
            starts=self.starts,
            ends=self.ends,
            method=self.method,
            status=Status.REQUESTED,
            correlation_id=cause.correlation_id,
            created_at=now,
        )

    def same_as(self, payment: Payment) -> Payment:
        """The payment, if it is what is asked for. Raises Rejected("another_payment")."""
        if payment.price in (None, self.price) and payment.may_be_of(self.customer_id, self.ticket_id):
            return payment
        detail = f"booking {self.booking_id} has a payment {payment.terms}"
        raise Rejected("another_payment", detail, price=payment.price)


@frozen
class Approval(Kept[Payment]):
    """`before`: what became of the payment was known before it was asked for now."""

    before: bool = False


@frozen
class ApprovePayment:
    """At most one charge per booking, however often and by however many it is asked for.

    The answer is the payment as it is then: APPROVED, DECLINED, VOID or canceled are facts; REQUESTED means the
    provider did not answer in time, or what it said could not be stored, and SettlePayments will find out. Once per
    idempotency key: a repeat asks the provider only for what is still REQUESTED. Raises Unavailable: this call
    charged nothing; Rejected("another_payment"): the booking has one of another price, customer or ticket;
    Rejected("key_reused").
    With a `deadline` the provider is given no longer than is left; what comes when nothing is left is not charged:
    Unavailable.
    """

    payments: PaymentBook
    provider: PaymentProvider
    clock: Clock

    async def __call__(self, order: Approve, cause: Cause, deadline: Deadline | None = None) -> Approval:
        _check(deadline)
        try:
            asked = await self._asked(order, cause)
        except InDoubt as unsure:
            raise Unavailable(f"nothing is charged before it is known to be stored: {unsure}") from unsure
        if asked.state.status is not Status.REQUESTED:
            return Approval(asked.state, asked.repeated, before=True)
        _check(deadline)
        return Approval(await self._charged(asked.state, cause, deadline), asked.repeated)

    async def _asked(self, order: Approve, cause: Cause) -> Kept[Payment]:
        """A repeat of what is still REQUESTED is sent again, so that it is in doubt again: as a change of its own."""
        ask = self._ask(order, cause)
        asked = await self.payments.change_once(order.booking_id, ask, cause)
        if asked.repeated and asked.state.status is Status.REQUESTED:
            return evolve(asked, state=await self.payments.change(order.booking_id, ask, cause))
        return asked

    async def _charged(self, payment: Payment, cause: Cause, deadline: Deadline | None) -> Payment:
        charge = self._charge(payment)
        try:
            outcome = await (deadline.bound(charge) if deadline else charge)
        except InDoubt:
            return payment
        try:
            return await self.payments.change(payment.booking_id, concluded(outcome, self.clock.now()), cause)
        except (Unavailable, InDoubt):  # it is charged, or refused, all the same
            return payment

    async def _charge(self, payment: Payment) -> Charged | Refused:
        """Of what is free there is nothing to ask a provider for, whatever was said of how to pay."""
        if not payment.price:
            return Charged(NOTHING)
        return await self.provider.charge(key_of(payment), payment.price, payment.method)

    def _ask(self, order: Approve, cause: Cause) -> Settle:
        now = self.clock.now()

        def decide(payment: Payment | None, id: PaymentId) -> Decision[Payment]:
            payment = order.same_as(payment) if payment else order.requested(id, now, cause)
            return payment.asked(order.method, now, now + DOUBT)

        return decide


def _check(deadline: Deadline | None) -> None:
    if deadline is not None and deadline.over():
        raise Unavailable("nobody waits for this charge any more: it was not made", retry_after=timedelta(seconds=1))


def key_of(payment: Payment) -> str:
    """The provider's idempotency key: one per booking, so that no booking is charged twice."""
    return f"booking-{payment.booking_id}"


def concluded(outcome: Charged | Refused | None, now: datetime) -> Settle:
    """The decision that stores what the provider answered, None: it knows of no charge; and when that was heard."""

    def decide(payment: Payment | None, id: PaymentId) -> Decision[Payment]:
        match outcome:
            case Charged(reference):
                return existing(payment).approved(reference, now)
            case Refused(reason):
                return existing(payment).declined(reason, now)
            case None:
                return existing(payment).undoubted(now)

    return decide


def existing(payment: Payment | None) -> Payment:
    """A charge is remembered before it is sent, and payments are never removed."""
    assert payment is not None
    return payment
