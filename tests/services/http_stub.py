"""A service that misbehaves: a bare TCP server that does with each request what it is told."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, TypeAlias

from attrs import Factory, define, frozen

Act: TypeAlias = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@frozen
class Asked:
    line: str
    headers: Mapping[str, str]
    body: bytes


@define
class Stub:
    """Does the acts in turn, the last one for every further request."""

    acts: tuple[Act, ...]
    asked: list[Asked] = Factory(list)
    connections: int = 0
    url: str = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                self.asked.append(await read_request(reader))
                await self.acts[min(len(self.asked), len(self.acts)) - 1](reader, writer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # they have gone, or we have
        finally:
            writer.close()


@asynccontextmanager
async def stub(*acts: Act) -> AsyncIterator[Stub]:
    made = Stub(acts)
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield made
    finally:
        server.close()


def says(status: int, body: object = b"", **headers: str) -> Act:
    """An answer as it should be; what is no bytes is JSON."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    told = {"Content-Length": str(len(content))} | {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in told.items())

    async def act(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(f"HTTP/1.1 {status} As told\r\n{head}\r\n".encode() + content)

    return act


def breaks(said: bytes = b"") -> Act:
    """Says so much and is gone."""

    async def act(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(said)
        await writer.drain()
        writer.close()

    return act


async def silent(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    """Never answers."""
    await reader.read()


async def dripping(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answers a byte at a time, for as long as anybody listens."""
    writer.write(b"HTTP/1.1 201 Created\r\nContent-Length: 100000\r\n\r\n")
    while True:
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.01)


async def endless(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Sends more than anybody should read."""
    writer.write(b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"8000\r\n" + b" " * 0x8000 + b"\r\n")
        await writer.drain()


async def read_request(reader: asyncio.StreamReader) -> Asked:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    line, *lines = head.strip().split("\r\n")
    headers = {name.lower(): value for name, _, value in (each.partition(": ") for each in lines)}
    return Asked(line, headers, await reader.readexactly(int(headers.get("content-length", 0))))


def payment(**different: Any) -> dict[str, Any]:
    """As the pay service shows the payment of booking 5."""
    shown = {
        "id": 3,
        "bookId": 5,
        "ticketId": 1,
        "price": 15000,
        "companyId": 1,
        "customerId": 1,
        "startDate": None,
        "endDate": None,
        "status": "APPROVED",
        "reason": None,
        "_links": {"self": {"href": "http://pay:8080/payments/3"}},
    }
    return shown | different


def original(**different: Any) -> dict[str, Any]:
    """As the Java service shows it: its id is in the link only."""
    shown = payment(status="PayApproved", **different)
    del shown["id"], shown["reason"]
    return shown


def listed(*payments: dict[str, Any]) -> Act:
    return says(200, {"_embedded": {"payments": payments}, "_links": {}})
