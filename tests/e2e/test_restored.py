"""Book's store is put back to an older state: what it should have heard since it hears again, lost money goes back."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.e2e.system import QUIET, System, run

pytestmark = pytest.mark.slow

FIRST = {"MYTICKET_FIRST_ID": "1000"}


async def test_what_it_missed_is_heard_again_and_what_it_lost_is_paid_back(tmp_path: Path) -> None:
    backup, data = tmp_path / "backup", tmp_path / "data"
    data.mkdir()
    async with System(data, {**QUIET, **FIRST}) as system:
        dearer, deleted = await system.ticket(), await system.ticket()
        kept = await _book(system, dearer)
        await system.at_rest()
        await system.stop()
        shutil.copytree(data, backup)
        await system.start()
        lost = await _book(system, dearer)
        await _after_the_backup(system, dearer, deleted)
        await system.at_rest()
        await system.stop()
        _put_back(backup, data)
        assert {4, 7, 9} <= await _wrong(system)
        assert "records of the log heard again" in await run("rehear", "book", "--data", str(data))
        assert "1 on the way back" in await run("payments", "refund", str(lost), "--data", str(data))
        system.settings["MYTICKET_FIRST_ID"] = "2000"
        await system.start()
        await _as_it_should_be(system, dearer, deleted, kept, lost)


async def _book(system: System, ticket: int) -> int:
    answer = await system.ask("POST", "/books", await system.customer(), {"ticketId": ticket})
    assert answer.status == 201, answer
    return int(answer.body["id"])


async def _after_the_backup(system: System, dearer: int, deleted: int) -> None:
    organizer = await system.organizer()
    assert (await system.ask("PATCH", f"/tickets/{dearer}", organizer, {"price": 25000})).status == 200
    assert (await system.ask("DELETE", f"/tickets/{deleted}", organizer)).status == 204


def _put_back(backup: Path, data: Path) -> None:
    for file in data.glob("book.sqlite*"):
        file.unlink()
    for file in backup.glob("book.sqlite*"):
        shutil.copy(file, data)


async def _wrong(system: System) -> set[int]:
    return {violation["invariant"] for violation in (await system.audit())["violations"]}


async def _as_it_should_be(system: System, dearer: int, deleted: int, kept: int, lost: int) -> None:
    """But for the page of the lost booking, which nobody can tell what became of it."""
    customer = await system.customer()
    refused = await system.ask("POST", "/books", customer, {"ticketId": deleted})
    assert (refused.status, refused.body["code"]) == (409, "closed")
    asked = await system.ask("POST", "/books", customer, {"ticketId": dearer})
    assert (asked.status, asked.body["price"]) == (201, 25000)
    assert asked.body["id"] >= 2000
    payments = (await system.ask("GET", "/payments", await system.admin())).body["_embedded"]["payments"]
    assert {it["bookId"]: it["status"] for it in payments} == {
        kept: "APPROVED",
        lost: "CANCELED",
        asked.body["id"]: "APPROVED",
    }
    assert [(it["invariant"], it["ids"]) for it in (await system.audit())["violations"]] == [(10, [lost])]
