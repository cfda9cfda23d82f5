"""Refunds at Stripe: those of a key are listed by its intent first, then one is made under an idempotency key.

Stripe repeats what it answered under a key, a refusal and a 500 too, and does nothing more for it. So there is a next
key, for when the last one is seen to be over in this way and came to nothing. Whoever asks, in whichever round and
version, begins with the first key: all come to the same refund.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import stripe
from attrs import evolve, frozen

from adapters.providers.stripe_calls import KEY, TRIES, harmless, moving, nth, said, said_again
from myticket_core.errors import InDoubt
from myticket_core.payment.ports import GivenBack, GivingBack, NotGivenBack, References, Repaid


@frozen(kw_only=True)
class Order:
    """`amount` of the intent's, after so many refunds that have `failed`; so many refusals are `known`, and no answer.

    `number` is that of its idempotency key.
    """

    intent: stripe.PaymentIntent
    key: str
    amount: int
    failed: int
    known: int
    number: int = 1


class StripeRefunds:
    def __init__(self, calls: stripe.StripeClient, references: References) -> None:
        self._stripe, self._references = calls.v1, references

    async def of(self, key: str) -> Sequence[stripe.Refund]:
        """Ours, of the key, the newest first; what people do in Stripe's dashboard is not."""
        reference = await self._references.of(key)
        if reference is None:
            return []
        which: Any = {"payment_intent": reference, "limit": 100}
        found = await harmless(lambda: self._stripe.refunds.list_async(which))
        return [it for it in found.data if it.metadata and KEY in it.metadata and it.metadata[KEY] == key]

    async def make(self, order: Order) -> Repaid:
        """Once, however many order it. Raises InDoubt, Unavailable."""
        try:
            return repaid(await moving(lambda: self._made(order)))
        except (stripe.CardError, stripe.InvalidRequestError) as error:
            if not order.known or not said_again(error):
                return NotGivenBack(said(error))
            order = evolve(order, known=order.known - 1)
        except InDoubt as doubt:
            if not said_again(doubt.__cause__) or not await self._without(order):
                raise
        return await self.make(evolve(order, number=order.number + 1))

    async def _made(self, order: Order) -> stripe.Refund:
        what: Any = {"payment_intent": order.intent.id, "amount": order.amount, "metadata": {KEY: order.key}}
        options: Any = {"idempotency_key": f"{nth(order.intent.id, order.number)}-refund-{order.failed + 1}"}
        return await self._stripe.refunds.create_async(what, options)

    async def _without(self, order: Order) -> bool:
        """Whether a 500 made none, and with another one, Stripe could not make good later what it failed at."""
        too_much = 2 * order.amount > order.intent.amount_received
        return too_much and order.number < TRIES and len(await self.of(order.key)) == order.failed


def last(refunds: Sequence[stripe.Refund]) -> stripe.Refund:
    """The one that is under way or made; the newest, if all have failed."""
    return min(refunds, key=failed)


def failed(refund: stripe.Refund) -> bool:
    return refund.status in ("failed", "canceled")


def repaid(refund: stripe.Refund) -> Repaid:
    if failed(refund):
        return NotGivenBack(getattr(refund, "failure_reason", None) or str(refund.status))
    return GivenBack(refund.id) if refund.status == "succeeded" else GivingBack(refund.id)
