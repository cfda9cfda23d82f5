"""Money that is not where it should be: refunds that are due, charges nobody heard the end of."""

from __future__ import annotations

from datetime import timedelta

from attrs import frozen

from myticket_core.errors import Incomplete
from myticket_core.messages import Cause
from myticket_core.payment.approve import concluded, existing, key_of
from myticket_core.payment.model import Payment, PaymentId, Status
from myticket_core.payment.ports import PaymentBook, PaymentProvider
from myticket_core.ports import Clock, Ids, Together


@frozen
class SettlePayments:
    """Safe to run anywhere at any time: the provider refunds a key once, and decisions look at the state as it is."""

    payments: PaymentBook
    provider: PaymentProvider
    clock: Clock
    ids: Ids
    together: Together
    patience: timedelta = timedelta(seconds=5)
    batch: int = 100

    async def __call__(self, after: PaymentId = PaymentId(0)) -> PaymentId:
        """Settle one batch above `after`; where the next one begins, 0 when round.

        Raises Unavailable: call again. Raises Incomplete: wait a little and go on; what failed has its turn again.
        """
        before = self.clock.now() - self.patience
        unsettled = await self.payments.unsettled(before, after, self.batch)
        onward = unsettled[-1].id if len(unsettled) == self.batch else PaymentId(0)
        try:
            await self.together([self._settle(payment) for payment in unsettled])
        except Exception as error:
            raise Incomplete(onward, error) from error
        return onward

    async def _settle(self, payment: Payment) -> None:
        cause = Cause(id=self.ids.new(), correlation_id=payment.correlation_id)
        if payment.status is Status.CANCELING:
            await self._refund(payment, cause)
        else:
            await self._find(payment, cause)

    async def _refund(self, payment: Payment, cause: Cause) -> None:
        await self.provider.refund(key_of(payment))
        await self.payments.change(payment.booking_id, lambda current, _: existing(current).refunded(), cause)

    async def _find(self, payment: Payment, cause: Cause) -> None:
        outcome = await self.provider.find(key_of(payment))
        if outcome is not None:
            await self.payments.change(payment.booking_id, concluded(outcome), cause)
            return
        now = self.clock.now()
        if payment.undoubted(now)[0] is not payment:
            await self.payments.change(payment.booking_id, lambda current, _: existing(current).undoubted(now), cause)
