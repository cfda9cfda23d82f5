"""Money that is not where it should be: refunds that are due, charges nobody heard the end of."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from attrs import field, frozen

from myticket_core.asking_again import AskAgain
from myticket_core.batches import each
from myticket_core.errors import MyticketError, Unavailable
from myticket_core.messages import Cause, Decision
from myticket_core.payment.approve import concluded, existing, key_of
from myticket_core.payment.model import Payment, PaymentId, Status
from myticket_core.payment.ports import (
    Charged,
    GivenBack,
    GivingBack,
    NotGivenBack,
    PaymentBook,
    PaymentProvider,
    Repaid,
    Settle,
)
from myticket_core.payment.refund import Refund, RefundStatus
from myticket_core.ports import Clock, Ids, Together

NOW_AND_THEN: Final = timedelta(seconds=5)
"""Between two questions about a charge that the provider has not heard of yet: it may come for minutes."""


@frozen
class SettlePayment:
    """Asks the provider about one payment and stores what it says: the only way that is learned, whoever wants to know.

    Safe to run anywhere at any time, several at once too: the provider refunds a key once, and decisions look at the
    state as it is. Raises Unavailable, InDoubt, NotFound; a refund is put off then.
    """

    payments: PaymentBook
    provider: PaymentProvider
    clock: Clock
    ids: Ids
    again: AskAgain = field(factory=lambda: AskAgain(NOW_AND_THEN))

    async def __call__(self, payment: Payment) -> None:
        cause = Cause(id=self.ids.new(), correlation_id=payment.correlation_id)
        if payment.refund is None and payment.status is not Status.APPROVED:
            await self._find(payment, cause)
        elif payment.refund is not None and payment.refund.status is not RefundStatus.SUCCEEDED:
            await self._refund(payment, payment.refund, cause)

    async def _refund(self, payment: Payment, refund: Refund, cause: Cause) -> None:
        try:
            outcome = await self._repaid(key_of(payment), refund)
        except MyticketError as error:
            await self.payments.change(payment.booking_id, missed(str(error), refund, self.clock.now()), cause)
            raise
        await self.payments.change(payment.booking_id, repaid(outcome, refund, self.clock.now()), cause)

    async def _repaid(self, key: str, refund: Refund) -> Repaid:
        if refund.amount == 0:
            return GivenBack("")
        if refund.status is RefundStatus.REQUESTED:
            return await self.provider.refund(key, refund.amount, refund.round)
        found = await self.provider.find_refund(key)
        if found is None and refund.open:
            raise Unavailable(f"the provider knows of no refund of {key}")
        return found or NotGivenBack(refund.reason or "")  # nothing new about one that was given up

    async def _find(self, payment: Payment, cause: Cause) -> None:
        """Also where nothing is doubted (any more): money that is there all the same goes back."""
        outcome = await self.provider.find(key_of(payment))
        now = self.clock.now()
        conclude = concluded(outcome, now)
        if not isinstance(outcome, Charged):
            self.again.unanswered(payment.id, now)
        if conclude(payment, payment.id)[0] != payment:
            await self.payments.change(payment.booking_id, conclude, cause)


def repaid(outcome: Repaid, look: Refund, now: datetime) -> Settle:
    """The decision that stores what the provider said of the refund as it was at that look."""

    def decide(payment: Payment | None, id: PaymentId) -> Decision[Payment]:
        match outcome:
            case GivenBack(reference):
                return existing(payment).refunded(reference)
            case GivingBack(reference):
                return existing(payment).refund_accepted(reference, look, now)
            case NotGivenBack(reason):
                return existing(payment).refund_failed(reason, look.round)

    return decide


def missed(reason: str, look: Refund, now: datetime) -> Settle:
    return lambda payment, _: existing(payment).refund_missed(reason, look, now)


@frozen
class SettlePayments:
    """All that is due, in batches. What fails has its turn again."""

    payments: PaymentBook
    provider: PaymentProvider
    clock: Clock
    ids: Ids
    together: Together
    patience: timedelta = timedelta(seconds=5)
    batch: int = 100
    again: AskAgain = field(factory=lambda: AskAgain(NOW_AND_THEN))

    async def __call__(self, after: PaymentId = PaymentId(0)) -> PaymentId:
        """Settle one batch above `after`; where the next one begins, 0 when round.

        Raises Unavailable: call again. Raises Incomplete: go on, after a little where nothing was done; what failed
        has its turn again.
        """
        now = self.clock.now()
        settle = SettlePayment(self.payments, self.provider, self.clock, self.ids, self.again)
        unsettled = await self.payments.unsettled(now - self.patience, now, after, self.batch)
        onward = unsettled[-1].id if len(unsettled) == self.batch else PaymentId(0)
        await each([it for it in unsettled if self._due(it, now)], settle, self.together, onward)
        return onward

    def _due(self, payment: Payment, now: datetime) -> bool:
        """A refund says itself when it is."""
        return payment.refund is not None or self.again.due(payment.id, now)
