"""The Java book service asks our pay, byte for byte as it was recorded, over one connection that it keeps."""

from __future__ import annotations

import asyncio
from asyncio import StreamReader
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from adapters.rest.auth import TrustedMesh
from apps.server import Server, listen
from tests.services.originals.shape import Answer, differences
from tests.services.originals.transcripts import DATA, scenes
from tests.services.rest_world import World

REQUESTS = [
    said.partition("\n")[2].rstrip("\n").replace("\n", "\r\n").encode()
    for said in (DATA / "feign.http").read_text().split("--- answered ")[1:]
]


@asynccontextmanager
async def _served(world: World) -> AsyncIterator[tuple[str, int]]:
    listener, ready = listen("127.0.0.1", 0), asyncio.Event()
    server = Server(world.app, ready.set, world.probes.drain)
    running = asyncio.create_task(server.serve([listener]))
    await ready.wait()
    try:
        yield listener.getsockname()
    finally:
        server.should_exit = True
        await running


async def _answer(reader: StreamReader) -> Answer:
    status, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().strip().split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    body = await reader.readexactly(int(headers["content-length"]))
    return Answer.of(int(status.split()[1]), headers, body.decode())


async def test_it_gets_what_java_pay_would_answer() -> None:
    world = World(tokens=TrustedMesh())
    (javas,) = [scene.exchanges[0].answer for scene in scenes() if scene.name == "pay, as book asks"]
    async with _served(world) as address, asyncio.timeout(10):
        reader, writer = await asyncio.open_connection(*address)
        for request, booking in zip(REQUESTS, (21, 22), strict=True):
            writer.write(request)
            ours = await _answer(reader)
            assert differences(javas, ours) == []
            assert (ours.body["bookId"], ours.body["status"]) == (booking, "APPROVED")
        writer.close()
    assert world.provider.amounts == {"booking-21": 15000, "booking-22": 15000}
