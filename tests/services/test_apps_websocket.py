"""Nobody fills the memory through a WebSocket, nor keeps others from being answered; over real sockets."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import pytest

from apps.server import Server, listen
from tests.until import until

HANDSHAKE: Final = (
    b"GET /graphql HTTP/1.1\r\nHost: here\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n"
)
MASK: Final = bytes(4)
PING, PONG = b"\x89\xfd" + MASK + b"p" * 125, b"\x8a\x7d" + b"p" * 125
TEXT, BEGINS, EMPTY, ENDS = (head + MASK + data for head, data in (
    (b"\x81\x81", b"a"), (b"\x01\x81", b"a"), (b"\x00\x80", b""), (b"\x80\x81", b"b")
))  # fmt: skip
MOST: Final = 16 << 20
"""Bytes: more than the kernel's buffers and the server's hold at once."""


class App:
    """Hears while it listens, and says nothing; answers requests."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.listens = asyncio.Event()
        self.listens.set()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 204, "headers": []})
            await send({"type": "http.response.body", "body": b""})
            return
        await receive()
        await send({"type": "websocket.accept"})
        while await self.listens.wait() and (event := await receive())["type"] == "websocket.receive":
            self.heard.append(event["text"])


class Raw:
    """The client's end, and its connection in the server."""

    def __init__(self, end: socket.socket, protocol: Any) -> None:
        self.end, self.protocol = end, protocol
        self.sent = 0

    async def floods(self, frames: bytes) -> None:
        """Until the server reads no more and nothing more can be sent, or MOST is."""
        left = memoryview(frames * 1000)
        while self.sent < MOST:
            try:
                self.sent += (count := self.end.send(left))
                left = left[count:] or memoryview(frames * 1000)
            except BlockingIOError:
                if self.held():
                    return
                await asyncio.sleep(0)

    def held(self) -> bool:
        """Not read, and not for a message that the application is about to take."""
        return not self.protocol.transport.is_reading() and not self.protocol.read_paused

    async def reads(self) -> bytes:
        return await asyncio.get_running_loop().sock_recv(self.end, 1 << 20)


@asynccontextmanager
async def connected(app: App) -> AsyncIterator[tuple[Raw, int]]:
    """And the port of the server."""
    listener, ready = listen("127.0.0.1", 0), asyncio.Event()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 16)
    server = Server(app, ready.set, lambda: None, sockets=True)
    task, loop = asyncio.create_task(server.serve([listener])), asyncio.get_running_loop()
    try:
        async with asyncio.timeout(60):
            await ready.wait()
            with socket.socket() as end:
                end.setblocking(False)
                await loop.sock_connect(end, listener.getsockname())
                await loop.sock_sendall(end, HANDSHAKE)
                assert (await loop.sock_recv(end, 1 << 16)).startswith(b"HTTP/1.1 101 ")
                (protocol,) = server.server_state.connections
                yield Raw(end, protocol), listener.getsockname()[1]
    finally:
        server.end()
        await task


@pytest.mark.parametrize("frames", [PING, PING * 9 + TEXT], ids=["only pings", "what is heard in between"])
async def test_who_reads_no_answers_to_pings_is_not_read_until_they_do(frames: bytes) -> None:
    async with connected(App()) as (raw, port):
        await raw.floods(frames)
        assert raw.sent < MOST
        assert raw.protocol.transport.get_write_buffer_size() < 1 << 20
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n")
        assert (await reader.readline()).startswith(b"HTTP/1.1 204 ")
        writer.close()


async def test_who_then_reads_has_each_ping_answered() -> None:
    async with connected(App()) as (raw, _):
        await raw.floods(PING)
        pings, got = raw.sent // len(PING), b""
        while len(got) < pings * len(PONG):
            got += await raw.reads()
        assert got == PONG * pings
        await until(raw.protocol.transport.is_reading)


async def test_what_is_said_while_nobody_listens_is_not_read_because_answers_were() -> None:
    app = App()
    app.listens.clear()
    async with connected(app) as (raw, _):
        raw.end.send(TEXT + TEXT)
        await until(lambda: raw.protocol.read_paused)
        raw.protocol.pause_writing()
        raw.protocol.resume_writing()
        assert not raw.protocol.transport.is_reading()
        app.listens.set()
        await until(raw.protocol.transport.is_reading)
        raw.end.send(TEXT)
        await until(lambda: len(app.heard) >= 3)


async def test_empty_fragments_are_not_kept() -> None:
    app = App()
    async with connected(app) as (raw, _):
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(raw.end, BEGINS + EMPTY * 10_000 + PING)
        assert await raw.reads() == PONG
        assert len(raw.protocol.frames) == 1
        await loop.sock_sendall(raw.end, ENDS + BEGINS + EMPTY + b"\x80\x80" + MASK)
        await until(lambda: len(app.heard) == 2)
    assert app.heard == ["ab", "a"]
