"""What SQLite itself can do here: the rows of a booking, written with the bare sqlite3 module and nothing else.

The same three transactions in three files that a booking makes (hold; payment requested and approved; confirmed) with
their outbox rows, once with a commit each and once in groups of 64.
"""

from __future__ import annotations

import sqlite3
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

SALE = "CREATE TABLE sale (id INTEGER PRIMARY KEY, held INTEGER, booked INTEGER)"
BOOKING = "CREATE TABLE booking (id INTEGER PRIMARY KEY, ticket INTEGER, customer INTEGER, price INTEGER, status TEXT)"
PAYMENT = "CREATE TABLE payment (id INTEGER PRIMARY KEY, booking INTEGER UNIQUE, price INTEGER, status TEXT)"
OUTBOX = "CREATE TABLE outbox (seq INTEGER PRIMARY KEY, id TEXT, type TEXT, data TEXT)"
EVENT = '{"id":1,"ticketId":1,"price":15000,"companyId":1,"customerId":1,"status":"BOOKED"}'


def ceiling(seconds: float) -> tuple[float, float]:
    """Bookings per second, one transaction each and grouped by 64."""
    return _measured(1, seconds), _measured(64, seconds)


def _measured(group: int, seconds: float) -> float:
    with tempfile.TemporaryDirectory() as folder:
        book = _opened(Path(folder) / "book.sqlite", SALE, BOOKING, OUTBOX)
        pay = _opened(Path(folder) / "pay.sqlite", PAYMENT, OUTBOX)
        book.execute("INSERT INTO sale VALUES (1, 0, 0)")
        return _rate(lambda first: _book(book, pay, range(first, first + group)), group, seconds)


def _rate(write: Callable[[int], None], group: int, seconds: float) -> float:
    first, began = 1, time.perf_counter()
    while time.perf_counter() - began < seconds:
        write(first)
        first += group
    return (first - 1) / (time.perf_counter() - began)


def _book(book: sqlite3.Connection, pay: sqlite3.Connection, ids: range) -> None:
    count = len(ids)
    with book:
        book.execute("UPDATE sale SET held = held + ? WHERE id = 1", (count,))
        book.executemany("INSERT INTO booking VALUES (?, 1, 1, 15000, 'PENDING')", [(id,) for id in ids])
    with pay:
        pay.executemany("INSERT INTO payment VALUES (?, ?, 15000, 'REQUESTED')", [(id, id) for id in ids])
    with pay:
        pay.executemany("UPDATE payment SET status = 'APPROVED' WHERE id = ?", [(id,) for id in ids])
        pay.executemany("INSERT INTO outbox VALUES (NULL, ?, 'PaymentApproved', ?)", [(f"p{id}", EVENT) for id in ids])
    with book:
        book.execute("UPDATE sale SET held = held - ?, booked = booked + ? WHERE id = 1", (count, count))
        book.executemany("UPDATE booking SET status = 'BOOKED' WHERE id = ?", [(id,) for id in ids])
        book.executemany("INSERT INTO outbox VALUES (NULL, ?, 'Booked', ?)", [(f"b{id}", EVENT) for id in ids])


def _opened(path: Path, *tables: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    for table in tables:
        connection.execute(table)
    connection.commit()
    return connection
