"""Nobody holds a connection for ever, nor fills the memory through one; over real sockets."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from apps import server as serving
from apps.connection import LARGEST_HEAD, LARGEST_UNREAD
from apps.server import Server, listen
from tests.until import until

PATIENCE = 0.4
GET = b"GET /x HTTP/1.1\r\nHost: here\r\n"
POST = b"POST /x HTTP/1.1\r\nHost: here\r\nContent-Length: 1000000000\r\n\r\n"

Address = tuple[str, int]


class App:
    """Answers without looking at the body, or after it has read it all; `size` bytes."""

    def __init__(self, reads: bool = False, size: int = 2) -> None:
        self.reads, self.size, self.asked = reads, size, 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.asked += 1
        while self.reads and (await receive()).get("more_body"):
            pass
        length = str(self.size).encode()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", length)]})
        await send({"type": "http.response.body", "body": b"k" * self.size})


@asynccontextmanager
async def served(app: Any, patience: float = PATIENCE) -> AsyncIterator[tuple[Address, Server]]:
    listener, ready = listen("127.0.0.1", 0), asyncio.Event()
    server = Server(app, ready.set, lambda: None, patience)
    task = asyncio.create_task(server.serve([listener]))
    async with asyncio.timeout(20):
        await ready.wait()
        yield listener.getsockname()[:2], server
        server.end()
        await task


async def dripping(address: Address, first: bytes, drop: bytes, every: float = 0.02) -> tuple[bytes, float]:
    """What is answered to who sends a drop every few milliseconds until the connection is cut, and after how long."""
    reader, writer = await asyncio.open_connection(*address)
    began = time.monotonic()
    writer.write(first)

    async def drip() -> None:
        while True:
            await asyncio.sleep(every)
            writer.write(drop)

    task = asyncio.create_task(drip())
    try:
        return await rest(reader), time.monotonic() - began
    finally:
        task.cancel()
        writer.close()


async def rest(reader: asyncio.StreamReader) -> bytes:
    """Until it is closed, in whatever way."""
    found = b""
    try:
        while chunk := await reader.read(1 << 20):
            found += chunk
    except ConnectionResetError:
        pass
    return found


async def test_a_connection_on_which_nothing_is_asked_is_closed() -> None:
    async with served(App()) as (address, _):
        reader, writer = await asyncio.open_connection(*address)
        began = time.monotonic()
        assert await rest(reader) == b""
        assert time.monotonic() - began >= PATIENCE * 0.9
        writer.close()


@pytest.mark.parametrize("drop", [b"X", b"X-A: b\r\n"], ids=["a header without an end", "headers without an end"])
async def test_a_head_that_comes_drop_by_drop_is_408(drop: bytes) -> None:
    app = App()
    async with served(app) as (address, _):
        answer, took = await dripping(address, GET, drop)
    assert answer.startswith(b"HTTP/1.1 408 Request Timeout\r\n")
    assert (PATIENCE * 0.9 <= took < 5, app.asked) == (True, 0)


async def test_the_start_of_a_head_and_then_nothing_is_408() -> None:
    async with served(App()) as (address, _):
        reader, writer = await asyncio.open_connection(*address)
        writer.write(GET)
        assert (await rest(reader)).startswith(b"HTTP/1.1 408 ")
        writer.close()


@pytest.mark.parametrize(
    "head",
    [
        GET + b"X: " + b"a" * 10 * LARGEST_HEAD,
        GET + b"X: " + b"a" * LARGEST_HEAD + b"\r\n\r\n",
        GET + b"X-Some: thing\r\n" * (LARGEST_HEAD // 10) + b"\r\n",
        b"GET /" + b"a" * LARGEST_HEAD + b" HTTP/1.1\r\nHost: here\r\n\r\n",
    ],
    ids=["one, unfinished", "one", "many", "a path"],
)
@pytest.mark.parametrize("piece", [1000, 1 << 20])
async def test_a_head_that_is_too_large_is_431_however_it_comes(head: bytes, piece: int) -> None:
    app = App()
    async with served(app, 5) as (address, _):
        reader, writer = await asyncio.open_connection(*address)
        for start in range(0, len(head), piece):
            writer.write(head[start : start + piece])
            await asyncio.sleep(0)
        answer = await rest(reader)
        writer.close()
    assert answer.startswith(b"HTTP/1.1 431 ") or answer == b"", answer[:80]
    assert app.asked == 0
    if piece > 1000:
        assert answer, "what came at once is answered"


@pytest.mark.parametrize("piece", [1000, 1 << 20])
async def test_a_head_as_large_as_may_be_is_read(piece: int) -> None:
    head = GET + b"X: " + b"a" * (LARGEST_HEAD - 100) + b"\r\nConnection: close\r\n\r\n"
    async with served(App()) as (address, _):
        reader, writer = await asyncio.open_connection(*address)
        for start in range(0, len(head), piece):
            writer.write(head[start : start + piece])
            await writer.drain()
        assert (await rest(reader)).startswith(b"HTTP/1.1 200 ")
        writer.close()


@pytest.mark.parametrize(
    "head, status",
    [
        (b"GET /x HTTP/1.1\r\n", b"400 Bad Request"),
        (b"GET /x HTTP/1.1\r\nHost: here\r\nhost: here\r\n", b"400 Bad Request"),
        (b"GET /x HTTP/1.0\r\nHost: here\r\nHost: there\r\n", b"400 Bad Request"),
        (b"GET /x HTTP/1.1\r\nHost:\r\n", b"200 OK"),
        (b"GET /x HTTP/1.0\r\n", b"200 OK"),
    ],
)
async def test_a_request_is_for_one_host(head: bytes, status: bytes) -> None:
    app = App()
    async with served(app, 5) as (address, _):
        reader, writer = await asyncio.open_connection(*address)
        writer.write(head + b"Connection: close\r\n\r\n")
        assert (await rest(reader)).startswith(b"HTTP/1.1 " + status)
        writer.close()
    assert app.asked == (status == b"200 OK")


async def test_a_body_that_the_application_waits_for_is_cut_off_if_it_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.connection.GRACE", 0.2)
    async with served(App(reads=True)) as (address, _):
        answer, took = await dripping(address, POST, b"x")
    assert answer == b""
    assert PATIENCE + 0.2 <= took + 0.05 < 5


async def test_a_body_that_nobody_wants_is_cut_off_after_the_answer() -> None:
    async with served(App()) as (address, _):
        answer, took = await dripping(address, POST, b"x")
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert PATIENCE * 0.9 <= took < 5


async def test_a_flood_that_nobody_wants_is_cut_off_at_once() -> None:
    sent = 0
    async with served(App(), 15) as (address, _):
        reader, writer = await asyncio.open_connection(*address)
        writer.write(POST)
        try:
            while True:
                writer.write(b"x" * 65536)
                await asyncio.wait_for(writer.drain(), 10)
                sent += 65536
                if reader.at_eof():
                    break
        except ConnectionError:
            pass
        writer.close()
    assert sent < 20 * LARGEST_UNREAD


async def test_what_is_no_request_does_not_keep_an_idle_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    async with served(App()) as (address, _):
        answer, took = await dripping(address, GET + b"\r\n", b"\r\n")
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert PATIENCE * 0.9 <= took < 5


async def test_an_idle_connection_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "IDLE", 1)
    async with served(App(), 15) as (address, _):
        reader, writer = await asyncio.open_connection(*address)
        began = time.monotonic()
        writer.write(GET + b"\r\n")
        assert (await rest(reader)).startswith(b"HTTP/1.1 200 ")
        assert 0.9 <= time.monotonic() - began < 5
        writer.close()


async def test_an_answer_that_is_not_read_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "UNREAD", 1)
    app = App(size=1 << 25)
    async with served(app) as (address, server):
        client = socket.socket()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect(address)
        client.sendall(GET + b"\r\n")
        await until(lambda: app.asked)
        await until(lambda: not server.server_state.connections)
        client.close()


async def test_who_asks_again_and_again_is_never_cut_off() -> None:
    app = App()
    async with served(app, 0.2) as (address, _):
        reader, writer = await asyncio.open_connection(*address)
        for _ in range(10):
            writer.write(GET + b"\r\n")
            assert (await reader.readuntil(b"kk")).startswith(b"HTTP/1.1 200 ")
            await asyncio.sleep(0.05)
        writer.write(GET)
        await asyncio.sleep(0.05)
        writer.write(b"\r\n" + GET + b"\r\n")  # two at once, of which the first had begun
        for _ in range(2):
            assert (await reader.readuntil(b"kk")).startswith(b"HTTP/1.1 200 ")
        writer.close()
    assert app.asked == 12


async def test_the_application_may_take_longer_than_the_request() -> None:
    class Slow(App):
        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            await asyncio.sleep(2 * PATIENCE)
            await super().__call__(scope, receive, send)

    async with served(Slow()) as (address, _):
        reader, writer = await asyncio.open_connection(*address)
        writer.write(GET + b"\r\n")
        assert (await reader.readuntil(b"kk")).startswith(b"HTTP/1.1 200 ")
        writer.close()
