"""The waiting list over HTTP, in a real system: a seat that is given back goes down the line until somebody pays."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from tests.e2e.system import System

pytestmark = pytest.mark.asyncio(loop_scope="module")
NEWCOMERS = 50
OFFER = 4
"""Seconds an offer stands: the first of the line lets it lapse."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def system(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[System]:
    async with System(tmp_path_factory.mktemp("waiting"), {"MYTICKET_OFFER_SECONDS": str(OFFER)}) as running:
        yield running


async def place(system: System, ticket: int, customer: int) -> dict[str, Any]:
    answer = await system.ask("GET", f"/sales/{ticket}/waiting", await system.customer(customer))
    assert answer.status == 200, answer
    found: dict[str, Any] = answer.body
    return found


async def becomes(system: System, ticket: int, customer: int, status: str) -> dict[str, Any]:
    async with asyncio.timeout(30):
        while True:
            found = await place(system, ticket, customer)
            if found["status"] == status:
                return found
            await asyncio.sleep(0.1)


async def told(system: System, customer: int, words: str) -> None:
    async with asyncio.timeout(30):
        while True:
            heard = (await system.ask("GET", "/notifications", await system.customer(customer))).body
            if any(words in it["message"] for it in heard["_embedded"]["notifications"]):
                return
            await asyncio.sleep(0.1)


async def test_a_seat_goes_down_the_line_until_somebody_pays_and_newcomers_get_none(system: System) -> None:
    ticket = await system.ticket(capacity=1)
    taken = (await system.ask("POST", "/books", await system.customer(9), {"ticketId": ticket})).body["id"]
    for position, customer in enumerate((1, 2, 3), start=1):
        joined = await system.ask("PUT", f"/sales/{ticket}/waiting", await system.customer(customer))
        assert (joined.status, joined.body["position"]) == (200, position)

    async def newcomer(number: int) -> str:
        """Tries until the line has its seat."""
        while True:
            token = await system.customer(100 + number)
            answer = await system.ask("POST", "/books", token, {"ticketId": ticket})
            assert (answer.status, answer.body.get("code")) == (409, "sold_out"), answer
            if (await place(system, ticket, 1))["status"] == "OFFERED":
                return str(answer.body["code"])

    rush = [asyncio.create_task(newcomer(number)) for number in range(NEWCOMERS)]
    canceled = await system.ask("DELETE", f"/books/{taken}", await system.customer(9))
    assert canceled.status == 204
    assert await asyncio.gather(*rush) == ["sold_out"] * NEWCOMERS
    first = await place(system, ticket, 1)
    await told(system, 1, f"you waited for is free: booking {first['bookId']}")
    assert [(await place(system, ticket, it)).get("position") for it in (2, 3)] == [1, 2]

    second = await becomes(system, ticket, 2, "OFFERED")
    assert (await place(system, ticket, 1))["status"] == "LAPSED"
    paid = await system.ask("POST", f"/books/{second['bookId']}/payment", await system.customer(2), {})
    assert (paid.status, paid.body["status"]) == (200, "BOOKED")
    assert (await place(system, ticket, 2))["status"] == "TAKEN"

    again = await system.ask("PUT", f"/sales/{ticket}/waiting", await system.customer(1))
    assert (again.body["position"], (await place(system, ticket, 3))["position"]) == (2, 1)
    sale = (await system.ask("GET", f"/sales/{ticket}")).body
    assert (sale["held"], sale["booked"], sale["waiting"], sale["remaining"]) == (0, 1, 2, 0)

    assert (await system.ask("DELETE", f"/tickets/{ticket}", await system.organizer())).status == 204
    for customer in (1, 3):
        await becomes(system, ticket, customer, "LAPSED")
        await told(system, customer, f"Ticket {ticket}, which you waited for, is not sold any more")
    _, audit = await system.at_rest()
    assert audit["compared"]["counts"]["waiting LAPSED"] == 2
    assert audit["compared"]["counts"]["waiting TAKEN"] == 1
