"""Bookings over HTTP: the load is sent by a process of its own, so that it shares no interpreter with the system."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

import psutil
from attrs import asdict, frozen

from tests.e2e.system import System


@frozen
class Figures:
    """Established bookings per second (HTTP in, durable, paid, confirmed) and the delay of an answer in ms."""

    per_second: float
    p50: float
    p95: float
    p99: float
    other_answers: dict[str, int]

    def line(self, singly: float, grouped: float) -> str:
        ratios = f"{self.per_second / singly:.2f} of singly, {self.per_second / grouped:.2f} of grouped"
        delays = f"p50 {self.p50:.1f}, p95 {self.p95:.1f}, p99 {self.p99:.1f} ms"
        return f"{self.per_second:6.0f} bookings/s ({ratios}); {delays} {self.other_answers or ''}"

    def rounded(self) -> dict[str, Any]:
        return {name: round(value, 1) if isinstance(value, float) else value for name, value in asdict(self).items()}


async def under_load(system: System, tickets: int, connections: int, seconds: float) -> Figures:
    """A closed loop of `connections` buyers for so long, after a second to warm up."""
    ids = [await system.ticket() for _ in range(tickets)]
    job = {"url": system.url, "token": await system.customer(), "asks": [books(id) for id in ids]}
    return await loaded({**job, "connections": connections, "seconds": seconds})


def books(ticket: int) -> list[str]:
    return ["POST", "/books", json.dumps({"ticketId": ticket, "price": 15000})]


def reads(path: str) -> list[str]:
    return ["GET", path, ""]


async def loaded(job: dict[str, Any]) -> Figures:
    """What `_send` finds in a process of its own."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "benchmarks.http_load", json.dumps(job)), stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    return Figures(**json.loads(out))


async def to_my_page(system: System, bookings: int) -> dict[str, float]:
    """Milliseconds from the answer 201 until my page shows the booking, asked one by one."""
    ticket, token = await system.ticket(), await system.customer()
    delays = [await _until_seen(system, ticket, token) for _ in range(bookings)]
    delays.sort()
    return {"median_ms": round(delays[len(delays) // 2], 1), "max_ms": round(delays[-1], 1)}


async def start_up(system: System) -> dict[str, float]:
    """Seconds of a warm start until the first answered request, and MiB resident then."""
    await system.stop()
    seconds = await system.start()
    assert system.process is not None
    return {"seconds": round(seconds, 2), "mib": round(psutil.Process(system.process.pid).memory_info().rss / 2**20)}


async def _until_seen(system: System, ticket: int, token: str) -> float:
    booked = await system.ask("POST", "/books", token, {"ticketId": ticket})
    began = time.perf_counter()
    while (await system.ask("GET", f"/mypages/{booked.body['id']}", token)).status != 200:
        pass
    return 1000 * (time.perf_counter() - began)


async def _send(
    url: str, token: str, asks: list[list[str]], connections: int, seconds: float, per_second: float = 0
) -> Figures:
    """Each connection asks the next as soon as it is answered, or all of them together so often a second."""
    delays: list[float] = []
    statuses: Counter[str] = Counter()
    counting_from = time.perf_counter() + 1.0
    ends = counting_from + seconds

    async def buyer(number: int) -> None:
        ask = _connected(url, token, *asks[number % len(asks)])
        while (began := time.perf_counter()) < ends:
            status = await ask()
            if counting_from <= began:
                statuses[status] += 1
                delays.append(1000 * (time.perf_counter() - began))
            if per_second:
                await asyncio.sleep(began + connections / per_second - time.perf_counter())

    await asyncio.gather(*(buyer(number) for number in range(connections)))
    delays.sort()
    p50, p95, p99 = (delays[int(len(delays) * part)] for part in (0.50, 0.95, 0.99))
    done = sum(statuses.pop(good, 0) for good in ("200", "201"))
    return Figures(done / seconds, p50, p95, p99, dict(statuses))


def _connected(url: str, token: str, method: str, path: str, body: str) -> Callable[[], Awaitable[str]]:
    """What asks once more, on a connection of its own, and gives the status.

    An HTTP client's library takes a tenth of this machine, of which the system under load has the less then.
    """
    server, line = urlsplit(url), list[Any]()
    headers = f"Host: {server.netloc}\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n"
    request = f"{method} {path} HTTP/1.1\r\n{headers}Content-Length: {len(body)}\r\n\r\n{body}".encode()

    async def ask() -> str:
        if not line:
            line.extend(await asyncio.open_connection(server.hostname, server.port))
        reader, writer = line
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        await reader.readexactly(int(head.partition("content-length:")[2].split("\r\n", 1)[0]))
        if "connection: close" in head:  # some servers do after a hundred answers
            writer.close()
            line.clear()
        return head.split(" ", 2)[1]

    return ask


if __name__ == "__main__":
    import uvloop

    print(json.dumps(asdict(uvloop.run(_send(**json.loads(sys.argv[1]))))))
