"""Every call we make of Stripe is one that Stripe has: its own mock checks path, members and their types."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import stripe

from adapters.memory import MemoryDatabase, MemoryReferences
from adapters.providers.stripe_provider import StripeProvider
from adapters.providers.stripe_refunds import Order
from adapters.system import RandomIds, SystemClock
from myticket_core.payment.ports import Refused


@pytest.fixture
async def provider(stripe_mock: str) -> AsyncIterator[StripeProvider]:
    references = MemoryReferences(MemoryDatabase(SystemClock(), RandomIds()))
    it = StripeProvider("sk_test_123", "krw", references, stripe_mock)
    yield it
    await it.close()


async def test_what_we_ask_for_is_what_stripe_has(provider: StripeProvider) -> None:
    """Its answers are examples and no story: an intent there has always failed before. None of our calls is refused."""
    intent = await provider._intent("booking-1", 1000)
    assert (intent.object, intent.amount) == ("payment_intent", 1000)
    assert await provider._references.of("booking-1") == intent.id
    assert isinstance(await provider._confirmed(intent.id, "pm_card_visa"), Refused)
    assert isinstance(await provider.find("booking-1"), Refused)
    order = Order(intent=intent, key="booking-1", amount=900, failed=0, known=0)
    refund = await provider._refunds._made(order)
    assert (refund.object, refund.amount) == ("refund", 900)
    assert await provider.find_refund("booking-1") is None, "its example is of no key"


async def test_what_stripe_does_not_have_is_refused_there(provider: StripeProvider) -> None:
    """Else the test before would show nothing."""
    for wrong in ({"amount": "much", "currency": "krw"}, {"amount": 1}, {"amount": 1, "currency": "krw", "seat": 1}):
        with pytest.raises(stripe.InvalidRequestError, match="validation"):
            await provider._stripe.payment_intents.create_async(wrong)  # type: ignore[arg-type]
    with pytest.raises(stripe.InvalidRequestError):
        await provider._stripe.refunds.create_async({"payment_intent": "pi_1", "amounts": 9})  # type: ignore[typeddict-unknown-key]
