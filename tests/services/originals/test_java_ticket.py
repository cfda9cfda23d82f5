"""Beside a Java ticket, which says nothing when a price changes: its terms are asked for with every booking."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from adapters.memory import InProcessCatalog
from myticket_core.booking.terms import Terms
from myticket_core.errors import NotFound, Unavailable
from tests.services.rest_world import World


class Java:
    """The one ticket of an original, 7."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.price: int | None = 15000
        self.failure: Exception | None = None
        self.asked = 0
        monkeypatch.setattr(InProcessCatalog, "terms", self.terms)

    async def terms(self, id: int) -> Terms:
        self.asked += 1
        if self.failure is not None:
            raise self.failure
        return Terms(company_id=None, price=self.price, capacity=None)


@pytest.fixture
def java(monkeypatch: pytest.MonkeyPatch) -> Java:
    return Java(monkeypatch)


async def _booked(world: World, **members: Any) -> tuple[int, Any]:
    answer = await world.ask("customer 1", "POST", "/books", {"ticketId": 7, **members})
    return answer.status_code, answer.json().get("price")


async def test_a_price_that_java_has_changed_is_the_price(java: Java) -> None:
    world = World()
    assert await _booked(world, price=15000) == (201, 15000)
    java.price = 20000
    assert await _booked(world, price=15000) == (409, 20000)
    assert await _booked(world, price=20000) == (201, 20000)
    assert await _booked(world) == (201, 20000)


async def test_a_java_ticket_that_is_away_is_sold_as_it_was_last(java: Java) -> None:
    world = World()
    java.failure = Unavailable("away", timedelta(seconds=1))
    assert (await _booked(world))[0] == 503
    java.failure = None
    assert await _booked(world) == (201, 15000)
    java.failure = Unavailable("away", timedelta(seconds=1))
    assert await _booked(world) == (201, 15000)


async def test_what_java_sells_no_more_or_for_no_price_is_not_sold(java: Java) -> None:
    world = World()
    assert await _booked(world) == (201, 15000)
    java.price = None
    assert (await _booked(world))[0] == 404
    java.price = 15000
    assert await _booked(world) == (201, 15000)
    java.failure = NotFound("ticket", 7)
    assert (await _booked(world))[0] == 404
    java.failure = Unavailable("away", timedelta(seconds=1))
    assert (await _booked(world))[0] == 503
    java.failure = None
    assert await _booked(world) == (201, 15000)


async def test_a_ticket_of_ours_is_not_asked_about_again(java: Java) -> None:
    world = World()
    assert await world.ticket(price=300) == 1
    await world.settle()
    answer = await world.ask("customer 1", "POST", "/books", {"ticketId": 1})
    assert (answer.json()["price"], java.asked) == (300, 0)
