"""A replica that has lost its partition, and does not know it, fails at what its successor has handled."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters.persistence import Database, SqlParking, SqlPaymentBook, migrate
from adapters.system import RandomIds, SystemClock, concurrently
from myticket_core.access import EVERYTHING
from myticket_core.booking.events import BookCanceled
from myticket_core.messages import Cause, Envelope
from myticket_core.payment.cancel import CancelPayment, PaymentCanceler
from myticket_core.payment.model import Status
from myticket_core.payment.policies import WHENEVER
from myticket_core.ports import Record
from myticket_core.reacting import Consumer, Handler, Reactor
from myticket_core.wire import encode

NOW = timedelta(0)


class Log:
    def __init__(self, *batches: Sequence[Record]) -> None:
        self._batches = [*batches]

    async def read(self, limit: int, at_most: timedelta) -> Sequence[Record]:
        return self._batches.pop(0)

    async def commit(self, records: Sequence[Record]) -> None: ...

    async def rewind(self) -> None: ...


class Slow(SystemClock):
    """It is time for the next attempt when it may be."""

    def __init__(self) -> None:
        super().__init__()
        self.may = asyncio.Event()

    async def sleep(self, duration: timedelta) -> None:
        await self.may.wait()


def canceled(booking: int) -> Record:
    said = BookCanceled(id=booking, version=1, price=5, status="CANCELED")
    envelope = Envelope.seal(said, Cause("c", "c"), f"e{booking}", datetime(2026, 11, 22, tzinfo=UTC))
    value, headers = encode(envelope)
    return Record(booking, "1", value, headers)


def replica(handler: Handler, log: Log, db: Database, clock: Any) -> Reactor:
    return Reactor(Consumer("pay", WHENEVER, {CancelPayment: handler}), log, SqlParking(db), clock, concurrently)


async def broken(order: CancelPayment, cause: Cause) -> None:
    raise RuntimeError("only here: no memory, a broken disk, an old program")


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/pay.sqlite"
    return str(request.getfixturevalue("postgres_database"))


@pytest.fixture
async def db(url: str) -> AsyncIterator[Database]:
    await asyncio.to_thread(migrate, url, "pay")
    opened = await Database.open(url, "pay", SystemClock(), RandomIds())
    yield opened
    await opened.close()


async def test_what_follows_does_not_wait_behind_it(db: Database) -> None:
    payments, clock = SqlPaymentBook(db), Slow()
    cancel = PaymentCanceler(payments, clock)
    lost = replica(broken, Log([canceled(1)]), db, clock)
    successor = replica(cancel, Log([canceled(1)], [canceled(2)]), db, clock)
    failing = asyncio.create_task(lost(NOW))
    await successor(NOW)
    clock.may.set()
    await failing
    assert await SqlParking(db).parked("pay") == []
    await successor(NOW)
    assert (await payments.of_booking(2, EVERYTHING)).status is Status.VOID
