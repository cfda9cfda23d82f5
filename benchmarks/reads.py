"""The same read by REST and by GraphQL, asked one after the other of the embedded system: python -m benchmarks.reads

CPU is that of the serving process for each, so that what else this machine does weighs less; the delay is the client's.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median

import psutil
from attrs import frozen

from tests.e2e.forking import executed
from tests.e2e.system import System

TIMES = 1_000
BOOKINGS = 20
FIELDS = "id status ticketId price companyId customerId startDate endDate createdAt expiresAt"
ONE = {"query": f"{{ booking(id: 1) {{ ... on Booking {{ {FIELDS} }} }} }}"}
LIST = {"query": f"{{ bookings {{ ... on BookingConnection {{ nodes {{ {FIELDS} }} }} }} }}"}
WITH_TICKETS = {"query": "{ bookings { ... on BookingConnection { nodes { id status ticket { id name price } } } } }"}


@frozen
class Cost:
    """In ms, for each reading."""

    cpu: float
    p50: float


async def main() -> None:
    with tempfile.TemporaryDirectory() as data:
        async with System(Path(data), {"MYTICKET_LOG_LEVEL": "warning"}, begin=executed) as system:
            token = await system.customer()
            for _ in range(BOOKINGS):
                await system.ask("POST", "/books", token, {"ticketId": await system.ticket()})

            async def with_tickets() -> None:
                books = (await system.ask("GET", "/books", token)).body["_embedded"]["books"]
                for book in books:
                    await system.ask("GET", f"/tickets/{book['ticketId']}", token)

            tried: dict[str, tuple[Callable[[], Awaitable[object]], int]] = {
                "a booking, REST": (lambda: system.ask("GET", "/books/1", token), TIMES),
                "a booking, GraphQL": (lambda: system.ask("POST", "/graphql", token, ONE), TIMES),
                "20 bookings, REST": (lambda: system.ask("GET", "/books", token), TIMES // 2),
                "20 bookings, GraphQL": (lambda: system.ask("POST", "/graphql", token, LIST), TIMES // 2),
                "20 bookings and their tickets, REST (21 requests)": (with_tickets, TIMES // 10),
                "20 bookings and their tickets, GraphQL": (
                    lambda: system.ask("POST", "/graphql", token, WITH_TICKETS),
                    TIMES // 2,
                ),
            }
            for title, (read, times) in tried.items():
                cost = await _cost(system, read, times)
                print(f"{title:50} {cost.cpu:6.2f} ms CPU, p50 {cost.p50:6.2f} ms", file=sys.stderr)


async def _cost(system: System, read: Callable[[], Awaitable[object]], times: int) -> Cost:
    assert system.process is not None
    process, delays = psutil.Process(system.process.pid), []
    for _ in range(times // 10):
        await read()
    before = process.cpu_times()
    for _ in range(times):
        began = time.perf_counter()
        await read()
        delays.append(time.perf_counter() - began)
    after = process.cpu_times()
    spent = after.user + after.system - before.user - before.system
    return Cost(spent / times * 1000, median(delays) * 1000)


if __name__ == "__main__":
    asyncio.run(main())
