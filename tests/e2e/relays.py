"""Three relays on one database with synthetic events, and who of them leads."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

import asyncpg
import psutil

from adapters.persistence.draft import row_of
from myticket_core.messages import Envelope
from tests.e2e.five import Five
from tests.services.kafka_world import lies

KEYS: Final = 97
COLUMNS: Final = "id, type, source, key, version, data, time, correlation_id, causation_id, published"
_SAY: Final = f"INSERT INTO outbox ({COLUMNS}) VALUES ({', '.join(f'${n + 1}' for n in range(10))})"
_LEADER: Final = """
    SELECT client_port FROM pg_locks JOIN pg_stat_activity USING (pid)
    WHERE locktype = 'advisory' AND granted AND datname = current_database()
"""


def events(first: int, number: int) -> Iterator[Envelope]:
    """Of so many keys in turn, each in versions 1, 2, 3 …"""
    for count in range(first, first + number):
        key, version = 1 + count % KEYS, 1 + count // KEYS
        now = datetime.now(UTC)
        yield Envelope(
            f"synthetic-{count}", "TicketChanged", "ticket", str(key), {"id": key}, now, f"of-{key}", None, version
        )


async def feed(five: Five, number: int, seconds: float, after: int = 0, chunk: int = 100) -> None:
    """So many events, evenly over that time, into the outbox of ticket; `after` so many others."""
    connection = await asyncpg.connect(five.made.store("ticket"))
    rows = [row_of(envelope) for envelope in events(after, number)]
    try:
        for first in range(0, number, chunk):
            async with connection.transaction():
                await connection.executemany(_SAY, rows[first : first + chunk])
                await connection.execute("NOTIFY myticket_said")
            await asyncio.sleep(seconds * chunk / number)
    finally:
        await connection.close()


async def leader(five: Five) -> int:
    """The number of the replica of ticket that leads; waits until one does."""
    connection = await asyncpg.connect(five.made.store("ticket"))
    try:
        while not (ports := {port for (port,) in await connection.fetch(_LEADER)}):  # noqa: ASYNC110
            await asyncio.sleep(0.1)
    finally:
        await connection.close()
    (number,) = (replica.number for replica in five.processes["ticket"] if ports & _ports(replica.process))
    return number


def _ports(process: asyncio.subprocess.Process | None) -> set[int]:
    assert process is not None
    return {it.laddr.port for it in psutil.Process(process.pid).net_connections("tcp")}


async def published(five: Five, number: int) -> list[Any]:
    """The log, once every event is marked as published."""
    connection = await asyncpg.connect(five.made.store("ticket"))
    try:
        async with asyncio.timeout(120):
            while await connection.fetchval("SELECT count(*) FROM outbox WHERE published") < number:  # noqa: ASYNC110
                await asyncio.sleep(0.2)
    finally:
        await connection.close()
    return await lies(five.kafka, five.made.name)


def first_versions(records: list[Any]) -> dict[bytes, list[int]]:
    """By key, the versions in the order in which they first came."""
    found: dict[bytes, dict[int, None]] = defaultdict(dict)
    for record in records:
        found[record.key][int(dict(record.headers)["ce_aggregateversion"])] = None
    return {key: list(versions) for key, versions in found.items()}
