"""Subscriptions by graphql-transport-ws: told as things change, to whose they are, as long as they are believed."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from adapters.graphql import PROTOCOL, Schema, sockets
from adapters.memory import MemoryBookings, MemoryPages, MemoryPaymentBook, MemorySales, MemoryTickets
from adapters.rest import Buckets, Limits
from adapters.rest.room import Places
from apps.places import SERVICES
from apps.sockets import Room, WithSockets
from myticket_core.access import Action, Role
from myticket_core.errors import Unavailable
from tests.services.graphql_world import GraphWorld, actions
from tests.services.rest_world import URL
from tests.until import until

BOOKING = "subscription($id: Long!) { booking(id: $id) { ... on Booking { status } ... on Problem { code } } }"
WATCHER = "subscriptions"
NESTED = """subscription { booking(id: 1) { ... on Booking {
    status payment { status } again: payment { status } ticket { sale { remaining } }
} } }"""
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
async def connected(
    world: GraphWorld, path: str = "/graphql", protocol: str = PROTOCOL, room: Room | None = None, **headers: str
) -> AsyncIterator[Socket]:
    socket, said = Socket(), [(name.encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "websocket", "path": path, "subprotocols": [protocol], "headers": said, "client": ("127.0.0.1", 1)}
    await socket.sent.put({"type": "websocket.connect"})
    app = WithSockets(world.app, world.graph, world.tokens, URL, room or Room())
    running = asyncio.create_task(app(scope, socket.sent.get, socket.got.put))
    if (await socket.got.get())["type"] == "websocket.close":
        await socket.got.put({"type": "websocket.close"})
    yield socket
    await socket.sent.put({"type": "websocket.disconnect"})
    async with asyncio.timeout(10):
        await running


@asynccontextmanager
async def known(world: GraphWorld, who: str, room: Room | None = None) -> AsyncIterator[Socket]:
    async with connected(world, room=room) as socket:
        await socket.say("connection_init", payload=dict(world.token(who)))
        assert (await socket.hears())["type"] == "connection_ack"
        yield socket


async def booked() -> GraphWorld:
    world = GraphWorld()
    await world.ticket()
    await world.ask("customer 1", "POST", "/books", {"ticketId": 1})
    await world.settle()
    return world


async def test_a_booking_is_told_now_and_when_it_changes() -> None:
    world = await booked()
    async with known(world, "customer 1") as socket:
        await socket.subscribe(BOOKING)
        assert await socket.told() == {"status": "BOOKED"}
        await world.ask("customer 1", "DELETE", "/books/1")
        assert await socket.told() == {"status": "CANCELED"}


async def test_what_hangs_on_a_booking_is_told_as_it_is_then(monkeypatch: pytest.MonkeyPatch) -> None:
    reads = Counter[str]()
    for kind, name in ((MemoryPaymentBook, "of_bookings"), (MemoryTickets, "many"), (MemorySales, "many")):
        monkeypatch.setattr(kind, name, _counted(getattr(kind, name), reads, kind.__name__))
    world = GraphWorld()
    await world.ticket(capacity=5)
    world.provider.down = True
    await world.ask("customer 1", "POST", "/books", {"ticketId": 1})
    world.provider.down = False
    async with known(world, "customer 1") as socket:
        await socket.subscribe(NESTED)
        assert _hanging(await socket.told()) == ("PENDING", "REQUESTED", 4)
        await world.ask("customer 1", "POST", "/books/1/payment", {})
        assert _hanging(await socket.told()) == ("BOOKED", "APPROVED", 4)
        await world.ask("customer 1", "DELETE", "/books/1")
        assert _hanging(await socket.told()) == ("CANCELED", "APPROVED", 5)
    assert set(reads.values()) == {3}, "each once an event, however often it is selected"


def _hanging(told: Any) -> tuple[str, str, int]:
    assert told["payment"] == told["again"]
    return told["status"], told["payment"]["status"], told["ticket"]["sale"]["remaining"]


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


@pytest.mark.parametrize("late", [False, True])
async def test_a_page_of_what_one_has_just_done_is_followed_though_it_is_still_on_its_way(late: bool) -> None:
    world = GraphWorld()
    await world.ticket()
    position = (await world.ask("customer 1", "POST", "/books", {"ticketId": 1})).headers["X-Version"]
    page = f'(bookId: 1, minVersion: "{position}") {{ ... on BookingPage {{ caughtUp'
    async with known(world, "customer 1") as socket:
        await socket.subscribe(PAGE.replace("(bookId: 1) { __typename ... on BookingPage {", page))
        if late:
            assert await socket.told() == {"caughtUp": False, "status": None, "paymentStatus": None}
        await world.settle()
        seen = [await socket.told()]
        while seen[-1] != {"caughtUp": True, "status": "BOOKED", "paymentStatus": "APPROVED"}:
            seen.append(await socket.told())
        await world.ask("customer 1", "DELETE", "/books/1")
        await world.settle()
        assert (await socket.told())["caughtUp"]


async def test_what_no_position_can_be_is_said_by_name() -> None:
    async with known(await booked(), "customer 1") as socket:
        await socket.subscribe(
            'subscription { bookingPage(bookId: 1, minVersion: "5") { ... on InvalidInput { member } } }'
        )
        assert await socket.told() == {"member": "minVersion"}


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


async def test_what_is_completed_may_be_subscribed_to_again_at_once() -> None:
    """Under the same id, also by whoever has as many as they may."""
    world, ids = await booked(), [str(number) for number in range(sockets.MOST)]
    async with known(world, "customer 1") as socket:
        for id in ids:
            await socket.subscribe(BOOKING, id)
            await socket.told()
        for id in ids:
            await socket.say("complete", id=id)
            await socket.subscribe(BOOKING, id)
        assert sorted([(await socket.hears())["id"] for _ in ids]) == ids
        await world.ask("customer 1", "DELETE", "/books/1")
        assert sorted([(await socket.hears())["id"] for _ in ids]) == ids
        await socket.subscribe(BOOKING, "one more")
        assert await socket.hears() == 4429


async def test_what_is_completed_has_its_place_until_it_has_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    world, get, seen = await booked(), MemoryBookings.get, list[str]()

    async def clinging(*given: Any) -> Any:
        seen.append("begun")
        try:
            return await (get(*given) if "ended" in seen else asyncio.Event().wait())
        finally:
            for _ in range(50):
                await asyncio.sleep(0)
            seen.append("ended")

    monkeypatch.setattr(MemoryBookings, "get", clinging)
    async with known(world, "customer 1") as socket:
        await socket.subscribe(BOOKING)
        await until(lambda: bool(seen))
        await socket.say("complete", id="a")
        await socket.subscribe(BOOKING)
        assert await socket.told() == {"status": "BOOKED"}
    assert seen[:3] == ["begun", "ended", "begun"]


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
        for number in range(10):
            await socket.subscribe(BOOKING, str(number), booking=2)
        while isinstance(heard := await socket.hears(), dict):
            pass
        assert heard == 4429


async def test_nothing_is_told_any_more_when_the_token_has_ended_though_nothing_changes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sockets, "AGAIN", 0.01)
    world = await booked()
    token = world.issuer.token(Role.CUSTOMER, customer_id=1, lifetime=timedelta(minutes=1))
    async with connected(world) as socket:
        await socket.say("connection_init", payload={"Authorization": f"Bearer {token}"})
        assert (await socket.hears())["type"] == "connection_ack"
        await socket.subscribe(BOOKING)
        await socket.told()
        world.clock.time += timedelta(minutes=2)
        assert await socket.hears() == 4403


async def test_a_connection_ends_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "LONGEST", 0.1)
    async with known(await booked(), "customer 1") as socket:
        await socket.subscribe(PAGE)
        await socket.told()
        assert await socket.hears() == 1012


async def test_nobody_has_more_connections_than_they_may_and_who_leaves_makes_room() -> None:
    world, room = await booked(), Room(connections=Places("connections", in_all=2, each=1))
    for _ in range(2):
        async with known(world, "customer 1", room), connected(world, room=room) as second:
            await second.say("connection_init", payload=dict(world.token("customer 1")))
            assert await second.hears() == 4429
            async with known(world, "customer 2", room), connected(world, room=room) as fourth:
                await fourth.say("connection_init", payload=dict(world.token("customer 3")))
                assert await fourth.hears() == 1013
    async with known(world, "admin", room), known(world, "admin", room):
        pass  # who may be everybody is limited in all only


async def test_who_says_nothing_takes_no_place_from_others() -> None:
    world, room = await booked(), Room(Places("newcomers", in_all=2, each=2), Places("connections", in_all=2, each=1))
    silent, one, two = connected(world, room=room), known(world, "customer 1", room), known(world, "customer 2", room)
    async with silent, one, two, connected(world, room=room), connected(world, room=room) as third:
        assert await third.hears() == "refused"
    async with known(world, "customer 1", room), known(world, "customer 2", room):
        pass  # they have gone, and left nothing taken


async def test_an_address_has_only_so_many_connections_that_say_nothing() -> None:
    world, room = await booked(), Room(Places("newcomers", in_all=9, each=1))
    async with connected(world, room=room), connected(world, room=room) as second:
        assert await second.hears() == "refused"
    async with known(world, "customer 1", room), known(world, "customer 2", room):
        pass  # who has said who they are does not count


async def test_nobody_has_more_subscriptions_than_they_may_however_many_connections() -> None:
    world, room = await booked(), Room(subscriptions=Places("subscriptions", in_all=4, each=2))
    async with known(world, "customer 1", room) as first, known(world, "customer 1", room) as second:
        for socket in (first, second):
            await socket.subscribe(BOOKING)
            await socket.told()
        await second.subscribe(BOOKING, "b")
        assert await second.hears() == 4429
        async with known(world, "admin", room) as third:
            for id in ("a", "b", "c"):
                await third.subscribe(BOOKING, id)
                await third.told()
            await third.subscribe(BOOKING, "d")
            assert await third.hears() == 1013


@pytest.mark.parametrize("query, store, one", [(BOOKING, MemoryBookings, "get"), (PAGE, MemoryPages, "booking")])
async def test_what_many_listen_to_is_looked_at_once_for_all(
    monkeypatch: pytest.MonkeyPatch, query: str, store: type, one: str
) -> None:
    """However short a read may wait for what one has just done; and nobody looks when nobody listens."""
    asked = Counter[str]()
    for name in (one, "many"):
        monkeypatch.setattr(store, name, _counted(getattr(store, name), asked, name))
    world = await booked()
    world.bells.patience = timedelta(0)
    asked.clear()
    async with known(world, "customer 1") as socket:
        for id in range(10):
            await socket.subscribe(query, str(id))
            await socket.told()
        began = asked["many"]
        await until(lambda: asked["many"] >= began + 5, pause=0.001)
        assert WATCHER in {it.get_name() for it in asyncio.all_tasks()}
        assert asked[one] <= 20, "each once, and once more when it was looked at first"
    await until(lambda: WATCHER not in {it.get_name() for it in asyncio.all_tasks()}, within=10)


def _counted(of: Callable[..., Awaitable[Any]], asked: Counter[str], name: str) -> Callable[..., Awaitable[Any]]:
    async def counted(*given: Any) -> Any:
        asked[name] += 1
        return await of(*given)

    return counted


async def test_when_it_cannot_be_looked_it_is_said_and_when_the_store_is_away_it_is_waited(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    failures: list[Exception] = []
    many = MemoryBookings.many

    async def failing(*given: Any) -> Any:
        if failures:
            raise failures.pop(0)
        return await many(*given)

    monkeypatch.setattr(MemoryBookings, "many", failing)
    world = await booked()
    async with known(world, "customer 1") as socket:
        await socket.subscribe(BOOKING)
        await socket.told()
        failures += [Unavailable("away", timedelta(0)), RuntimeError("broken")]
        assert (await socket.told())["code"] == "unavailable"
        assert (await socket.hears())["type"] == "complete"
        await socket.subscribe(BOOKING)
        assert await socket.told() == {"status": "BOOKED"}
        await world.ask("customer 1", "DELETE", "/books/1")
        assert await socket.told() == {"status": "CANCELED"}


@pytest.mark.parametrize(
    "headers, refused",
    [
        ({}, False),
        ({"origin": URL}, False),
        ({"origin": URL.upper()}, False),
        ({"origin": "https://proxied.example:8443", "host": "proxied.example:8443"}, False),
        ({"origin": "http://other.example", "host": "proxied.example"}, True),
        ({"origin": "http://myticket.example.other.example"}, True),
        ({"origin": "http://myticket.example:81"}, True),
        ({"origin": "null", "host": ""}, True),
        ({"origin": ""}, True),
        ({"origin": "http://["}, True),
    ],
)
async def test_a_page_of_somebody_elses_cannot_connect(headers: dict[str, str], refused: bool) -> None:
    world = await booked()
    async with connected(world, **headers) as socket:
        await socket.say("connection_init", payload=dict(world.token("customer 1")))
        assert (await socket.hears() == "refused") is refused


@pytest.mark.parametrize("path, protocol", [("/other", PROTOCOL), ("/graphql", "graphql-ws")])
async def test_other_sockets_are_refused(path: str, protocol: str) -> None:
    async with connected(await booked(), path, protocol) as socket:
        assert await socket.hears() == "refused"


def test_every_subscription_names_its_action() -> None:
    for services in (SERVICES, ("book",), ("mypage",)):
        told = [action for kind, _, action in actions(Schema(services)) if kind == "Subscription"]
        assert told
        assert all(isinstance(action, Action) for action in told)
