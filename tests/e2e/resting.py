"""What has to hold when everything has been left alone for a while, whatever happened before."""

from __future__ import annotations

import asyncio
import time
from typing import Any, Final

import asyncpg
from attrs import frozen

from myticket_core.invariants import LogRow, Snapshot
from myticket_core.invariants.telling import in_order
from tests.e2e.five import Five
from tests.e2e.load import Diary
from tests.services.kafka_world import lies

GIVES_UP_AFTER: Final = 120.0
"""Seconds; how soon it really is at rest is printed, a figure and no test: the machine may be busy."""
WITH_OUTBOX: Final = ("ticket", "book", "pay")


@frozen
class Rest:
    seconds: float
    audit: dict[str, Any]
    repeats: int
    """Records in the log beyond one for each event."""

    def __str__(self) -> str:
        return f"at rest after {self.seconds:.1f} s, {self.repeats} repeats in the log, {self.audit['compared']}"


async def at_rest(five: Five) -> Rest:
    """Returns when the audit finds nothing wrong and nothing under way; the log has everything, in order."""
    began = time.monotonic()
    while True:
        audit = await five.audit()
        seconds = time.monotonic() - began
        if not audit["violations"] and not audit["in_flight"]:
            return Rest(seconds, audit, await _log_is_whole(five))
        assert seconds < GIVES_UP_AFTER, (audit["violations"], audit["in_flight"])
        await asyncio.sleep(0.3)


async def _log_is_whole(five: Five) -> int:
    """Everything said is in the log, an aggregate's versions first in order; how many records are repeats."""
    rows = [_row(record) for record in await lies(five.kafka, five.made.name)]
    assert not (wrong := list(in_order(Snapshot(log=rows)))), wrong
    there = {row.id for row in rows}
    for service in WITH_OUTBOX:
        missing = await _said(five.made.store(service)) - there
        assert not missing, f"{service} said {missing}, and it is not in the log"
    return len(rows) - len(there)


def _row(record: Any) -> LogRow:
    headers = {name: value.decode() for name, value in record.headers}
    version = headers.get("ce_aggregateversion")
    return LogRow(
        id=headers["ce_id"],
        type=headers["ce_type"],
        key=record.key.decode(),
        version=None if version is None else int(version),
    )


async def _said(database: str) -> set[str]:
    connection = await asyncpg.connect(database)
    try:
        return {id for (id,) in await connection.fetch("SELECT id FROM outbox")}
    finally:
        await connection.close()


async def kept(five: Five, diary: Diary) -> None:
    """Every acknowledged booking is there, BOOKED unless somebody canceled it or deleted its ticket."""
    assert diary.booked, "the crowd booked nothing: this run proves nothing"
    connection = await asyncpg.connect(five.made.store("book"))
    try:
        rows = await connection.fetch("SELECT id, status, ticket_id FROM bookings")
    finally:
        await connection.close()
    found = {id: (status, ticket) for id, status, ticket in rows}
    for id in diary.booked:
        assert id in found, f"booking {id} was acknowledged and is gone"
        status, ticket = found[id]
        may_be_canceled = id in diary.canceling or ticket in diary.deleted
        assert status in ({"BOOKED", "CANCELED"} if may_be_canceled else {"BOOKED"}), (id, status)
    for id in diary.canceled:
        assert found[id][0] == "CANCELED", f"booking {id} was canceled, and is {found[id][0]}"
