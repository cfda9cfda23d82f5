"""Pay heeds for how long it is waited for: what nobody waits for any more is certainly not charged."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from myticket_core.access import Role
from myticket_core.booking.ports import Approved, Unknown
from tests.services.rest_world import World
from tests.services.test_http_services import BOOKING, asking, token

HEADER = "X-Request-Timeout-Ms"


async def pay(world: World, milliseconds: str):
    body = {"bookId": 21, "price": 15000}
    return await world.ask("service", "POST", "/payments", body, headers={HEADER: milliseconds})


async def test_when_nothing_is_left_nothing_is_charged_or_stored():
    world = World()
    answer = await pay(world, "0")
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert (world.provider.amounts, world.dbs["pay"].payments) == ({}, {})
    assert (await pay(world, "5000")).status_code == 201


async def test_what_took_too_long_before_the_charge_is_not_charged():
    world = World()
    store, slow = world.approve.payments.change_once, asyncio.Event()

    async def late(*asked):
        kept = await store(*asked)
        await asyncio.sleep(0.35)
        slow.set()
        return kept

    world.payments.change_once = late
    answer = await pay(world, "300")
    assert slow.is_set()
    assert (answer.status_code, answer.json()["code"], world.provider.amounts) == (503, "unavailable", {})


async def test_the_provider_is_given_what_is_left_and_then_it_is_in_doubt():
    world = World()
    charge = world.provider.charge

    async def hung(*asked):
        await charge(*asked)
        await asyncio.Event().wait()

    world.provider.charge = hung
    answer = await pay(world, "50")
    assert (answer.status_code, answer.json()["code"]) == (504, "in_doubt")
    assert world.provider.amounts == {"booking-21": 15000}


@pytest.mark.parametrize("wrong", ["", "-1", "1.5", "soon", "1000000", "٣", "1, 2"])
async def test_a_wrong_one_is_named(wrong):
    world = World()
    answer = await pay(world, wrong.encode())
    assert (answer.status_code, answer.json()["member"]) == (400, HEADER)
    assert world.dbs["pay"].payments == {}


async def test_over_a_socket_pay_answers_in_time_when_its_provider_does_not():
    """The answer of one that knows it is too late is better than none: its connection is kept."""
    world = World()

    async def hung(*_):
        await asyncio.Event().wait()

    world.provider.charge = hung
    async with asking(world, token(world, Role.SERVICE), timedelta(seconds=1.5)) as payments:
        assert await payments.request(BOOKING) == Unknown()
        del world.provider.charge
        assert await payments.request(BOOKING) == Approved(1)
