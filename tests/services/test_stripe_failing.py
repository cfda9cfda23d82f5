"""What Stripe has failed at it fails at again under its idempotency key, for a day: what is done then, at most once."""

from __future__ import annotations

from contextlib import suppress
from unittest.mock import patch

import pytest

from adapters.providers.stripe_calls import KEY, TRIES
from adapters.providers.stripe_provider import StripeProvider
from myticket_core.errors import InDoubt
from myticket_core.payment.ports import Charged, GivenBack, NotGivenBack
from tests.services.stripe_alone import CARD, LARGE, POST, SMALL, asked, charged, keys, provider, stub
from tests.services.stripe_stub import StripeStub

__all__ = ["charged", "provider", "stub"]
CONFIRM = "POST payment_intents/pi_1/confirm"


async def test_a_failure_that_stripe_repeats_is_not_waited_for(stub: StripeStub, charged: StripeProvider) -> None:
    stub.faults += [(POST, 500)] * 2
    assert [await asked(charged, LARGE) for _ in range(2)] == [InDoubt] * 2, "one more key each time"
    assert len(keys(stub)) == 2
    given = await asked(charged, LARGE)
    assert isinstance(given, GivenBack)
    assert await charged.find_refund("k") == given
    assert (len(stub.refunds), stub.kept("pi_1")) == (1, 499)


async def test_a_refusal_after_a_failure_is_a_refusal(stub: StripeStub, charged: StripeProvider) -> None:
    stub.faults += [(POST, 500), (POST, 400)]
    outcomes = [await asked(charged, LARGE, round) for round in (1, 1, 1, 2)]
    assert [type(it) for it in outcomes[1:]] == [NotGivenBack, NotGivenBack, GivenBack]


async def test_a_small_part_is_waited_for_since_stripe_may_make_it_later(
    stub: StripeStub, charged: StripeProvider
) -> None:
    """Of what it has failed at it makes some good: two of that amount would not be too much."""
    stub.faults += [(POST, 500)]
    assert [await asked(charged, SMALL) for _ in range(3)] == [InDoubt] * 3
    assert keys(stub) == ["pi_1-refund-1"]
    stub._refund(stub.intents["pi_1"], {"amount": str(SMALL), f"metadata[{KEY}]": "k"})
    assert (await asked(charged, SMALL), stub.kept("pi_1")) == (GivenBack("re_2"), 600)


async def test_what_is_waited_for_is_made_when_stripe_has_forgotten_its_key(
    stub: StripeStub, charged: StripeProvider
) -> None:
    stub.faults += [(POST, 500)]
    assert await asked(charged, SMALL) is InDoubt
    stub.done.clear()
    assert (await asked(charged, SMALL), stub.kept("pi_1")) == (GivenBack("re_2"), 600)


async def test_what_failed_and_was_made_all_the_same_is_not_asked_for_again(
    stub: StripeStub, charged: StripeProvider
) -> None:
    """By one who had looked before it was made."""
    stub.faults += [(POST, "failed")]
    assert await asked(charged, LARGE) is InDoubt
    with patch.object(charged._refunds, "of", side_effect=[[], await charged._refunds.of("k")]):
        assert await asked(charged, LARGE) is InDoubt
    assert (await asked(charged, LARGE), keys(stub)) == (GivenBack("re_2"), ["pi_1-refund-1"])


async def test_where_stripe_fails_all_day_it_is_asked_a_few_times_only(
    stub: StripeStub, charged: StripeProvider
) -> None:
    stub.faults += [(POST, 500)] * 2 * TRIES
    for _ in range(TRIES + 2):
        assert await asked(charged, LARGE) is InDoubt
    assert len(keys(stub)) == TRIES


async def test_a_card_works_again_after_stripe_has_failed_at_it(stub: StripeStub, provider: StripeProvider) -> None:
    stub.faults += [(CONFIRM, 500)] * 2
    for _ in range(2):
        with pytest.raises(InDoubt):
            await provider.charge("k", 1000, CARD)
    assert await provider.charge("k", 1000, CARD) == Charged("pi_1")
    assert (stub.confirmed, await provider.charge("k", 1000, "pm_other")) == (["pi_1"], Charged("pi_1"))


async def test_a_card_that_stripe_always_fails_at_is_tried_a_few_times_only(
    stub: StripeStub, provider: StripeProvider
) -> None:
    stub.faults += [(CONFIRM, 500)] * 2 * TRIES
    for _ in range(TRIES + 2):
        with pytest.raises(InDoubt):
            await provider.charge("k", 1000, CARD)
    assert len(keys(stub, "confirm")) == TRIES


@pytest.mark.parametrize("method", [CARD, "pm_slow_bank"])
async def test_a_failure_that_charged_all_the_same_is_looked_at_and_not_confirmed_again(
    stub: StripeStub, provider: StripeProvider, method: str
) -> None:
    """By one who had looked before that."""
    stub.faults += [(CONFIRM, "failed")]
    with pytest.raises(InDoubt):
        await provider.charge("k", 1000, method)
    with suppress(InDoubt):  # the bank takes its time
        assert await provider._confirmed("pi_1", method) == Charged("pi_1")
    assert keys(stub, "confirm") == [f"pi_1-confirm-{method}"]
    assert stub.confirmed == ["pi_1"] * (method == CARD)
