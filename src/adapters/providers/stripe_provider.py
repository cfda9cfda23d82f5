"""Stripe: a charge is a PaymentIntent, made without money first, remembered, and then confirmed.

An idempotency key of Stripe's is good for a day and its search is late by minutes, so neither tells for certain, at any
time, whether a key was charged. What does is the name of its one PaymentIntent, kept in our own store before it is
confirmed: an intent that is not remembered is never confirmed, and one that is remembered can be looked at for ever.
"""

from __future__ import annotations

from typing import Any, Final

import stripe

from adapters.providers.stripe_calls import KEY, StripeLine, client, harmless, moving, said, settling
from adapters.providers.stripe_refunds import StripeRefunds, failed, last, repaid
from myticket_core.errors import InDoubt, NotFound, Unavailable
from myticket_core.payment.ports import Charged, References, Refused, Repaid

NOTHING: Final = "nothing-to-pay"
ONCE: Final[Any] = {"max_network_retries": 0}


class StripeProvider:
    """`currency` as Stripe writes it; amounts are in its smallest unit there as here. `url` instead of Stripe's own."""

    def __init__(self, api_key: str, currency: str, references: References, url: str | None = None) -> None:
        self._line = StripeLine()
        calls = client(api_key, self._line, url)
        self._stripe, self._refunds = calls.v1, StripeRefunds(calls, references)
        self._currency, self._references = currency, references

    async def charge(self, key: str, amount: int, method: str | None) -> Charged | Refused:
        if amount == 0:
            return Charged(NOTHING)
        if method is None:
            return Refused("no payment method was named")
        try:
            intent = await self._intent(key, amount)
            return _outcome(intent) or await self._confirmed(intent.id, method)
        except (stripe.CardError, stripe.InvalidRequestError) as error:
            return Refused(said(error))

    async def find(self, key: str) -> Charged | Refused | None:
        return await settling(self._found(key), Unavailable)

    async def refund(self, key: str, amount: int, round: int) -> Repaid:
        return await settling(self._given_back(key, amount, round), InDoubt)

    async def find_refund(self, key: str) -> Repaid | None:
        refunds = await settling(self._refunds.of(key), Unavailable)
        return repaid(last(refunds)) if refunds else None

    async def close(self) -> None:
        await self._line.close_async()  # type: ignore[no-untyped-call]

    async def _found(self, key: str) -> Charged | Refused | None:
        reference = await self._references.of(key)
        return None if reference is None else _outcome(await self._retrieved(reference))

    async def _given_back(self, key: str, amount: int, round: int) -> Repaid:
        """However many ask, and in whichever round, one idempotency key is for the first refund, one for the second."""
        refunds = await self._refunds.of(key)
        number = sum(map(failed, refunds)) + 1
        if number <= len(refunds) or number > round:
            return repaid(last(refunds))
        return await self._refunds.make(await self._charged(key), key, amount, number)

    async def _intent(self, key: str, amount: int) -> stripe.PaymentIntent:
        """The one of the key, as it is now; made, and remembered, if there is none yet."""
        known = await self._references.of(key)
        if known is not None:
            return await self._retrieved(known)
        order: Any = {
            "amount": amount,
            "currency": self._currency,
            "metadata": {KEY: key},
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
        }
        made = await harmless(lambda: self._stripe.payment_intents.create_async(order))
        first = await self._references.remember(key, made.id)
        return made if first == made.id else await self._retrieved(first)

    async def _retrieved(self, reference: str) -> stripe.PaymentIntent:
        try:
            return await harmless(lambda: self._stripe.payment_intents.retrieve_async(reference))
        except stripe.InvalidRequestError as error:
            raise Unavailable(f"Stripe does not know its {reference}: {said(error)}") from error

    async def _confirmed(self, reference: str, method: str) -> Charged | Refused:
        """The one call that takes money."""
        how: Any = {"payment_method": method, "error_on_requires_action": True}
        options: Any = {**ONCE, "idempotency_key": f"{reference}-confirm-{method}"}
        try:
            intent = await moving(lambda: self._stripe.payment_intents.confirm_async(reference, how, options))
        except stripe.InvalidRequestError as error:
            if error.code != "payment_intent_unexpected_state":
                raise
            intent = await self._retrieved(reference)  # somebody else has just confirmed it
        outcome = _outcome(intent)
        if outcome is None:
            raise Unavailable(f"Stripe did not charge {reference}: it is {intent.status}")
        return outcome

    async def _charged(self, key: str) -> str:
        """Raises NotFound when nothing was charged."""
        reference = await self._references.of(key)
        if reference is None or not isinstance(await self._found(key), Charged):
            raise NotFound("charge", key)
        return reference


def _outcome(intent: stripe.PaymentIntent) -> Charged | Refused | None:
    """None: nobody has tried to charge it. Raises InDoubt: it is under way."""
    match intent.status:
        case "succeeded":
            return Charged(intent.id)
        case "processing" | "requires_capture":
            raise InDoubt(f"{intent.id} is {intent.status}")
        case "canceled":
            return Refused(f"canceled: {_said(intent, 'cancellation_reason') or 'no reason given'}")
    error = _said(intent, "last_payment_error")
    return None if error is None else Refused(" ".join((_said(error, "message") or "declined").split()))


def _said(about: Any, member: str) -> Any:
    """What Stripe leaves out is no attribute."""
    return getattr(about, member, None)
