"""What stops a start is said in a line, whatever it is, and damages nothing."""

import errno
import os
import sqlite3
from contextlib import closing
from importlib import import_module

import pytest

from apps import embedded
from apps.failures import CannotRun, told
from apps.places import SERVICES
from apps.settings import Settings
from apps.tokens import issue
from tests.services.stores import put


@pytest.fixture
def settings(tmp_path):
    return Settings(data=tmp_path, port=0)


async def line(settings, host="127.0.0.1"):
    """What the start is refused with."""
    with pytest.raises(Exception) as refused:  # noqa: PT011 - whatever it is, it has to be told
        await embedded.run(settings, host, SERVICES, lambda url: pytest.fail("it serves"))
    return told(refused.value)


def stores(settings):
    """All of them, as they should be."""
    for name in ("log", *SERVICES):
        put(settings.data, name)


async def test_development_tokens_outside(settings):
    said = await line(settings, "0.0.0.0")
    assert said.startswith("cannot listen on 0.0.0.0 with the development tokens")
    assert not list(settings.data.iterdir())


@pytest.mark.parametrize("name", [*SERVICES, "log"])
async def test_a_damaged_store(settings, name):
    file = settings.data / f"{name}.sqlite"
    file.write_bytes(b"this is no database" * 100)
    assert (await line(settings)).startswith(f"{file} is not a database, or is damaged")
    assert file.read_bytes() == b"this is no database" * 100


async def test_a_damaged_sandbox(settings):
    (settings.data / "sandbox.sqlite").write_bytes(b"this is no database" * 100)
    assert (await line(settings)) == f"{settings.data}/sandbox.sqlite cannot be used: file is not a database"


async def test_a_store_of_a_newer_version(settings):
    stores(settings)
    with closing(sqlite3.connect(settings.data / "pay.sqlite", isolation_level=None)) as pay:
        pay.execute("UPDATE alembic_version SET version_num = '9999'")
    assert (await line(settings)).startswith(f"{settings.data}/pay.sqlite was written by a newer version")


async def test_a_locked_store(settings, monkeypatch):
    monkeypatch.setattr(import_module("adapters.persistence.sqlite.migration"), "PATIENCE", 0.1)
    stores(settings)
    with closing(sqlite3.connect(settings.data / "ticket.sqlite", isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode=EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        said = await line(settings)
    assert said.startswith(f"{settings.data}/ticket.sqlite is locked by another process")


async def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").touch()
    said = await line(Settings(data=tmp_path / "file" / "data"))
    assert said == f"the data folder {tmp_path}/file/data cannot be made: {os.strerror(errno.ENOTDIR)}"


async def test_a_key_that_is_none(settings):
    (settings.data / "issuer.pem").write_text("nonsense")
    assert "issuer.pem" in await line(settings)


@pytest.fixture
def full(monkeypatch):
    """A disk with room for names, and for nothing in them."""

    def no_room(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "pwrite", no_room)
    monkeypatch.setattr(os, "fsync", no_room)


async def test_a_full_disk_is_told_with_what_had_no_room(settings, full):
    assert (await line(settings)) == f"{settings.data}/ticket.lock cannot be written: No space left on device"


def test_what_had_no_room_is_not_left_behind(settings, full):
    with pytest.raises(CannotRun, match=r"/issuer\.pem cannot be used: No space left on device"):
        issue(settings, "admin", None, None, 60)
    assert list(settings.data.iterdir()) == []


def test_a_defect_is_no_expected_failure():
    assert told(ZeroDivisionError()) is None


def test_what_the_system_refuses_is_told_with_its_file():
    assert told(OSError(errno.ENOSPC, "No space left on device", "/data/x")) == "No space left on device: /data/x"


@pytest.mark.parametrize("error", [TimeoutError(), CannotRun(), ConnectionResetError()])
def test_what_has_no_words_is_told_by_its_kind(error):
    assert told(error) == type(error).__name__


async def test_stripe_with_a_currency_of_which_it_takes_round_amounts_only(tmp_path):
    said = Settings(data=tmp_path, payment_provider="stripe", stripe_api_key="sk_test", payment_currency="isk")
    assert "PAYMENT_CURRENCY is isk" in await line(said)
