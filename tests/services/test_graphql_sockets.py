"""Subscriptions by graphql-transport-ws: told as things change, to whose they are, as long as they are believed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from adapters.graphql import PROTOCOL, SERVICES, Schema, sockets
from adapters.rest import Buckets, Limits
from apps.sockets import WithSockets
from myticket_core.access import Action, Role
from tests.services.graphql_world import GraphWorld

BOOKING = "subscription($id: Long!) { booking(id: $id) { ... on Booking { status } ... on Problem { code } } }"
PAGE = "subscription { bookingPage(bookId: 1) { __typename ... on BookingPage { status paymentStatus } } }"


class Socket:
    """The client's side of a connection, without a network."""

    def __init__(self) -> None:
        self.sent: asyncio.Queue[Any] = asyncio.Queue()
        self.got: asyncio.Queue[Any] = asyncio.Queue()

    async def say(self, type: str, **more: Any) -> None:
        await self.text(json.dumps({"type": type, **more}))

    async def text(self, text: str) -> None:
        await self.sent.put({"type": "websocket.receive", "text": text})

    async def subscribe(self, query: str, at: str = "a", booking: int = 1) -> None:
        await self.say("subscribe", id=at, payload={"query": query, "variables": {"id": booking}})

    async def hears(self) -> Any:
        """The next message; the code of a close."""
        async with asyncio.timeout(10):
            event = await self.got.get()
        return json.loads(event["text"]) if event["type"] == "websocket.send" else event.get("code", "refused")

    async def told(self) -> Any:
        """The root field's value in the next result."""
        heard = await self.hears()
        assert heard["type"] == "next", heard
        (value,) = heard["payload"]["data"].values()
        return value


@asynccontextmanager
async def connected(world: GraphWorld, path: str = "/graphql", protocol: str = PROTOCOL) -> AsyncIterator[Socket]:
    socket = Socket()
    scope = {"type": "websocket", "path": path, "subprotocols": [protocol], "headers": [], "client": ("127.0.0.1", 1)}
    await socket.sent.put({"type": "websocket.connect"})
    running = asyncio.create_task(
        WithSockets(world.app, world.graph, world.tokens)(scope, socket.sent.get, socket.got.put)
    )
    if (await socket.got.get())["type"] == "websocket.close":
        await socket.got.put({"type": "websocket.close"})
    yield socket
    await socket.sent.put({"type": "websocket.disconnect"})
    async with asyncio.timeout(10):
        await running


@asynccontextmanager
async def known(world: GraphWorld, who: str) -> AsyncIterator[Socket]:
    async with connected(world) as socket:
        await socket.say("connection_init", payload=dict(world.token(who)))
        assert (await socket.hears())["type"] == "connection_ack"
        yield socket


async def booked() -> GraphWorld:
    world = GraphWorld()
    await world.ticket()
    await world.ask("customer 1", "POST", "/books", {"ticketId": 1})
    await world.settle()
    world.clock.sleep = _soon  # type: ignore[method-assign]
    return world


async def _soon(duration: timedelta) -> None:
    """A second of the clock that stands still."""
    assert duration == timedelta(seconds=1)
    await asyncio.sleep(0.001)


async def test_a_booking_is_told_now_and_when_it_changes() -> None:
    world = await booked()
    async with known(world, "customer 1") as socket:
        await socket.subscribe(BOOKING)
        assert await socket.told() == {"status": "BOOKED"}
        await world.ask("customer 1", "DELETE", "/books/1")
        assert await socket.told() == {"status": "CANCELED"}


async def test_a_page_is_told_when_it_follows() -> None:
    world = await booked()
    async with known(world, "customer 1") as socket:
        await socket.subscribe(PAGE)
        assert (await socket.told())["status"] == "BOOKED"
        await world.ask("customer 1", "DELETE", "/books/1")
        await world.settle()
        seen = [await socket.told()]
        while seen[-1]["paymentStatus"] != "CANCELED":
            seen.append(await socket.told())
        assert seen[-1]["status"] == "CANCELED"


@pytest.mark.parametrize(
    "who, code", [("customer 2", "not_found"), ("organizer 2", "not_found"), ("service", "forbidden")]
)
async def test_what_is_not_ones_own_is_not_told(who: str, code: str) -> None:
    world = await booked()
    async with known(world, who) as socket:
        await socket.subscribe(BOOKING)
        assert (await socket.told())["code"] == code
        assert await socket.hears() == {"type": "complete", "id": "a"}


@pytest.mark.parametrize("payload", [None, {}, {"Authorization": "Bearer x"}, {"Authorization": 1}, "x"])
async def test_who_does_not_say_who_they_are_is_sent_away(payload: Any) -> None:
    async with connected(await booked()) as socket:
        await socket.say("connection_init", payload=payload)
        assert await socket.hears() == 4403


async def test_who_says_nothing_is_sent_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "PATIENCE", 0.01)
    async with connected(await booked()) as socket:
        assert await socket.hears() == 4408


async def test_nothing_is_told_any_more_when_the_token_has_ended() -> None:
    world = await booked()
    token = world.issuer.token(Role.CUSTOMER, customer_id=1, lifetime=timedelta(minutes=1))
    async with connected(world) as socket:
        await socket.say("connection_init", payload={"Authorization": f"Bearer {token}"})
        assert (await socket.hears())["type"] == "connection_ack"
        await socket.subscribe(BOOKING)
        assert (await socket.told())["status"] == "BOOKED"
        world.clock.time += timedelta(minutes=2)
        await world.ask("customer 1", "DELETE", "/books/1")
        assert await socket.hears() == 4403


@pytest.mark.parametrize(
    "first, code",
    [("{", 4400), ("[]", 4400), ("{}", 4400), ('{"type": "ping"}', 4401), ('{"type": "subscribe", "id": "1"}', 4401)],
)
async def test_connection_init_comes_first(first: str, code: int) -> None:
    async with connected(await booked()) as socket:
        await socket.text(first)
        assert await socket.hears() == code


@pytest.mark.parametrize(
    "then, code",
    [
        ([{"type": "connection_init"}], 4429),
        ([{"type": "odd"}], 4400),
        ([{"type": "subscribe", "id": "a"}], 4400),
        ([{"type": "subscribe", "id": "a", "payload": {"query": PAGE}}] * 2, 4409),
        ([{"type": "subscribe", "id": str(n), "payload": {"query": PAGE}} for n in range(11)], 4429),
    ],
    ids=["init again", "odd", "nothing", "twice", "eleven"],
)
async def test_what_the_protocol_does_not_have_ends_it(then: list[Any], code: int) -> None:
    async with known(await booked(), "customer 1") as socket:
        for said in then:
            await socket.text(json.dumps(said))
        while isinstance(heard := await socket.hears(), dict):
            assert heard["type"] == "next"
        assert heard == code


async def test_what_is_completed_is_not_told_any_more() -> None:
    world = await booked()
    async with known(world, "customer 1") as socket:
        for id in ("a", "b"):
            await socket.subscribe(BOOKING, id)
            await socket.told()
        await socket.say("complete", id="a")
        await socket.say("ping")
        assert await socket.hears() == {"type": "pong"}
        await world.ask("customer 1", "DELETE", "/books/1")
        assert (await socket.hears())["id"] == "b"


@pytest.mark.parametrize(
    "query",
    ["{ tickets { __typename } }", "mutation { cancelBooking(id: 1) { __typename } }", "{", "subscription { nothing }"],
)
async def test_only_subscriptions_are_carried_out(query: str) -> None:
    world = await booked()
    async with known(world, "customer 1") as socket:
        await socket.say("subscribe", id="a", payload={"query": query})
        heard = await socket.hears()
        assert (heard["type"], heard["payload"][0]["extensions"]["code"]) == ("error", "invalid")
    assert (await world.post("customer 1", PAGE)).status_code == 400


async def test_who_asks_too_often_is_sent_away() -> None:
    world = await booked()
    world.app.limits = Limits(Buckets("principal", 1))
    async with connected(world) as socket:
        await socket.say("connection_init", payload=dict(world.token("customer 1")))
        await socket.hears()
        for number in range(10):
            await socket.subscribe(BOOKING, str(number), booking=2)
            heard = await socket.hears()
        while isinstance(heard, dict):
            heard = await socket.hears()
        assert heard == 4429


@pytest.mark.parametrize("path, protocol", [("/other", PROTOCOL), ("/graphql", "graphql-ws")])
async def test_other_sockets_are_refused(path: str, protocol: str) -> None:
    async with connected(await booked(), path, protocol) as socket:
        assert await socket.hears() == "refused"


def test_every_subscription_names_its_action() -> None:
    for services in (SERVICES, ("book",), ("mypage",)):
        told = [action for kind, _, action in Schema(services).actions() if kind == "Subscription"]
        assert told
        assert all(isinstance(action, Action) for action in told)
