"""A request takes so long and no longer; what was stored by then stays stored."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import attrs
import httpx
import pytest
import structlog

from adapters.rest import BookingApi, Limits, Patience, TicketApi, create_app
from myticket_core.booking.collect import CollectPayment
from myticket_core.booking.ports import Approved
from tests.services.graphql_world import GraphWorld
from tests.services.rest_world import URL, World
from tests.services.test_apps_connection import dripping, served
from tests.until import until

PATIENCE = 0.3


class Hanging:
    """Pay, which gets the question and does not answer until it may."""

    def __init__(self) -> None:
        self.may_answer, self.asked = asyncio.Event(), 0

    def shut(self) -> None:
        """It may be asked."""

    async def request(self, booking: Any) -> Approved:
        self.asked += 1
        await self.may_answer.wait()
        return Approved(payment_id=7)


def changed(world: World, kind: type, patience: float = PATIENCE, **parts: Any) -> None:
    """The world with another application, in which a part of one api is another one."""
    apis = [attrs.evolve(api, **parts) if isinstance(api, kind) else api for api in world.apis()]
    world.app = create_app(
        *apis,
        tokens=world.tokens,
        ids=world.ids,
        clock=world.clock,
        public_url=URL,
        limits=Limits(patience=Patience(patience)),
    )
    world.client = httpx.AsyncClient(transport=httpx.ASGITransport(world.app), base_url=URL)


async def test_what_only_looks_is_told_to_come_back() -> None:
    async def search(*_: object) -> None:
        await asyncio.Event().wait()

    world = World()
    changed(world, TicketApi, search=search)
    with structlog.testing.capture_logs(processors=[structlog.contextvars.merge_contextvars]) as logs:
        answer = await world.ask("customer 1", "GET", "/tickets", headers={"X-Correlation-Id": "c-1"})
    assert (answer.status_code, answer.json()["code"], answer.json()["correlationId"]) == (503, "unavailable", "c-1")
    assert (answer.headers["Retry-After"], answer.headers["X-Correlation-Id"]) == ("5", "c-1")
    assert (logs[0]["event"], logs[0]["correlation_id"], logs[0]["path"]) == ("request given up", "c-1", "/tickets")
    assert (await world.ask(None, "HEAD", "/tickets")).status_code == 503


async def test_what_may_have_happened_is_told_as_such_and_is_resumed_with_the_same_key() -> None:
    world, pay = World(), Hanging()
    await world.ticket(capacity=1)
    collect = CollectPayment(world.bookings, pay, world.clock)  # type: ignore[arg-type]
    book = next(api.book for api in world.apis() if isinstance(api, BookingApi))
    changed(world, BookingApi, book=attrs.evolve(book, collect=collect))
    key = {"Idempotency-Key": "k", "X-Correlation-Id": "c-2"}
    began = time.monotonic()
    answer = await world.ask("customer 1", "POST", "/books", {"ticketId": 1}, headers=key)
    assert PATIENCE * 0.9 <= time.monotonic() - began < 5
    assert (answer.status_code, answer.json()["code"], answer.json()["correlationId"]) == (504, "in_doubt", "c-2")
    assert [it.status for it in world.dbs["book"].bookings.values()] == ["PENDING"]
    pay.may_answer.set()
    again = await world.ask("customer 1", "POST", "/books", {"ticketId": 1}, headers=key)
    assert (again.status_code, again.json()["status"], pay.asked) == (201, "BOOKED", 2)


async def test_what_a_server_that_ends_waits_for_no_longer_is_told_in_the_same_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("apps.server.FINISH", PATIENCE)
    world, pay = World(), Hanging()
    await world.ticket(capacity=1)
    collect = CollectPayment(world.bookings, pay, world.clock)  # type: ignore[arg-type]
    book = next(api.book for api in world.apis() if isinstance(api, BookingApi))
    changed(world, BookingApi, patience=60, book=attrs.evolve(book, collect=collect))
    async with served(world.app) as (address, server):
        client = httpx.AsyncClient(base_url=f"http://{address[0]}:{address[1]}")
        asking = asyncio.create_task(
            client.post("/books", json={"ticketId": 1}, headers=world.token("customer 1"), timeout=10)
        )
        await until(lambda: pay.asked)
        server.end()
        answer = await asking
    await client.aclose()
    assert (answer.status_code, answer.json()["code"]) == (504, "in_doubt")
    assert [it.status for it in world.dbs["book"].bookings.values()] == ["PENDING"]


@pytest.mark.parametrize("path", ["/tickets", "/graphql", "/webhooks/stripe"])
async def test_a_body_that_comes_drop_by_drop_is_408_and_nothing_is_stored(path: str) -> None:
    world = GraphWorld(limits=Limits(patience=Patience(PATIENCE)))
    token = world.token("organizer 1")["Authorization"]
    head = f"POST {path} HTTP/1.1\r\nHost: here\r\nAuthorization: {token}\r\nX-Correlation-Id: c-3\r\n"
    kind = "Content-Type: application/json\r\nContent-Length: 60000\r\n\r\n"
    async with served(world.app, PATIENCE) as (address, _):
        answer, took = await dripping(address, (head + kind).encode(), b" ")
    first, _, body = answer.partition(b"\r\n\r\n")
    assert first.startswith(b"HTTP/1.1 408 ")
    assert b"connection: close" in first.lower()
    assert (json.loads(body)["code"], json.loads(body)["correlationId"]) == ("too_slow", "c-3")
    assert PATIENCE * 0.9 <= took < 5
    assert world.dbs["ticket"].tickets == {}


async def test_half_an_answer_is_not_followed_by_another() -> None:
    world = World()

    class Half:
        def __init__(self, *_: object) -> None: ...

        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await asyncio.Event().wait()

    async def search(*_: object) -> None:
        return None

    changed(world, TicketApi, search=search)
    world.app.asgi_handler = Half()
    sent = list[str]()

    async def send(message: Any) -> None:
        sent.append(message["type"])

    scope = {"type": "http", "method": "GET", "path": "/tickets", "headers": [], "query_string": b"", "client": None}
    with pytest.raises(TimeoutError):
        await world.app(scope, None, send)
    assert sent == ["http.response.start"]


async def test_many_at_once_are_given_up_each_in_its_time_and_no_other_is() -> None:
    patience, loop = Patience(0.5), asyncio.get_running_loop()

    async def one(number: int) -> float | str:
        await asyncio.sleep(number * 0.005)
        began = loop.time()
        try:
            await patience(asyncio.sleep(0.01 if number % 2 else 60))
        except TimeoutError:
            return loop.time() - began
        return "done"

    took = await asyncio.gather(*(one(number) for number in range(40)))
    assert took[1::2] == ["done"] * 20
    assert all(isinstance(it, float) and 0.49 < it < 5 for it in took[::2])
    assert patience._under_way == {}


async def test_who_is_canceled_by_somebody_else_stays_canceled() -> None:
    patience = Patience(60)
    task = asyncio.create_task(patience(asyncio.sleep(60)))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert patience._under_way == {}


async def test_after_it_was_given_up_the_task_goes_on() -> None:
    async def twice() -> str:
        patience = Patience(0.05)
        for _ in range(2):
            with pytest.raises(TimeoutError):
                await patience(asyncio.sleep(60))
        await asyncio.sleep(0)
        task = asyncio.current_task()
        assert task is not None
        assert task.cancelling() == 0
        return "went on"

    assert await asyncio.create_task(twice()) == "went on"
