"""Money moves once: whoever asks, however often, on both stores; and no transaction is open while it does."""

from __future__ import annotations

import asyncio
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from attrs import frozen

from adapters.persistence import Database, SqlOutbox, SqlPaymentBook, migrate
from adapters.providers import Sandbox, charges
from adapters.system import RandomIds, SystemClock, concurrently
from myticket_core.access import EVERYTHING
from myticket_core.errors import MyticketError, Rejected
from myticket_core.messages import Cause
from myticket_core.payment.approve import Approve, ApprovePayment
from myticket_core.payment.cancel import CancelPayment, PaymentCanceler
from myticket_core.payment.model import Payment, RefundStatus, Status
from myticket_core.payment.retry import RefundRetrier, RetryRefund
from myticket_core.payment.settle import SettlePayment, SettlePayments

CLOCK, IDS = SystemClock(), RandomIds()
STORES = ("sqlite", "postgres")
TIMES = 200


@frozen
class Pay:
    """One process of pay: its own connections to the store, and to the bank."""

    payments: SqlPaymentBook
    outbox: SqlOutbox
    bank: Sandbox

    async def charge(self, booking: int, card: str = "approve") -> None:
        order = Approve(booking_id=booking, price=1000, customer_id=1, method=card)
        await ApprovePayment(self.payments, self.bank, CLOCK)(order, _cause())

    async def cancel(self, booking: int, refund: int | None = None) -> None:
        order = CancelPayment(booking_id=booking, reason="gone", refund=refund)
        await PaymentCanceler(self.payments, CLOCK)(order, _cause())

    async def settle(self) -> None:
        await SettlePayments(self.payments, self.bank, CLOCK, IDS, concurrently, timedelta(0))()

    async def look(self, booking: int) -> None:
        """As for a hint."""
        payment = await self.of(booking)
        await SettlePayment(self.payments, self.bank, CLOCK, IDS)(payment)

    async def retry(self, booking: int) -> None:
        await RefundRetrier(self.payments)(RetryRefund(booking_id=booking), _cause())

    async def of(self, booking: int) -> Payment:
        return await self.payments.of_booking(booking, EVERYTHING)


def _cause() -> Cause:
    return Cause(id=IDS.new(), correlation_id="case")


@pytest.fixture(params=STORES)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgres":
        found: str = request.getfixturevalue("postgres_database")
    else:
        found = f"sqlite:///{tmp_path / 'pay.sqlite'}"
    migrate(found, "pay")
    return found


@asynccontextmanager
async def process(url: str, bank: Path) -> AsyncIterator[Pay]:
    db, sandbox = await Database.open(url, "pay", CLOCK, IDS), Sandbox(bank, CLOCK)
    try:
        yield Pay(SqlPaymentBook(db), SqlOutbox(db), sandbox)
    finally:
        await db.close()
        sandbox.close()


@pytest.fixture
async def two(url: str, tmp_path: Path) -> AsyncIterator[tuple[Pay, Pay]]:
    """Replicas on one store, and the same bank."""
    async with process(url, tmp_path / "bank.sqlite") as one, process(url, tmp_path / "bank.sqlite") as other:
        yield one, other


async def tried(job: Coroutine[Any, Any, None]) -> None:
    """Refused, or with no answer: as workers take it."""
    try:
        await job
    except MyticketError:
        return


async def test_a_refund_is_made_once_200_times(two: tuple[Pay, Pay], tmp_path: Path) -> None:
    """Two processes settle at once, look for hints, and an operator wants it again."""
    cards = ("approve", "refund-pending", "refund-timeout", "refund-fails")
    for booking in range(1, TIMES + 1):
        one, other = two
        await one.charge(booking, cards[booking % 4])
        await one.cancel(booking, refund=700)
        for _ in range(3):
            jobs = [job for it in two for job in (it.settle(), it.look(booking), it.look(booking), it.retry(booking))]
            await asyncio.gather(*map(tried, jobs))
        while (await one.of(booking)).status is not Status.CANCELED:
            await tried(other.look(booking))
            await tried(one.retry(booking))
        assert (await other.of(booking)).refund.status is RefundStatus.SUCCEEDED  # type: ignore[union-attr]
    assert charges(tmp_path / "bank.sqlite") == sorted((f"booking-{id}", 1000, 700) for id in range(1, TIMES + 1))
    told = Counter((it.type, it.key) for it in await two[0].outbox.pending(100_000))
    assert {key: told["PaymentCanceled", str(key)] for key in range(1, TIMES + 1)} == dict.fromkeys(
        range(1, TIMES + 1), 1
    )
    assert all(number == 1 for (kind, _), number in told.items() if kind == "PaymentApproved")


async def test_a_charge_is_made_once_200_times(two: tuple[Pay, Pay], tmp_path: Path) -> None:
    for booking in range(1, TIMES + 1):
        card = "timeout" if booking % 2 else "approve"
        await asyncio.gather(*(tried(it.charge(booking, card)) for it in two * 4), *(tried(it.settle()) for it in two))
        await two[0].settle()
        assert (await two[1].of(booking)).status is Status.APPROVED
    assert charges(tmp_path / "bank.sqlite") == sorted((f"booking-{id}", 1000, 0) for id in range(1, TIMES + 1))
    told = Counter(it.key for it in await two[0].outbox.pending(100_000))
    assert told == Counter({str(id): 1 for id in range(1, TIMES + 1)})


async def test_the_database_refuses_a_second_payment_a_second_reference_and_more_back_than_was_paid(
    two: tuple[Pay, Pay], url: str
) -> None:
    """Whatever a program would want."""
    await two[0].charge(5)
    columns = "booking_id, price, status, correlation_id, created_at, version"
    reference = "INSERT INTO charge_references (key, reference) VALUES"
    await _execute(url, f"{reference} ('booking-5', 'pi_1')")
    for wrong in (
        f"INSERT INTO payments (id, {columns}) VALUES (77, 5, 1000, 'REQUESTED', 'c', 0, 0)",
        f"{reference} ('booking-5', 'pi_2')",
        f"{reference} ('booking-6', 'pi_1')",
        "UPDATE payments SET refund_amount = 1001 WHERE booking_id = 5",
        "UPDATE payments SET refund_amount = -1 WHERE booking_id = 5",
    ):
        with pytest.raises((sqlite3.IntegrityError, asyncpg.IntegrityConstraintViolationError)):
            await _execute(url, wrong)


async def _execute(url: str, statement: str) -> None:
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as file, file:
            file.execute(statement)
        return
    server = await asyncpg.connect(url)
    try:
        await server.execute(statement)
    finally:
        await server.close()


async def test_no_transaction_is_open_while_money_moves(two: tuple[Pay, Pay], url: str) -> None:
    one, seen = two[0], list[str]()

    def watched(name: str) -> Callable[..., Coroutine[Any, Any, Any]]:
        move = getattr(one.bank, name)

        async def call(*args: Any) -> Any:
            seen.append(name)
            await _nobody_is_in_a_transaction(url)
            return await move(*args)

        return call

    for name in ("charge", "find", "refund", "find_refund"):
        setattr(one.bank, name, watched(name))
    await one.charge(1, "timeout")
    await one.settle()
    await one.charge(2, "refund-pending")
    await one.cancel(2)
    await one.settle()
    await one.look(2)
    assert set(seen) == {"charge", "find", "refund", "find_refund"}
    assert (await one.of(2)).status is Status.CANCELED


async def _nobody_is_in_a_transaction(url: str) -> None:
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None, timeout=0)) as file:
            file.execute("BEGIN EXCLUSIVE")  # which waits for nobody
            file.execute("ROLLBACK")
        return
    server = await asyncpg.connect(url)
    try:
        others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        assert await server.fetchval(f"{others} AND state LIKE 'idle in transaction%'") == 0
    finally:
        await server.close()


async def test_a_transaction_that_is_open_would_be_seen(url: str) -> None:
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as file:
            file.execute("BEGIN IMMEDIATE")
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                await _nobody_is_in_a_transaction(url)
        return
    server = await asyncpg.connect(url)
    try:
        await server.execute("BEGIN; SELECT 1 FROM payments")
        with pytest.raises(AssertionError):
            await _nobody_is_in_a_transaction(url)
    finally:
        await server.close()


async def test_a_retry_of_what_has_not_failed_is_refused(two: tuple[Pay, Pay]) -> None:
    await two[0].charge(1)
    with pytest.raises(Rejected):
        await two[0].retry(1)
