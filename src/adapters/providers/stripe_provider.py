"""Stripe: a charge is a PaymentIntent, made without money first, remembered, and then confirmed.

An idempotency key of Stripe's is good for a day and its search is late by minutes, so neither tells for certain, at any
time, whether a key was charged. What does is the name of its one PaymentIntent, kept in our own store before it is
confirmed: an intent that is not remembered is never confirmed, and one that is remembered can be looked at for ever.
"""

from __future__ import annotations

from typing import Any, Final

import stripe

from adapters.providers.stripe_calls import (
    KEY,
    TRIES,
    StripeLine,
    client,
    harmless,
    moving,
    nth,
    said,
    said_again,
    settling,
)
from adapters.providers.stripe_refunds import Order, StripeRefunds, failed, last, repaid
from myticket_core.errors import InDoubt, NotFound, Unavailable
from myticket_core.payment.ports import Charged, References, Refused, Repaid

ONCE: Final[Any] = {"max_network_retries": 0}


class StripeProvider:
    """`currency` as Stripe writes it; amounts are in its smallest unit there as here. `url` instead of Stripe's own."""

    def __init__(self, api_key: str, currency: str, references: References, url: str | None = None) -> None:
        self._line = StripeLine()
        calls = client(api_key, self._line, url)
        self._stripe, self._refunds = calls.v1, StripeRefunds(calls, references)
        self._currency, self._references = currency, references

    async def charge(self, key: str, amount: int, method: str | None) -> Charged | Refused:
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
        """However many ask, and in whichever round: one refund, and the next one after it has failed."""
        refunds = await self._refunds.of(key)
        gone = sum(map(failed, refunds))
        if gone < len(refunds) or gone >= round:
            return repaid(last(refunds))
        intent = await self._charged(key)
        order = Order(intent=intent, key=key, amount=amount, failed=gone, known=round - gone - 1)
        return await self._refunds.make(order)

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

    async def _confirmed(self, reference: str, method: str, number: int = 1) -> Charged | Refused:
        """Once more, under the next key, where Stripe only says again that it failed, and the intent is not charged."""
        try:
            intent = await self._confirm(reference, method, number)
        except InDoubt as doubt:
            if number == TRIES or not said_again(doubt.__cause__):
                raise
            intent = await self._retrieved(reference)
            return _outcome(intent) or await self._confirmed(reference, method, number + 1)
        outcome = _outcome(intent)
        if outcome is None:
            raise Unavailable(f"Stripe did not charge {reference}: it is {intent.status}")
        return outcome

    async def _confirm(self, reference: str, method: str, number: int) -> stripe.PaymentIntent:
        """The one call that takes money, once: Stripe confirms no intent that is charged, or about to be."""
        how: Any = {"payment_method": method, "error_on_requires_action": True}
        options: Any = {**ONCE, "idempotency_key": f"{nth(reference, number)}-confirm-{method}"}
        try:
            return await moving(lambda: self._stripe.payment_intents.confirm_async(reference, how, options))
        except stripe.InvalidRequestError as error:
            if error.code != "payment_intent_unexpected_state":
                raise
            return await self._retrieved(reference)  # somebody else has just confirmed it

    async def _charged(self, key: str) -> stripe.PaymentIntent:
        """Raises NotFound when nothing was charged."""
        reference = await self._references.of(key)
        intent = None if reference is None else await self._retrieved(reference)
        if intent is None or not isinstance(_outcome(intent), Charged):
            raise NotFound("charge", key)
        return intent


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
