"""My page as people meet it, embedded: how soon a commit is on it, what a read costs, a thousand open streams.

python -m benchmarks.pages [--streams 1000] [--bookings 250] [--seconds 10]

`--bookings` a second: each says two events. CPU is that of the serving process: what else the machine does weighs less.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
import time
from collections import defaultdict
from collections.abc import Awaitable, Sequence
from pathlib import Path
from statistics import quantiles

import psutil
from aiohttp import ClientSession, ClientTimeout, TCPConnector

from tests.e2e.forking import executed
from tests.e2e.system import System

EACH = 20
"""Streams of one buyer."""
SETTINGS = {"MYTICKET_LOG_LEVEL": "warning", "MYTICKET_READ_WAIT_SECONDS": "5"}
READS = 2_000
WARM_UP = 2
"""Seconds."""


async def main(streams: int, bookings: int, seconds: int) -> None:
    with tempfile.TemporaryDirectory() as data:
        async with System(Path(data), SETTINGS, begin=executed) as system:
            assert system.process is not None
            server, ticket = psutil.Process(system.process.pid), await system.ticket()
            print(f"load of this machine: {psutil.getloadavg()[0]:.1f}")
            await _visible(system, server, ticket, bookings, seconds)
            await _read(system, server)
            await _streamed(system, server, ticket, streams)


async def _visible(system: System, server: psutil.Process, ticket: int, rate: int, seconds: int) -> None:
    """From the answer of a booking until its payment is on the buyer's page, after a second or two to warm up."""
    token, late = await system.customer(), list[float]()

    async def one() -> None:
        booked = await system.ask("POST", "/books", token, {"ticketId": ticket})
        began, id = time.perf_counter(), booked.body["id"]
        for source in ("book", "pay"):
            seen = await system.ask("GET", f"/mypages/{id}?min_version={source}:{id}:1", token)
            assert seen.status == 200, seen
        late.append(1000 * (time.perf_counter() - began))

    await _paced([one() for _ in range(rate * WARM_UP)], rate)
    late.clear()
    before, began = _cpu(server), time.perf_counter()
    await _paced([one() for _ in range(rate * seconds)], rate)
    spent, took = _cpu(server) - before, time.perf_counter() - began
    _tell(f"commit → visible, {2 * rate} events a second", late)
    print(
        f"with the two looks at it: {1000 * spent / len(late):.2f} ms CPU a booking, {100 * spent / took:.0f} % of one"
    )


async def _paced(jobs: Sequence[Awaitable[None]], rate: int) -> None:
    began, running = time.perf_counter(), list[asyncio.Future[None]]()
    for number, job in enumerate(jobs):
        await asyncio.sleep(max(0.0, began + number / rate - time.perf_counter()))
        running.append(asyncio.ensure_future(job))
    await asyncio.gather(*running)


async def _read(system: System, server: psutil.Process) -> None:
    token = await system.customer()
    tag = (await system.ask("GET", "/mypages/1", token)).headers["ETag"]
    for title, path, headers in (
        ("a page", "/mypages/1", {}),
        ("a page, 304", "/mypages/1", {"If_None_Match": tag}),
        ("20 pages", "/mypages", {}),
    ):
        before, began = _cpu(server), time.perf_counter()
        for _ in range(READS // 20):
            await asyncio.gather(*(system.ask("GET", path, token, **headers) for _ in range(20)))
        took, cpu = time.perf_counter() - began, 1000 * (_cpu(server) - before) / READS
        print(f"{title:30} {READS / took:8.0f}/s from one client, {cpu:.2f} ms CPU each")


async def _streamed(system: System, server: psutil.Process, ticket: int, number: int) -> None:
    """Each buyer books once a round; every one of their streams tells it."""
    heard: dict[int, asyncio.Queue[float]] = defaultdict(asyncio.Queue)
    before = server.memory_info().rss
    everything = ClientTimeout(total=None)
    async with ClientSession(connector=TCPConnector(limit=0), timeout=everything) as http, asyncio.TaskGroup() as tasks:
        buyers = range(1000, 1000 + number // EACH)
        opened = asyncio.Semaphore(0)
        readers = [
            tasks.create_task(_reader(system, http, buyer, opened, heard)) for buyer in buyers for _ in range(EACH)
        ]
        for _ in readers:
            await opened.acquire()
        await asyncio.sleep(1)
        print(f"{len(readers)} streams: {(server.memory_info().rss - before) / len(readers) / 1024:.0f} KiB each")
        idle, began = _cpu(server), time.perf_counter()
        await asyncio.sleep(5)
        print(f"idle: {100 * (_cpu(server) - idle) / (time.perf_counter() - began):.1f} % CPU")
        late = list[float]()
        for buyer in buyers:
            booked = await system.ask("POST", "/books", await system.customer(buyer), {"ticketId": ticket})
            said, id = time.perf_counter(), booked.body["id"]
            late += [1000 * (await heard[id].get() - said) for _ in range(EACH)]
        _tell("commit → told by a stream", late)
        for reader in readers:
            reader.cancel()


async def _reader(
    system: System, http: ClientSession, buyer: int, opened: asyncio.Semaphore, heard: dict[int, asyncio.Queue[float]]
) -> None:
    headers = {"Authorization": f"Bearer {await system.customer(buyer)}"}
    async with http.get(f"{system.url}/mypages/stream", headers=headers) as answer:
        assert answer.status == 200, await answer.text()
        opened.release()
        async for line in answer.content:
            if line.startswith(b"data:"):
                heard[json.loads(line[5:])["bookId"]].put_nowait(time.perf_counter())


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _tell(title: str, late: Sequence[float]) -> None:
    cuts = quantiles(late, n=100)
    print(f"{title}: p50 {cuts[49]:.0f} ms, p99 {cuts[98]:.0f} ms, most {max(late):.0f} ms, of {len(late)}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    for name, otherwise in (("streams", 1000), ("bookings", 250), ("seconds", 10)):
        parser.add_argument(f"--{name}", type=int, default=otherwise)
    given = parser.parse_args()
    asyncio.run(main(given.streams, given.bookings, given.seconds))
