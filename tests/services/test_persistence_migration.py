"""Stores come to this version's schema: once, whole, whoever else is at it."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, create_engine, insert
from sqlalchemy.dialects.postgresql import asyncpg
from sqlalchemy.schema import CreateIndex, CreateTable

from adapters.persistence import SqlBookings, SqlContacts, SqlPaymentBook, SqlSales, migrate
from adapters.persistence.schema import SCHEMAS, VERSIONS, revisions
from myticket_core.access import EVERYTHING, Scope
from myticket_core.booking.model import BookingId
from myticket_core.conformance.booking_store import called_off
from myticket_core.payment.model import PaymentId, Refund, RefundStatus
from tests.services.stores import NOW, because, opened, url_of

ROOT = Path(__file__).parents[2]
SERVICES = sorted(SCHEMAS)
ADDED = re.compile(r", (?=\w+ [A-Z])")
"""Between columns that were added to a table, which SQLite writes into one line."""

MIGRATE = (
    "import sys; from adapters.persistence import migrate; migrate(sys.argv[1], sys.argv[2], print); print('done')"
)


@pytest.mark.parametrize("service", SERVICES)
def test_migrations_make_the_tables_of_the_schema(tmp_path, service):
    migrate(url_of(tmp_path, service), service)
    engine = create_engine(url_of(tmp_path, service))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, _merged(service)) == []
    engine.dispose()
    made, meant = tmp_path / f"{service}.sqlite", tmp_path / "meant.sqlite"
    _create_all(meant, service)
    assert _indexes_and_checks(made) == _indexes_and_checks(meant), "compare_metadata sees neither of these"


def _merged(service: str) -> MetaData:
    merged = MetaData()
    for metadata in SCHEMAS[service]:
        for table in metadata.sorted_tables:
            table.to_metadata(merged)
    return merged


def _create_all(path: Path, service: str) -> None:
    engine = create_engine(f"sqlite:///{path}")
    _merged(service).create_all(engine)
    engine.dispose()


def _indexes_and_checks(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as file:
        found = file.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name != 'alembic_version'")
        pieces = [piece for (sql,) in found for line in sql.splitlines() for piece in ADDED.split(line)]
        lines = [piece.strip().rstrip(",") for piece in pieces]
    return {line for line in lines if "INDEX" in line or "CHECK" in line or "WITHOUT ROWID" in line or "UNIQUE" in line}


@pytest.mark.parametrize("service", SERVICES)
def test_the_known_revisions_are_those_of_the_folder(service):
    config = Config()
    config.set_main_option("script_location", str(VERSIONS))
    config.set_main_option("version_locations", str(VERSIONS / service))
    config.set_main_option("path_separator", "newline")
    script = ScriptDirectory.from_config(config)
    assert [it.revision for it in reversed(list(script.walk_revisions()))] == list(revisions(service))


def test_a_second_run_has_nothing_to_do(tmp_path):
    told: list[str] = []
    migrate(url_of(tmp_path), "book", told.append)
    assert [line.split()[1] for line in told] == list(revisions("book"))
    before = (tmp_path / "book.sqlite").stat().st_mtime_ns
    migrate(url_of(tmp_path), "book", told.append)
    assert (len(told), (tmp_path / "book.sqlite").stat().st_mtime_ns) == (len(revisions("book")), before)


async def test_what_was_stored_before_there_were_terms_of_cancellation_is_read_and_changed(tmp_path):
    """A hold of before costs nothing to cancel; a sale of before sells on terms without any."""
    _make(tmp_path / "book.sqlite", "book", "book_0001")
    with closing(sqlite3.connect(tmp_path / "book.sqlite")) as file, file:
        file.execute(
            "INSERT INTO bookings VALUES (1, 1, 6, 7, 1500, 0, 0, 'c', NULL, NULL, NULL, 'BOOKED', 9, NULL, 1)"
        )
        file.execute("INSERT INTO sales VALUES (1, 7, 1500, 5, NULL, NULL, 1, 5, 0, 1, 0, NULL, NULL, NULL, NULL, 0)")
    migrate(url_of(tmp_path, "book"), "book")
    async with opened(tmp_path) as db:
        over = await SqlBookings(db).change(BookingId(1), called_off, because("later"))
        assert (over.cancel_until, over.cancel_fee, over.refund) == (None, 0, 1500)
        terms = (await SqlSales(db).get(1)).terms
        assert (terms.cancel_until, terms.cancel_fee_percent) == (None, 0)


def _make(path: Path, service: str, revision: str) -> None:
    """A store as an older program has it."""
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        config = Config(attributes={"connection": connection, "applied": lambda **_: None})
        config.set_main_option("script_location", str(VERSIONS))
        config.set_main_option("version_locations", str(VERSIONS / service))
        config.set_main_option("path_separator", "newline")
        command.upgrade(config, revision)
    engine.dispose()


async def test_what_was_canceled_before_there_were_refunds_is_read_and_settled(tmp_path):
    """And what a program of before stores while a new one runs too."""
    _make(tmp_path / "pay.sqlite", "pay", "pay_0002_since_0001")
    old = "INSERT INTO payments (id, booking_id, price, status, correlation_id, created_at, version) VALUES "
    with closing(sqlite3.connect(tmp_path / "pay.sqlite")) as file, file:
        file.execute(old + "(1, 1, 1500, 'CANCELING', 'c', 0, 1), (2, 2, 1500, 'CANCELED', 'c', 0, 2)")
    migrate(url_of(tmp_path, "pay"), "pay")
    with closing(sqlite3.connect(tmp_path / "pay.sqlite")) as file, file:
        file.execute(old + "(3, 3, 1500, 'CANCELING', 'c', 0, 1), (4, 4, 1500, 'CANCELED', 'c', 0, 2)")
        with pytest.raises(sqlite3.IntegrityError, match="refund_within"):
            file.execute("UPDATE payments SET refund_amount = 1501 WHERE id = 1")
    async with opened(tmp_path, "pay") as db:
        payments = SqlPaymentBook(db)
        due = await payments.unsettled(NOW, NOW, PaymentId(0), 10)
        assert [(it.id, it.refund) for it in due] == [(1, Refund(amount=1500)), (3, Refund(amount=1500))]
        for id in (2, 4):
            over = await payments.get(PaymentId(id), EVERYTHING)
            assert over.refund == Refund(amount=1500, status=RefundStatus.SUCCEEDED)


async def test_an_address_of_before_is_confirmed_and_so_is_what_a_program_of_before_puts(tmp_path):
    _make(tmp_path / "alarm.sqlite", "alarm", "alarm_0007_since_0001")
    old = "INSERT INTO contacts (recipient, channel, address, wanted) VALUES "
    with closing(sqlite3.connect(tmp_path / "alarm.sqlite")) as file, file:
        file.execute(old + "('1/', 'email', 'kim@example.com', 1)")
    migrate(url_of(tmp_path, "alarm"), "alarm")
    with closing(sqlite3.connect(tmp_path / "alarm.sqlite")) as file, file:
        file.execute(old + "('/1', 'email', 'hall@example.com', 0)")
    async with opened(tmp_path, "alarm") as db:
        found = [await SqlContacts(db).of(it) for it in (Scope(customer_id=1), Scope(company_id=1))]
        assert [(it.address, it.wanted, it.confirmed) for (it,) in found] == [
            ("kim@example.com", True, True),
            ("hall@example.com", False, True),
        ]


async def test_a_refund_that_a_program_of_before_has_made_is_made_whatever_a_new_one_had_begun(tmp_path):
    """It gives everything back, and does not say so where a refund is told of."""
    migrate(url_of(tmp_path, "pay"), "pay")
    begun = "refund_amount, refund_status, refund_round, refund_attempts"
    with closing(sqlite3.connect(tmp_path / "pay.sqlite")) as file, file:
        file.execute(
            f"INSERT INTO payments (id, booking_id, price, status, correlation_id, created_at, version, {begun})"
            " VALUES (1, 5, 1500, 'CANCELING', 'c', 0, 1, 1350, 'REQUESTED', 1, 0)"
        )
        file.execute("UPDATE payments SET status = 'CANCELED', version = 2")
    async with opened(tmp_path, "pay") as db:
        over = await SqlPaymentBook(db).of_booking(5, EVERYTHING)
        assert over.refund == Refund(amount=1500, status=RefundStatus.SUCCEEDED)


def test_several_at_once_make_one_schema(tmp_path):
    running = [_started(tmp_path) for _ in range(4)]
    heard = [process.communicate(timeout=60)[0].split("\n")[:-1] for process in running]
    assert [process.returncode for process in running] == [0] * 4
    assert [lines[-1] for lines in heard] == ["done"] * 4
    assert sum(len(lines) for lines in heard) == 4 + len(revisions("book")), "one of them did the work"


def _started(folder: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", MIGRATE, url_of(folder), "book"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)


@pytest.mark.parametrize("step", revisions("book"))
def test_one_that_breaks_off_leaves_nothing(tmp_path, step):
    def stop(line: str) -> None:
        """When the step has been taken, and is not yet committed."""
        if step in line.split():
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        migrate(url_of(tmp_path), "book", stop)
    with closing(sqlite3.connect(tmp_path / "book.sqlite")) as file:
        assert file.execute("SELECT name FROM sqlite_master").fetchall() == []
    migrate(url_of(tmp_path), "book")


def test_alembic_is_not_imported_when_there_is_nothing_to_do(tmp_path):
    migrate(url_of(tmp_path), "book")
    program = f"{MIGRATE}; print('alembic' in sys.modules)"
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, "-c", program, url_of(tmp_path), "book"]
    assert subprocess.check_output(command, text=True, env=environment).split() == ["done", "False"]


@pytest.mark.parametrize("service", SERVICES)
def test_the_schema_can_be_said_to_postgresql(service):
    """It comes next, with the same tables."""
    dialect = asyncpg.dialect()
    for table in _merged(service).sorted_tables:
        assert str(CreateTable(table).compile(dialect=dialect))
        assert str(insert(table).compile(dialect=dialect))
        for index in table.indexes:
            assert str(CreateIndex(index).compile(dialect=dialect))
