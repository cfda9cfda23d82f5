"""`make bench`: what the embedded system does, beside what this machine's SQLite could do at most, in one run.

Each figure is from the same few minutes on the same machine; read them as ratios, not as absolutes.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from pathlib import Path

from benchmarks.ceiling import ceiling
from benchmarks.http_load import Figures, start_up, to_my_page, under_load
from tests.e2e.forking import executed
from tests.e2e.system import System

CONNECTIONS = (16, 64)
TICKETS = {"one hot ticket": 1, "64 tickets": 64}


async def main(seconds: float, as_json: bool) -> None:
    figures: dict[str, object] = {}
    say("the ceiling: the rows of a booking written by the bare sqlite3 module")
    singly, grouped = ceiling(seconds)
    figures["ceiling"] = {"singly": round(singly), "grouped": round(grouped)}
    say(f"  one transaction each {singly:8.0f} bookings/s\n  grouped by 64        {grouped:8.0f} bookings/s")
    for title, tickets in TICKETS.items():
        for connections in CONNECTIONS:
            found = await _measured(tickets, connections, seconds)
            figures[f"{title}, {connections} connections"] = found.rounded()
            say(f"{title}, {connections:2d} connections: {found.line(singly, grouped)}")
    figures["start"], figures["page"] = await _quiet()
    say(f"start, resident memory, 201 → my page (quiet): {figures['start']} {figures['page']}")
    if as_json:
        print(json.dumps(figures))


async def _measured(tickets: int, connections: int, seconds: float) -> Figures:
    with tempfile.TemporaryDirectory() as data:
        async with System(Path(data), {"MYTICKET_LOG_LEVEL": "warning"}, begin=executed) as system:
            return await under_load(system, tickets, connections, seconds)


async def _quiet() -> tuple[dict[str, float], dict[str, float]]:
    with tempfile.TemporaryDirectory() as data:
        async with System(Path(data), {"MYTICKET_LOG_LEVEL": "warning"}, begin=executed) as system:
            page = await to_my_page(system, bookings=50)
            return await start_up(system), page


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=float, default=10.0, help="of each load (10)")
    options.add_argument("--json", action="store_true", help="print the figures as JSON on stdout")
    given = options.parse_args()
    asyncio.run(main(given.seconds, given.json))
