"""A card gets no answer, and the next one is declined: the first may be charged all the same, and then it goes back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from attrs import evolve

from myticket_core.payment.approve import DOUBT
from myticket_core.payment.model import Payment, Status
from tests.services.stripe_world import Later, StripeWorld, event, stripe_world


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[StripeWorld]:
    async with stripe_world(tmp_path) as it:
        yield it


async def declined(world: StripeWorld) -> Payment:
    """By the second card; what was said about the first has not reached Stripe yet."""
    world.stub.faults.append(("POST payment_intents/pi_1/confirm", "unsent"))
    assert (await world.charge(5)).status is Status.REQUESTED
    return await world.charge(5, "pm_declined")


def arrive(world: StripeWorld) -> None:
    """The confirm of the first card, late."""
    world.stub._confirm(world.stub.intents["pi_1"], {"payment_method": "pm_card_visa"})
    assert world.stub.kept("pi_1") == 1000


async def settled(world: StripeWorld, later: timedelta) -> Payment:
    settle = world.pay.settle()
    await evolve(settle, clock=Later(settle.clock, later))()
    return await world.of(5)


async def test_the_worker_goes_on_asking_until_none_can_come_and_gives_back_what_came(world: StripeWorld) -> None:
    payment = await declined(world)
    assert (payment.status, (await settled(world, DOUBT - timedelta(seconds=1))).status) == (Status.DECLINED,) * 2
    arrive(world)
    assert (await settled(world, DOUBT + timedelta(seconds=9))).status is Status.CANCELING
    assert ((await settled(world, DOUBT)).status, world.stub.kept("pi_1")) == (Status.CANCELED, 0)
    assert await world.said() == ["PaymentCanceled"]


async def test_where_none_came_the_doubt_is_over_in_the_end(world: StripeWorld) -> None:
    assert (await declined(world)).doubt_until is not None
    payment = await settled(world, DOUBT)
    assert (payment.status, payment.doubt_until, await world.said()) == (Status.DECLINED, None, [])


async def test_what_comes_after_that_goes_back_when_stripe_tells_of_it(world: StripeWorld) -> None:
    await declined(world)
    await settled(world, DOUBT)
    arrive(world)
    await world.say(event("evt_1", "payment_intent.succeeded", dict(world.stub.intents["pi_1"])))
    await world.pay.follow()()
    assert (await world.of(5)).status is Status.CANCELING
    assert ((await settled(world, DOUBT)).status, world.stub.kept("pi_1")) == (Status.CANCELED, 0)


async def test_a_card_that_was_declined_alone_leaves_no_doubt(world: StripeWorld) -> None:
    payment = await world.charge(5, "pm_declined")
    assert (payment.status, payment.doubt_until) == (Status.DECLINED, None)
