"""Bookings written per second (hold + confirm, both durable) by the repositories, beside the bare sqlite3 module.

The bare module writes the same rows into the same tables of the same schema, indexes and all, with one transaction
each and in groups; the ratio to it is what everything above SQLite costs. `measure` is for other benchmarks.

    PYTHONPATH=src python -m benchmarks.persistence [--seconds 5]
"""

from __future__ import annotations

import argparse
import asyncio
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import uvloop

from adapters.persistence import Database, SqlBookings, SqlSales, migrate
from adapters.system import RandomIds, SystemClock
from myticket_core.booking.model import Booking, BookingId
from myticket_core.booking.sale import hold
from myticket_core.booking.terms import Terms
from myticket_core.messages import Cause

TASKS = (1, 64, 256)
TICKETS = {"one hot ticket": 1, "64 tickets": 64}
GROUP = 64
TERMS = Terms(company_id=1, price=15_000, capacity=100_000_000, name="a concert", version=1)
WORDS = (
    '{"id":1,"ticketId":1,"price":15000,"companyId":1,"customerId":1,"startDate":null,"endDate":null,"status":"BOOKED"}'
)


def measure(seconds: float = 5.0) -> Mapping[str, float]:
    """Bookings per second, by what wrote them."""
    found: dict[str, float] = {}
    for name, group in (("sqlite3, one transaction each", 1), (f"sqlite3, groups of {GROUP}", GROUP)):
        with _store() as path:
            found[name] = _bare(path, group, seconds)
    for title, tickets in TICKETS.items():
        for tasks in TASKS:
            with _store() as path:
                found[f"{title}, {tasks} tasks"] = uvloop.run(_adapter(path, tickets, tasks, seconds))
    return found


@contextmanager
def _store() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "book.sqlite"
        migrate(f"sqlite:///{path}", "book")
        yield path


async def _adapter(path: Path, tickets: int, tasks: int, seconds: float) -> float:
    db = await Database.open(f"sqlite:///{path}", "book", SystemClock(), RandomIds())
    bookings, sales = SqlBookings(db), SqlSales(db)
    for ticket in range(1, tickets + 1):
        await sales.change(ticket, lambda sale: sale.sold_on(TERMS), Cause(id="start", correlation_id="start"))
    until, done = time.perf_counter() + seconds, 0

    async def buyer(number: int) -> None:
        nonlocal done
        while time.perf_counter() < until:
            await _book(bookings, number % tickets + 1, f"{number}-{done}")
            done += 1

    began = time.perf_counter()
    await asyncio.gather(*(buyer(number) for number in range(tasks)))
    took = time.perf_counter() - began
    await db.close()
    return done / took


async def _book(bookings: SqlBookings, ticket: int, name: str) -> None:
    now = datetime.now(UTC)
    until = now + timedelta(minutes=10)
    asked = Booking(
        id=BookingId(0),
        ticket_id=ticket,
        customer_id=1,
        company_id=None,
        price=0,
        expires_at=until,
        created_at=now,
        correlation_id=name,
    )
    cause = Cause(id=name, correlation_id=name, key=f"customer:1:{name}", fingerprint="f" * 32)
    held = await bookings.hold(ticket, partial(hold, booking=asked, asked_price=None), cause)
    await bookings.change(held.state.id, lambda booking: booking.confirmed(1), cause)


def _bare(path: Path, group: int, seconds: float) -> float:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("INSERT INTO sales VALUES (1,1,15000,NULL,'a',NULL,1,NULL,0,0,0,NULL,NULL,NULL,NULL,0)")
    first, began = 1, time.perf_counter()
    while time.perf_counter() - began < seconds:
        ids = range(first, first + group)
        _transaction(connection, partial(_held, connection, ids))
        _transaction(connection, partial(_confirmed, connection, ids))
        first += group
    took = time.perf_counter() - began
    connection.close()
    return (first - 1) / took


def _transaction(connection: sqlite3.Connection, write: Callable[[], None]) -> None:
    connection.execute("BEGIN IMMEDIATE")
    write()
    connection.execute("COMMIT")


def _held(connection: sqlite3.Connection, ids: range) -> None:
    now = time.time_ns() // 1000
    connection.execute("UPDATE sales SET held = held + ? WHERE ticket_id = 1", (len(ids),))
    connection.executemany(
        "INSERT INTO bookings VALUES (?,1,1,1,15000,?,?,?,NULL,NULL,NULL,'PENDING',NULL,NULL,0)",
        [(id, now, now, f"c{id}") for id in ids],
    )
    connection.executemany("INSERT INTO keys VALUES (?,?,?,?)", [(f"k{id}", "f" * 32, id, now) for id in ids])
    _moved(connection, ids, None, "PENDING")


def _confirmed(connection: sqlite3.Connection, ids: range) -> None:
    now, count = time.time_ns() // 1000, len(ids)
    connection.execute("UPDATE sales SET held = held - ?, booked = booked + ? WHERE ticket_id = 1", (count, count))
    connection.executemany(
        "UPDATE bookings SET status = 'BOOKED', payment_id = 1, version = 1 WHERE id = ?", [(id,) for id in ids]
    )
    connection.executemany(
        "INSERT INTO outbox (id, type, source, key, version, data, time, correlation_id, causation_id, published)"
        " VALUES (?,'Booked','book',?,1,?,?,?,?,0)",
        [(f"{id:032x}", str(id), WORDS, now, f"c{id}", f"c{id}") for id in ids],
    )
    _moved(connection, ids, "PENDING", "BOOKED")


def _moved(connection: sqlite3.Connection, ids: range, before: str | None, after: str) -> None:
    rows = [(id, before, after) for id in ids]
    connection.executemany("INSERT INTO ledger (kind, id, before, after, at) VALUES ('bookings',?,?,?,0)", rows)


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seconds", type=float, default=5.0, help="of each way (5)")
    figures = measure(options.parse_args().seconds)
    grouped = figures[f"sqlite3, groups of {GROUP}"]
    for name, rate in figures.items():
        print(f"{name:32} {rate:8.0f} bookings/s  {rate / grouped:5.2f} of the bare module in groups")
