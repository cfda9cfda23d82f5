"""A store of its own for a test, and what to write into it."""

from __future__ import annotations

import tempfile
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from pathlib import Path

from sqlalchemy import select

from adapters.persistence import Database, SqlBookings, SqlOutbox, SqlSales, migrate
from adapters.persistence.schema.book import BOOKINGS
from adapters.system import RandomIds
from myticket_core.booking.model import Booking, BookingId
from myticket_core.booking.sale import hold
from myticket_core.booking.terms import Terms
from myticket_core.messages import Cause

_EVERY = select(BOOKINGS.c.id, BOOKINGS.c.status)
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Ticking:
    """A clock that is a second later each time it is looked at: a group looks once, so its events say which it was."""

    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at

    async def sleep(self, duration: timedelta) -> None:
        raise AssertionError("a store does not sleep")


def url_of(folder: Path, service: str = "book") -> str:
    return f"sqlite:///{folder / service}.sqlite"


def put(folder: Path, service: str) -> str:
    """The URL of an empty store of the service, which is in the folder then."""
    (folder / f"{service}.sqlite").write_bytes(_empty(service))
    return url_of(folder, service)


@cache
def _empty(service: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        migrate(url_of(Path(folder), service), service)
        return (Path(folder) / f"{service}.sqlite").read_bytes()


@asynccontextmanager
async def opened(folder: Path, service: str = "book"):
    """The store of the service in the folder, made if it is not there."""
    if not (folder / f"{service}.sqlite").exists():
        put(folder, service)
    db = await Database.open(url_of(folder, service), service, Ticking(), RandomIds())
    try:
        yield db
    finally:
        await db.close()


class Bookings:
    """The bookings of one store, with a ticket on sale."""

    def __init__(self, db: Database) -> None:
        self.db, self.bookings, self.sales, self.outbox = db, SqlBookings(db), SqlSales(db), SqlOutbox(db)

    async def offer(self, capacity: int | None, ticket: int = 1) -> None:
        terms = Terms(company_id=1, price=100, capacity=capacity, version=1)
        await self.sales.change(ticket, lambda sale: sale.sold_on(terms), because("offer"))

    def hold(self, name: str, ticket: int = 1, **different):
        """A hold under the key `name`; not yet awaited."""
        claim = partial(hold, booking=asked(ticket, **different), asked_price=None)
        return self.bookings.hold(ticket, claim, because(name, key=name))

    async def stored(self) -> dict[int, str]:
        """Every booking's status."""
        every = await self.db.rows(_EVERY)
        return dict(every)


def asked(ticket: int = 1, **different) -> Booking:
    members = {
        "id": BookingId(0),
        "ticket_id": ticket,
        "customer_id": 1,
        "company_id": None,
        "price": 0,
        "expires_at": NOW + timedelta(minutes=10),
        "created_at": NOW,
        "correlation_id": "c",
    }
    return Booking(**{**members, **different})


def because(name: str, key: str | None = None, consumer: str | None = None) -> Cause:
    return Cause(id=name, correlation_id=name, key=key, fingerprint="same", consumer=consumer)
