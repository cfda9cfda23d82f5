"""A file that is locked, full, damaged, too new or not there: one line that says so, and nothing damaged."""

from __future__ import annotations

import asyncio
import resource
import sqlite3
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from adapters.persistence import Database, StoreError, migrate, sqlite
from adapters.system import RandomIds, SystemClock
from myticket_core.errors import Unavailable
from tests.services.stores import Bookings, opened, url_of

SERVICES = ("ticket", "book", "pay", "alarm", "mypage", "log")


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(sqlite.connection, "PATIENCE", 0.05)
    monkeypatch.setattr("adapters.persistence.sqlite.migration.PATIENCE", 0.05)


@contextmanager
def locked(path: Path):
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


@contextmanager
def no_file_beyond(size: int):
    """As a full disk: what would make a file longer fails, for this whole process."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def refused(*calls) -> list[str]:
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {Unavailable}
    return [str(outcome) for outcome in outcomes]


async def test_while_another_process_has_the_lock_nothing_is_written_and_then_it_goes_on(tmp_path, impatient, caplog):
    async with opened(tmp_path) as db:
        store = Bookings(db)
        await store.offer(None)
        with locked(tmp_path / "book.sqlite"):
            for round in range(3):
                messages = await refused(store.hold(f"a{round}"), store.hold(f"b{round}"))
            assert await store.stored() == {}, "reading goes on"
        assert "book.sqlite is locked by another process" in messages[0]
        assert [kept.state.id for kept in (await store.hold("a0"), await store.hold("c"))] == [1, 2]
    assert [record.levelname for record in caplog.records] == ["ERROR", "WARNING"], (
        "said once, and once that it is over"
    )


async def test_a_full_disk_refuses_writes_until_there_is_room(tmp_path, caplog):
    async with opened(tmp_path) as db:
        store = Bookings(db)
        await store.offer(None)
        for number in range(20):
            await store.hold(f"k{number}")
        with no_file_beyond((tmp_path / "book.sqlite-wal").stat().st_size + 20_000):
            held = 20 + await as_many_as_fit(store)
            await refused(*(store.hold(f"never{number}") for number in range(50)))
            assert len(await store.stored()) == held
        await store.hold("again")
        assert sorted(await store.stored()) == list(range(1, held + 2))
        assert (await store.sales.get(1)).held == held + 1
    assert [record.levelname for record in caplog.records] == ["ERROR", "WARNING"]
    with closing(sqlite3.connect(tmp_path / "book.sqlite")) as file:
        assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)


async def as_many_as_fit(store) -> int:
    for number in range(100):
        try:
            await store.hold(f"more{number}")
        except Unavailable:
            return number
    raise AssertionError("the disk is never full")


def test_the_codes_of_a_full_disk_and_of_a_read_only_one_are_known():
    def said(code: int) -> str | None:
        error = sqlite3.OperationalError()
        error.sqlite_errorcode = code
        return sqlite.connection.trouble(error)

    assert "full" in said(sqlite3.SQLITE_FULL)
    assert "read-only" in said(sqlite3.SQLITE_READONLY)
    assert "read-only" in said(sqlite3.SQLITE_READONLY_DIRECTORY)
    assert said(sqlite3.SQLITE_CONSTRAINT_CHECK) is None
    assert sqlite.connection.trouble(ValueError()) is None


@pytest.mark.parametrize("damage", [b"not a database at all, but long enough to look" * 100, b"short"])
async def test_a_file_that_is_no_database(tmp_path, damage):
    path = tmp_path / "book.sqlite"
    path.write_bytes(damage)
    for attempt in (migrated, opened_once):
        with pytest.raises(StoreError) as error:
            await attempt(tmp_path)
        assert one_line(error) == f"{path} is not a database, or is damaged: put it aside and restore a copy"
    assert path.read_bytes() == damage


async def test_a_file_that_is_damaged_inside(tmp_path):
    async with opened(tmp_path) as db:
        store = Bookings(db)
        await store.offer(None)
        await asyncio.gather(*(store.hold(f"k{number}") for number in range(500)))
    path = tmp_path / "book.sqlite"
    with closing(sqlite3.connect(path)) as file:
        ((size,),) = file.execute("PRAGMA page_size")
        roots = file.execute("SELECT rootpage FROM sqlite_master WHERE tbl_name IN ('bookings', 'sales')").fetchall()
    with path.open("r+b") as torn:
        for (root,) in roots:
            torn.seek((root - 1) * size)
            torn.write(b"\xff" * size)
    async with opened(tmp_path) as db:
        for call in (Bookings(db).hold("k"), Bookings(db).stored()):
            with pytest.raises(Unavailable, match=r"book\.sqlite is damaged: put it aside"):
                await call


@pytest.mark.parametrize("service", SERVICES)
async def test_a_store_of_a_newer_version_is_left_alone(tmp_path, service):
    async with opened(tmp_path, service):
        pass
    path = tmp_path / f"{service}.sqlite"
    with closing(sqlite3.connect(path)) as file, file:
        file.execute("UPDATE alembic_version SET version_num = '9001'")
    before = path.read_bytes()
    for attempt in (migrated, opened_once):
        with pytest.raises(StoreError) as error:
            await attempt(tmp_path, service)
        assert one_line(error) == f"{path} was written by a newer version of myticket: use that one"
    assert path.read_bytes() == before


@pytest.mark.parametrize(("found", "goes_on"), [("book_9001_since_0001", True), ("book_9001_since_9000", False)])
async def test_a_newer_version_may_only_have_added_something(tmp_path, found, goes_on):
    """So that an old program starts while the new one is rolled out."""
    async with opened(tmp_path):
        pass
    with closing(sqlite3.connect(tmp_path / "book.sqlite")) as file, file:
        file.execute("UPDATE alembic_version SET version_num = ?", (found,))
    if goes_on:
        await migrated(tmp_path)
        await opened_once(tmp_path)
    else:
        with pytest.raises(StoreError, match="written by a newer version"):
            await opened_once(tmp_path)


async def test_a_store_that_is_not_there_or_not_migrated(tmp_path):
    with pytest.raises(StoreError, match="is not there"):
        await opened_once(tmp_path)
    assert list(tmp_path.iterdir()) == []
    sqlite3.connect(tmp_path / "book.sqlite").close()
    (tmp_path / "book.sqlite").touch()
    with pytest.raises(StoreError, match="run `myticket migrate book` first"):
        await opened_once(tmp_path)


async def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(StoreError, match="cannot be opened"):
        await migrated(tmp_path / "nowhere")


async def test_a_store_that_another_process_keeps_locked_is_not_migrated(tmp_path, impatient):
    path = tmp_path / "book.sqlite"
    with locked(path), pytest.raises(StoreError, match="is locked by another process"):
        await migrated(tmp_path)


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///", "book.sqlite", "mysql:///book.sqlite"])
async def test_an_address_that_is_no_file(url):
    with pytest.raises(StoreError, match="sqlite:///relative/file or sqlite:////absolute/file"):
        await Database.open(url, "book")
    with pytest.raises(StoreError):
        migrate(url, "book")


async def test_the_store_of_another_service(tmp_path):
    migrate(url_of(tmp_path, "pay"), "pay")
    with pytest.raises(StoreError, match="is the store of pay, not of book"):
        await Database.open(url_of(tmp_path, "pay"), "book")
    with pytest.raises(StoreError, match="is the store of pay, not of book"):
        migrate(url_of(tmp_path, "pay"), "book")


async def test_a_name_with_all_sorts_of_characters(tmp_path):
    folder = tmp_path / "a ?b#c%20 데이터"
    folder.mkdir()
    async with opened(folder) as db:
        await db.ping()
    assert (folder / "book.sqlite").exists()


async def test_read_only_reads_while_another_writes(tmp_path):
    async with opened(tmp_path) as db:
        store = Bookings(db)
        await store.offer(None)
        reading = await Database.open(url_of(tmp_path), "book", SystemClock(), RandomIds(), read_only=True)
        await store.hold("k")
        other = Bookings(reading)
        assert await other.stored() == {1: "PENDING"}
        with pytest.raises(Unavailable, match="reading only"):
            await other.hold("l")
        await reading.close()


async def migrated(folder: Path, service: str = "book") -> None:
    migrate(url_of(folder, service), service)


async def opened_once(folder: Path, service: str = "book") -> None:
    db = await Database.open(url_of(folder, service), service, SystemClock(), RandomIds())
    await db.close()


def one_line(error) -> str:
    message = str(error.value)
    assert "\n" not in message
    return message
