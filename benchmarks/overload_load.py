"""Buyers, each a new one, from a process of their own: so many a second however long answers take, or in a loop.

python -m benchmarks.overload_load '{"data": …, "url": …, "ticket": 1, "first": 1000, "seconds": 10, "rate": 100}'
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from itertools import count
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, ClientTimeout, TCPConnector
from attrs import frozen

from adapters.rest import DevelopmentIssuer
from adapters.system import SystemClock
from myticket_core.access import Role


@frozen
class Answered:
    """`at`: when it was asked, by time.time()."""

    at: float
    ms: float
    status: int
    booking: int | None
    customer: int
    later: int | None

    @property
    def kept(self) -> bool:
        """A clear answer, and a held seat: to be paid later, or being looked into."""
        return self.status == 202 or (self.status == 503 and self.booking is not None and self.later is not None)


async def sent(job: dict[str, Any]) -> list[Answered]:
    found = Path(job["data"], f"load-{job['first']}.json")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "benchmarks.overload_load", json.dumps(job), str(found))
    )
    await process.wait()
    return [Answered(*line) for line in _read(found)]


def _read(file: Path) -> list[Any]:
    lines: list[Any] = json.loads(file.read_text())
    return lines


async def _send(
    data: str, url: str, ticket: int, first: int, seconds: float, rate: float = 0, connections: int = 0
) -> list[Any]:
    issuer = DevelopmentIssuer.kept_in(Path(data), SystemClock())
    numbers, answered = count(first), list[Any]()
    ends = time.monotonic() + seconds
    async with ClientSession(connector=TCPConnector(limit=0), timeout=ClientTimeout(30)) as http:

        async def buyer() -> None:
            customer = next(numbers)
            token = issuer.token(Role.CUSTOMER, customer_id=customer)
            headers, at = {"Authorization": f"Bearer {token}"}, time.time()
            async with http.post(f"{url}/books", json={"ticketId": ticket}, headers=headers) as answer:
                said = await answer.json(content_type=None)
                ms = 1000 * (time.time() - at)
                booking, later = said.get("bookId", said.get("id")), answer.headers.get("Retry-After")
                answered.append([at, ms, answer.status, booking, customer, later and int(later)])

        async def loop() -> None:
            while time.monotonic() < ends:
                await buyer()

        if connections:
            await asyncio.gather(*(loop() for _ in range(connections)))
        else:
            await _steadily(buyer, rate, ends)
    return answered


async def _steadily(buyer: Any, rate: float, ends: float) -> None:
    began, tasks = time.monotonic(), []
    for number in count():
        due = began + number / rate
        if due > ends:
            break
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        tasks.append(asyncio.create_task(buyer()))
    await asyncio.gather(*tasks)


if __name__ == "__main__":
    import uvloop

    Path(sys.argv[2]).write_text(json.dumps(uvloop.run(_send(**json.loads(sys.argv[1])))))
