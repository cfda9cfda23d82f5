"""Refunds at Stripe: those of a key are listed by its intent, and made under an idempotency key of the intent's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import stripe

from adapters.providers.stripe_calls import KEY, harmless, moving, said
from myticket_core.payment.ports import GivenBack, GivingBack, NotGivenBack, References, Repaid


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

    async def make(self, reference: str, key: str, amount: int, number: int) -> Repaid:
        try:
            return repaid(await moving(lambda: self._made(reference, key, amount, number)))
        except (stripe.CardError, stripe.InvalidRequestError) as error:
            return NotGivenBack(said(error))

    async def _made(self, reference: str, key: str, amount: int, number: int) -> stripe.Refund:
        order: Any = {"payment_intent": reference, "amount": amount, "metadata": {KEY: key}}
        options: Any = {"idempotency_key": f"{reference}-refund-{number}"}
        return await self._stripe.refunds.create_async(order, options)


def last(refunds: Sequence[stripe.Refund]) -> stripe.Refund:
    """The one that is under way or made; the newest, if all have failed."""
    return min(refunds, key=failed)


def failed(refund: stripe.Refund) -> bool:
    return refund.status in ("failed", "canceled")


def repaid(refund: stripe.Refund) -> Repaid:
    if failed(refund):
        return NotGivenBack(getattr(refund, "failure_reason", None) or str(refund.status))
    return GivenBack(refund.id) if refund.status == "succeeded" else GivingBack(refund.id)
