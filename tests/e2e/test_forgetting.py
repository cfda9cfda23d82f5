"""A system that remembers only the last seconds of what it said and heard: nobody misses the rest."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest
import pytest_asyncio

from tests.e2e.system import System
from tests.until import until

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]

SECONDS = 2
HASTY = {"MYTICKET_HOLD_SECONDS": "1", "MYTICKET_RETENTION_DAYS": f"{SECONDS / 86_400:.9f}"}
WITHIN = 90.0
OLD = {"ticket": "outbox", "book": "keys", "pay": "ledger", "alarm": "inbox"}
"""A table of each service that everything which is done here leaves something in."""


KEPT = (("alarm", "notifications"), ("pay", "payments"), ("book", "sales"))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def forgetful(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Path]:
    """The data of a system that has forgotten all it did, and then did a little more; not to be changed."""
    async with System(tmp_path_factory.mktemp("forgetful"), dict(HASTY)) as system:
        ticket = await system.ticket(50)
        old = await book(system, ticket, "a key")
        await cancel(system, await book(system, ticket, "another"))
        await until(lambda: all(not rows(system.data, service, table) for service, table in OLD.items()))
        assert await book(system, ticket, "a key") != old, "it was forgotten"
        system.settings["MYTICKET_RETENTION_DAYS"] = "30"
        await system.stop()
        await system.start()
        await cancel(system, old)
        await until_told(system)
        await system.stop()
        yield system.data


async def book(system: System, ticket: int, key: str) -> int:
    order = {"ticketId": ticket, "paymentMethod": "sandbox-approve"}
    answer = await system.ask("POST", "/books", await system.customer(), order, Idempotency_Key=key)
    assert answer.status == 201, answer
    return int(answer.body["id"])


async def cancel(system: System, booking: int) -> None:
    assert (await system.ask("DELETE", f"/books/{booking}", await system.customer())).status == 204


async def until_told(system: System) -> None:
    async with asyncio.timeout(WITHIN):
        while (found := await system.audit())["in_flight"] or found["violations"]:
            continue  # an audit takes long enough


def rows(data: Path, service: str, table: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(data / f"{service}.sqlite")) as file:
        return file.execute(f"SELECT * FROM {table}").fetchall()


def executed(data: Path, service: str, sql: str) -> int:
    with closing(sqlite3.connect(data / f"{service}.sqlite")) as file, file:
        return file.execute(sql).rowcount


async def audited(data: Path) -> set[int]:
    found = await System(data).audit()
    return {violation["invariant"] for violation in found["violations"]}


async def test_the_audit_misses_nothing(forgetful: Path) -> None:
    assert len(rows(forgetful, "book", "outbox")) < len(rows(forgetful, "book", "bookings")) * 2
    assert await audited(forgetful) == set()


async def test_a_contradiction_since_then_is_found(forgetful: Path, tmp_path: Path) -> None:
    shutil.copytree(forgetful, tmp_path, dirs_exist_ok=True)
    assert executed(tmp_path, "book", "DELETE FROM outbox WHERE type = 'BookCanceled'") == 1
    assert 8 in await audited(tmp_path)


async def test_who_hears_all_of_it_again_does_nothing_twice(forgetful: Path, tmp_path: Path) -> None:
    """The log reaches further back than those who read it remember: what they keep tells them enough."""
    shutil.copytree(forgetful, tmp_path, dirs_exist_ok=True)
    told = {name: rows(tmp_path, *name) for name in KEPT}
    said = {service: len(rows(tmp_path, service, "outbox")) for service in ("ticket", "book", "pay")}
    assert executed(tmp_path, "log", "DELETE FROM offsets") == 5
    heard = len(rows(tmp_path, "log", "records"))
    async with System(tmp_path) as system:
        await until(lambda: len(rows(tmp_path, "log", "offsets")) == 5)
        await until_told(system)
    assert len(rows(tmp_path, "alarm", "inbox")) == heard, "it heard all of it, as if for the first time"
    assert {name: rows(tmp_path, *name) for name in told} == told
    assert {service: len(rows(tmp_path, service, "outbox")) for service in said} == said
    assert await audited(tmp_path) == set()
