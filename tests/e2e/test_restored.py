"""A service's store is put back to an older state: what it has told since then, and has heard, it has again."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.system import QUIET, System, run

pytestmark = pytest.mark.slow

UNTOLD = {"createdAt", "expiresAt"}
"""When it was asked for, and until when it was held, nobody was told of what was booked at once."""


@pytest.mark.parametrize("service", ["ticket", "book", "pay"])
async def test_everything_is_as_it_was(service: str, tmp_path: Path) -> None:
    backup, data = tmp_path / "backup", tmp_path / "data"
    data.mkdir()
    async with System(data, {**QUIET}) as system:
        dearer, deleted, single = await system.ticket(), await system.ticket(), await system.ticket(capacity=1)
        kept, off = await _book(system, dearer), await _book(system, deleted)
        await system.at_rest()
        await system.stop()
        shutil.copytree(data, backup)
        await system.start()
        await _after_the_backup(system, dearer, deleted, single, kept)
        await system.at_rest()
        before = await _all(system)
        assert await _ended(system) > {kept, off}
        await system.stop()
        _put_back(service, backup, data)
        assert await _wrong(system)
        for _ in range(2):
            assert "records of the log heard again" in await run("rehear", service, "--data", str(data))
        await system.start()
        await system.at_rest()
        assert await _all(system) == before
        assert not await _wrong(system)
        assert await _book(system, dearer) > max(it["id"] for it in before["books"])
        await system.at_rest()
        assert not await _wrong(system)


async def _book(system: System, ticket: int) -> int:
    answer = await system.ask("POST", "/books", await system.customer(), {"ticketId": ticket})
    assert answer.status == 201, answer
    return int(answer.body["id"])


async def _after_the_backup(system: System, dearer: int, deleted: int, single: int, kept: int) -> None:
    """Everything that can be told of a ticket, a booking and a payment."""
    organizer, customer = await system.organizer(), await system.customer()
    assert (await system.ask("PATCH", f"/tickets/{dearer}", organizer, {"price": 25000})).status == 200
    assert (await system.ask("DELETE", f"/tickets/{deleted}", organizer)).status == 204
    assert (await system.ask("DELETE", f"/books/{kept}", customer)).status in (200, 204)
    for ticket in (dearer, single, await system.ticket()):
        await _book(system, ticket)
    free, later = await system.ticket(price=0), await system.ticket(capacity=2)
    for ticket in (dearer, free, later):  # paid and given back since
        assert (await system.ask("DELETE", f"/books/{await _book(system, ticket)}", customer)).status == 204
    unpaid = await system.ask("POST", "/books", customer, {"ticketId": later, "paymentMethod": "sandbox-unavailable"})
    assert unpaid.status == 503, unpaid
    assert (await system.ask("DELETE", f"/books/{unpaid.body['bookId']}", customer)).status == 204
    await _book(system, later)
    assert (await system.ask("PATCH", f"/tickets/{later}", organizer, {"capacity": 1})).status == 200


def _put_back(service: str, backup: Path, data: Path) -> None:
    for file in data.glob(f"{service}.sqlite*"):
        file.unlink()
    for file in backup.glob(f"{service}.sqlite*"):
        shutil.copy(file, data)


async def _wrong(system: System) -> set[int]:
    return {violation["invariant"] for violation in (await system.audit())["violations"]}


async def _ended(system: System) -> set[int]:
    return {it["id"] for it in (await _all(system))["books"] if it["status"] == "CANCELED"}


async def _all(system: System) -> dict[str, list[dict[str, Any]]]:
    lists = {}
    for name in ("tickets", "books", "payments"):
        answer = await system.ask(
            "GET", f"/{name}?size=100&sort={'bookId' if name == 'payments' else 'id'}", await system.admin()
        )
        lists[name] = [_told(row) for row in answer.body["_embedded"][name]]
    return lists


def _told(row: dict[str, Any]) -> dict[str, Any]:
    """Of a payment that came to nothing only what its booking says of it."""
    if row["status"] == "CANCELED" and "bookId" in row and row["refund"] is None:
        return {name: row[name] for name in ("bookId", "ticketId", "customerId", "status")}
    return {name: value for name, value in row.items() if name not in UNTOLD}
