"""An Idempotency-Key where nothing new is made: paying a held booking, and charging one. (Else: books, tickets.)"""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from typing import Any

import httpx
import jwt
import pytest

from adapters.rest.openapi_common import KEY
from adapters.system import concurrently
from myticket_core.access import EVERYTHING, Role
from myticket_core.payment.settle import SettlePayments
from tests.services.rest_world import World

REPLAYED = "Idempotency-Replayed"


async def _held(*customers: str) -> World:
    """A world where each of them holds a booking that is not paid yet: 1, 2, …"""
    world = World()
    await world.ticket()
    world.provider.down = True
    for customer in customers:
        assert (await world.ask(customer, "POST", "/books", {"ticketId": 1})).status_code == 503
    world.provider.down = False
    return world


async def _pay(world: World, booking: int, key: str, who: str = "customer 1", **body: Any) -> httpx.Response:
    headers = {"Idempotency-Key": key}
    return await world.ask(who, "POST", f"/books/{booking}/payment", body, headers=headers)


async def _charge(world: World, key: str, who: str = "service", **body: Any) -> httpx.Response:
    order = {"bookId": 21, "price": 15000, **body}
    return await world.ask(who, "POST", "/payments", order, headers={"Idempotency-Key": key})


def _said(*answers: httpx.Response) -> list[tuple[int, str | None, str | None]]:
    """(status, code, whether it is a replay) of each."""
    return [(it.status_code, it.json().get("code"), it.headers.get(REPLAYED)) for it in answers]


async def test_a_hundred_payments_of_a_booking_with_one_key_are_one_charge_and_one_answer() -> None:
    world = await _held("customer 1")
    answers = await asyncio.gather(*(_pay(world, 1, "k") for _ in range(100)))
    assert len({(answer.status_code, answer.text, answer.headers["Location"]) for answer in answers}) == 1
    assert (answers[0].status_code, answers[0].json()["status"]) == (200, "BOOKED")
    assert sum(REPLAYED not in answer.headers for answer in answers) == 1
    assert world.provider.amounts == {"booking-1": 15000}


async def test_a_key_pays_one_booking_in_one_way() -> None:
    world = await _held("customer 1", "customer 1")
    first, again = await _pay(world, 1, "k"), await _pay(world, 1, "k")
    way, booking = await _pay(world, 1, "k", paymentMethod="declined"), await _pay(world, 2, "k")
    assert _said(first, again) == [(200, None, None), (200, None, "true")]
    assert _said(way, booking) == [(422, "key_reused", None)] * 2
    assert world.provider.amounts == {"booking-1": 15000}
    assert (await world.ask("customer 1", "GET", "/books/2")).json()["status"] == "PENDING"


async def test_a_repeat_as_somebody_else_tells_nothing_of_what_is_not_theirs() -> None:
    """Who is admin and customer, or works for two companies, is one to their issuer, and so are their keys."""
    world = await _held("customer 1")
    for path, asker, stranger in (
        ("/books/1/payment", _kim(world, "admin"), _kim(world, "customer", customer_id=2)),
        ("/books/1/checkin", _kim(world, "organizer", company_id=1), _kim(world, "organizer", company_id=2)),
    ):
        first, repeat, other = [
            await world.ask(None, "POST", path, headers={**who, "Idempotency-Key": "k"})
            for who in (asker, asker, stranger)
        ]
        assert _said(first, repeat, other) == [(200, None, None), (200, None, "true"), (404, "not_found", None)]


def _kim(world: World, role: str, **of: int) -> dict[str, str]:
    """One person in each of their roles."""
    claims: dict[str, Any] = jwt.decode(world.issuer.token(Role(role), **of), options={"verify_signature": False})
    kid = world.issuer.jwks()["keys"][0]["kid"]
    token = jwt.encode({**claims, "sub": "kim"}, world.issuer.key, "ES256", headers={"kid": kid})
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize("key", ["k", "my first", "!~", "k" * 200, "", "k" * 201])
async def test_a_key_is_taken_just_when_openapi_says_so(key: str) -> None:
    told: Any = KEY["schema"]
    fits = re.fullmatch(told["pattern"], key) and told["minLength"] <= len(key) <= told["maxLength"]
    answer = await _pay(await _held("customer 1"), 1, key)
    assert answer.status_code == (200 if fits else 400)


async def test_a_key_is_the_callers_own_and_the_operations() -> None:
    world = await _held("customer 1", "customer 2")
    stranger, mine, theirs = (
        await _pay(world, 1, "k", "customer 2"),
        await _pay(world, 1, "k"),
        await _pay(world, 2, "k", "customer 2"),
    )
    assert _said(stranger, mine, theirs) == [(404, "not_found", None), (200, None, None), (200, None, None)]
    headers = {"Idempotency-Key": "k"}
    placed = await world.ask("customer 1", "POST", "/books", {"ticketId": 1}, headers=headers)
    assert (placed.status_code, placed.json()["id"], placed.headers.get(REPLAYED)) == (201, 3, None)


async def test_a_repeat_asks_for_what_is_still_due_and_tells_what_is_over() -> None:
    world = await _held("customer 1")
    world.provider.down = True
    due = [await _pay(world, 1, "k") for _ in range(2)]
    world.provider.down = False
    paid = await _pay(world, 1, "k")
    await world.ask("customer 1", "DELETE", "/books/1")
    assert _said(*due, paid, await _pay(world, 1, "k")) == [
        (503, "pay_later", None),
        (503, "pay_later", "true"),
        (200, None, "true"),
        (410, "expired", "true"),
    ]


async def test_a_declined_payment_is_declined_for_its_key() -> None:
    world = await _held("customer 1")
    answers = [await _pay(world, 1, "k", paymentMethod="declined") for _ in range(2)]
    assert _said(*answers) == [(402, "payment_declined", None), (402, "payment_declined", "true")]


async def test_a_hundred_charges_with_one_key_are_one_charge_and_one_answer() -> None:
    world = World()
    answers = await asyncio.gather(*(_charge(world, "k") for _ in range(100)))
    assert len({(answer.status_code, answer.text, answer.headers["Location"]) for answer in answers}) == 1
    assert (answers[0].status_code, answers[0].json()["status"]) == (201, "APPROVED")
    assert sum(REPLAYED not in answer.headers for answer in answers) == 1
    assert world.provider.amounts == {"booking-21": 15000}


async def test_a_key_charges_one_booking_on_one_condition() -> None:
    world = World()
    first, price, booking = (
        await _charge(world, "k"),
        await _charge(world, "k", price=1),
        await _charge(world, "k", bookId=22),
    )
    assert _said(first, price, booking) == [(201, None, None), *[(422, "key_reused", None)] * 2]
    assert world.provider.amounts == {"booking-21": 15000}
    assert _said(await _charge(world, "k", "admin", bookId=22)) == [(201, None, None)], "it is the caller's own"


async def test_a_key_is_answered_alike_when_it_was_charged_before() -> None:
    world = World()
    await _charge(world, "another")
    assert _said(await _charge(world, "k"), await _charge(world, "k")) == [(201, None, None), (201, None, "true")]


async def test_what_charged_nothing_for_a_key_leaves_it_free() -> None:
    world = World()
    await _charge(world, "another")
    assert _said(await _charge(world, "k", price=1)) == [(409, "another_payment", None)]
    assert _said(await _charge(world, "k", bookId=22)) == [(201, None, None)]


async def test_a_charge_that_a_repeat_sends_again_is_in_doubt_again() -> None:
    world = World()
    assert _said(await _charge(world, "k", paymentMethod="late")) == [(504, "in_doubt", None)]
    world.clock.time += timedelta(hours=1)
    await SettlePayments(world.payments, world.provider, world.clock, world.ids, concurrently)()
    assert (await world.payments.of_booking(21, EVERYTHING)).doubt_until is None
    assert _said(await _charge(world, "k", paymentMethod="late")) == [(504, "in_doubt", "true")]
    doubt = (await world.payments.of_booking(21, EVERYTHING)).doubt_until
    assert doubt is not None, "it may be charged, and nobody would look for it"
    assert doubt > world.clock.now()
    world.provider.arrive()
    assert _said(await _charge(world, "k", paymentMethod="late")) == [(201, None, "true")]
