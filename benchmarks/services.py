"""`make bench-services`: the five processes on PostgreSQL, documents and Kafka, beside pgbench in the same run.

Everything shares this machine, the load included; read the figures as ratios.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from contextlib import ExitStack, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import psutil

from benchmarks.http_load import Figures, books, loaded, reads
from benchmarks.pgbench import TICKETS, singly
from scripts.services import Documents, Kafka, Postgres
from tests.e2e.five import Five
from tests.e2e.forking import executed

CONNECTIONS = (16, 64, 255)
WARM_UP = 64, 15.0
"""Connections and seconds before anything is measured: Kafka's machine code is made by then."""
MODERATE = 250.0
"""Bookings a second: 500 events a second that my page has to show."""
QUIET = {"MYTICKET_LOG_LEVEL": "warning"}


async def main(seconds: float, as_json: bool) -> None:
    figures: dict[str, Any] = {}
    with ExitStack() as running, tempfile.TemporaryDirectory() as folder:
        postgres, documents, kafka = (running.enter_context(kind()) for kind in (Postgres, Documents, Kafka))
        for title, tickets in (("one hot ticket", 1), (f"{TICKETS} tickets", TICKETS)):
            figures[f"pgbench, {title}"] = rate = round(await singly(postgres.url, tickets, 16, seconds))
            say(f"pgbench, {title}, 16 clients: {rate} bookings/s")
        five = Five(Path(folder), postgres.url, documents.url, kafka.url, settings=QUIET, begin=executed)
        running.enter_context(redirect_stdout(StringIO()))  # where it shows its logs in the end
        async with five:
            figures["services"] = _memory(five)
            say(f"resident MiB: {figures['services']}")
            figures |= await _loads(five, seconds, figures["pgbench, one hot ticket"])
            figures["services, after the load"] = _memory(five)
            say(f"resident MiB after the load: {figures['services, after the load']}")
            figures["start"] = round(await _restarted(five), 2)
            say(f"a warm start of one service: {figures['start']} s")
    if as_json:
        print(json.dumps(figures))


async def _loads(five: Five, seconds: float, ceiling: float) -> dict[str, Any]:
    figures: dict[str, Any] = {}
    ticket = await _on_sale(five)
    figures["201 → my page, quiet"] = await _to_my_page(five, ticket, 50)
    say(f"201 → my page, quiet: {figures['201 → my page, quiet']}")
    await _under_load(five, ticket, *WARM_UP)
    for connections in CONNECTIONS:
        before = _spent(five)
        found = await _under_load(five, ticket, connections, seconds)
        spent = {
            name: round(1000 * (now - before[name]) / (found.per_second * seconds), 2)
            for name, now in _spent(five).items()
        }
        figures[f"{connections} connections"] = {**found.rounded(), "ms of CPU per booking": spent}
        ratio = f"{found.per_second / ceiling:.2f} of pgbench"
        delays = f"p50 {found.p50:.0f}, p95 {found.p95:.0f}, p99 {found.p99:.0f} ms"
        others = found.other_answers or ""
        say(f"{connections:3d} connections: {found.per_second:5.0f} bookings/s ({ratio}); {delays} {others} {spent}")
    for per_second in (MODERATE, found.per_second / 2):
        figures |= await _beside(five, ticket, per_second)
    return figures | await _read(five, ticket, seconds)


async def _beside(five: Five, ticket: int, per_second: float) -> dict[str, Any]:
    """The delay until my page shows a booking while so many are made, once it has caught up."""
    await _to_my_page(five, ticket, 1)
    load = asyncio.create_task(_under_load(five, ticket, 64, 20.0, per_second))
    await asyncio.sleep(2.0)  # the load has begun by then
    found = await _to_my_page(five, ticket, 50)
    say(f"201 → my page, beside {per_second:.0f} bookings/s: {found}; these were {(await load).per_second:.0f}")
    return {f"201 → my page, beside {per_second:.0f}": found}


async def _read(five: Five, ticket: int, seconds: float) -> dict[str, Any]:
    """Reads per second by 64 connections: one ticket, and the first 20 of somebody's 100 bookings."""
    found: dict[str, Any] = {}
    token = await five.customer(2)
    await asyncio.gather(*(five.ask("POST", "/books", token, {"ticketId": ticket}) for _ in range(100)))
    while (await five.ask("GET", "/mypages", token)).body["page"]["totalElements"] < 100:  # noqa: ASYNC110
        await asyncio.sleep(0.1)
    for service, path in (("ticket", f"/tickets/{ticket}"), ("mypage", "/mypages?size=20")):
        job = {"url": five.replica(service).url, "token": token, "asks": [reads(path)]}
        figures = await loaded({**job, "connections": 64, "seconds": seconds})
        found[f"GET {path}"] = figures.rounded()
        say(f"GET {path}: {figures.per_second:.0f}/s, p99 {figures.p99:.0f} ms {figures.other_answers or ''}")
    return found


async def _on_sale(five: Five) -> int:
    """A ticket that book has heard of."""
    ticket = await five.ticket()
    booked = await five.ask("POST", "/books", await five.customer(), {"ticketId": ticket})
    assert booked.status == 201, booked
    return ticket


async def _under_load(five: Five, ticket: int, connections: int, seconds: float, per_second: float = 0) -> Figures:
    job = {"url": five.replica("book").url, "token": await five.customer(), "asks": [books(ticket)]}
    return await loaded({**job, "connections": connections, "seconds": seconds, "per_second": per_second})


async def _to_my_page(five: Five, ticket: int, bookings: int) -> dict[str, float]:
    token = await five.customer()
    delays = []
    for _ in range(bookings):
        booked = await five.ask("POST", "/books", token, {"ticketId": ticket})
        began = time.perf_counter()
        while (await five.ask("GET", f"/mypages/{booked.body['id']}", token)).status != 200:
            pass
        delays.append(1000 * (time.perf_counter() - began))
    delays.sort()
    return {"p50_ms": round(delays[len(delays) // 2], 1), "p99_ms": round(delays[-1], 1)}


async def _restarted(five: Five) -> float:
    await five.stop("book")
    began = time.monotonic()
    await five.start_one("book")
    return time.monotonic() - began


def _memory(five: Five) -> dict[str, int]:
    return {it.service: round(_process(it).memory_info().rss / 2**20) for it in five.all()}


def _spent(five: Five) -> dict[str, float]:
    """Seconds of CPU so far."""
    return {it.service: sum(_process(it).cpu_times()[:2]) for it in five.all()}


def _process(replica: Any) -> psutil.Process:
    return psutil.Process(replica.process.pid)


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=float, default=10.0, help="of each load (10)")
    options.add_argument("--json", action="store_true", help="print the figures as JSON on stdout")
    given = options.parse_args()
    asyncio.run(main(given.seconds, given.json))
