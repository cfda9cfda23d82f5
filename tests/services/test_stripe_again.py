"""A refund that Stripe refused is refused again under its idempotency key for a day: another round makes it, once."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from adapters.providers.stripe_calls import KEY
from adapters.providers.stripe_provider import StripeProvider
from myticket_core.conformance.base import race
from myticket_core.payment.model import RefundStatus, Status
from myticket_core.payment.ports import GivenBack, NotGivenBack
from myticket_core.payment.retry import RefundRetrier, RetryRefund
from tests.services.stripe_alone import POST, SMALL, asked, charged, keys, provider, stub
from tests.services.stripe_stub import StripeStub
from tests.services.stripe_world import stripe_world

__all__ = ["charged", "provider", "stub"]


async def test_a_refund_that_was_refused_is_made_in_the_next_round(stub: StripeStub, charged: StripeProvider) -> None:
    stub.faults += [(POST, 400)]
    refused = await asked(charged, SMALL)
    assert isinstance(refused, NotGivenBack)
    assert await asked(charged, SMALL) == refused, "the same round is the same answer"
    assert await asked(charged, SMALL, 2) == GivenBack("re_2")
    assert await asked(charged, SMALL, 3) == GivenBack("re_2")
    assert stub.kept("pi_1") == 600


async def test_each_round_is_one_more_try(stub: StripeStub, charged: StripeProvider) -> None:
    stub.faults += [(POST, 400)] * 3
    for round in (1, 2, 2, 3, 3):
        assert isinstance(await asked(charged, SMALL, round), NotGivenBack)
        assert len(keys(stub)) == round
    assert isinstance(await asked(charged, SMALL, 4), GivenBack)
    assert stub.kept("pi_1") == 600


async def test_a_refusal_that_is_new_is_the_rounds_answer(stub: StripeStub, charged: StripeProvider) -> None:
    """Stripe has forgotten the first one, a day later."""
    stub.faults += [(POST, 400)] * 2
    await asked(charged, SMALL)
    stub.done.clear()
    assert isinstance(await asked(charged, SMALL, 2), NotGivenBack)
    assert (keys(stub), stub.asked.count(POST)) == (["pi_1-refund-1"], 2)


async def test_rounds_at_once_after_a_refusal_are_one_refund(stub: StripeStub, charged: StripeProvider) -> None:
    stub.faults += [(POST, 400)]
    await asked(charged, SMALL)
    stub.slow = 0.02  # so that all have looked before any has made it
    outcomes, _ = await race(charged.refund("k", SMALL, round) for round in (1, 2, 2, 3, 3, 4))
    given = {it for it in outcomes if isinstance(it, GivenBack)}
    assert (len(given), len(stub.refunds), stub.kept("pi_1")) == (1, 1, 600)


async def test_a_refusal_and_a_failure_at_the_bank_take_a_round_each(
    stub: StripeStub, provider: StripeProvider
) -> None:
    await provider.charge("k", 1000, "pm_refund_fails")
    stub.faults += [(POST, 400)]
    outcomes = [await asked(provider, SMALL, round) for round in (1, 2, 3, 4)]
    assert [type(it) for it in outcomes] == [NotGivenBack] * 2 + [GivenBack] * 2
    assert (len(stub.refunds), stub.kept("pi_1")) == (2, 600)


@pytest.mark.parametrize("refused", [False, True])
async def test_an_earlier_version_beside_comes_to_the_same_refund(
    stub: StripeStub, charged: StripeProvider, refused: bool
) -> None:
    """It has one key only, and has looked, too, before any is made."""
    stub.faults += [(POST, 400)] * refused
    if refused:
        await asked(charged, SMALL)
    order = {"payment_intent": "pi_1", "amount": SMALL, "metadata": {KEY: "k"}}
    earlier = charged._stripe.refunds.create_async(order, {"idempotency_key": "pi_1-refund-1"})  # type: ignore[arg-type]
    stub.slow = 0.02
    await asyncio.gather(*(charged.refund("k", SMALL, 2) for _ in range(4)), earlier, return_exceptions=True)
    assert (len(stub.refunds), stub.kept("pi_1")) == (1, 600)


async def test_an_operators_retry_helps_at_once(tmp_path: Path) -> None:
    """As when the account at Stripe had run dry, and was filled."""
    async with stripe_world(tmp_path) as world:
        await world.charge(5)
        world.stub.faults += [(POST, 400)]
        await world.cancel(5, SMALL)
        await world.pay.settle()()
        assert (await world.of(5)).refund.status is RefundStatus.FAILED  # type: ignore[union-attr]
        await RefundRetrier(world.pay.payments())(RetryRefund(booking_id=5), world.cause())
        await world.pay.settle()()
        assert ((await world.of(5)).status, world.stub.kept("pi_1")) == (Status.CANCELED, 600)
        assert await world.said() == ["PaymentApproved", "RefundFailed", "PaymentCanceled"]
