"""What has to hold when everything has been left alone for a while, whatever happened before."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import Any, Final

import asyncpg
from attrs import frozen
from kafka import KafkaConsumer, TopicPartition

from myticket_core.invariants import LogRow, Snapshot
from myticket_core.invariants.finding import KINDS
from myticket_core.invariants.telling import in_order
from scripts.installation import SERVICES
from tests.e2e.five import Five
from tests.e2e.load import Diary
from tests.services.kafka_world import lies

GIVES_UP_AFTER: Final = 120.0
"""Seconds; how soon it really is at rest is printed, a figure and no test: the machine may be busy."""
WITH_OUTBOX: Final = ("ticket", "book", "pay")
WITH_INBOX: Final = ("ticket", "book", "pay", "alarm")


@frozen
class Rest:
    seconds: float
    audit: dict[str, Any]
    repeats: int
    """Records in the log beyond one for each event."""

    def __str__(self) -> str:
        return f"at rest after {self.seconds:.1f} s, {self.repeats} repeats in the log, {self.audit['compared']}"


async def at_rest(five: Five) -> Rest:
    """Returns when it has settled. Then the log has everything that was said, and order is seen to have been kept in it
    and in what came of it.
    """
    began = time.monotonic()
    audit = await settled(five)
    return Rest(time.monotonic() - began, audit, await _order_was_kept(five))


async def settled(five: Five, within: float = GIVES_UP_AFTER) -> dict[str, Any]:
    """The audit that found nothing wrong and nothing under way; asked for only when everybody has read all there is, as
    it takes as long as a start.
    """
    began, audit = time.monotonic(), dict[str, Any]()
    while True:
        unread = await lag(five)
        if not any(unread.values()):
            audit = await five.audit()
            if not audit["violations"] and not audit["in_flight"]:
                return audit
            if any(it["what"] == "refund failed" for it in audit["in_flight"]):
                await five.run("payments", "retry", "--all")  # as an operator does, who sees them
        seconds = time.monotonic() - began
        assert seconds < within, (audit, unread)
        print(f"{seconds:.1f} s", dict(unread), [(it["what"], len(it["ids"])) for it in audit.get("in_flight", ())])
        await asyncio.sleep(0.3)


async def lag(five: Five) -> Mapping[str, int]:
    """Service → how many records it has still to read."""
    return await asyncio.to_thread(_lag, five.kafka, five.made.name, five.made.groups)


def _lag(bootstrap: str, topic: str, prefix: str) -> Mapping[str, int]:
    found = {}
    for service in SERVICES:
        of = {"group_id": prefix + service, "enable_auto_commit": False}
        with closing(KafkaConsumer(bootstrap_servers=bootstrap, **of)) as consumer:
            places = [TopicPartition(topic, number) for number in consumer.partitions_for_topic(topic)]
            ends = consumer.end_offsets(places)
            found[service] = sum(ends[place] - (consumer.committed(place) or 0) for place in places)
    return found


async def _order_was_kept(five: Five) -> int:
    """An aggregate's versions are first in the log, and were heard by each, in order; how many records are repeats."""
    rows = [_row(record) for record in await lies(five.kafka, five.made.name)]
    assert not (wrong := list(in_order(Snapshot(log=rows)))), wrong
    events = {row.id: row for row in rows}
    for service in WITH_OUTBOX:
        missing = {id for (id,) in await select(five, service, "SELECT id FROM outbox")} - events.keys()
        assert not missing, f"{service} said {missing}, and it is not in the log"
    for service in WITH_INBOX:
        heard = [events[id] for (id,) in await select(five, service, "SELECT event_id FROM inbox ORDER BY at")]
        _each_newer(service, heard)
    return len(rows) - len(events)


def _each_newer(service: str, heard: Sequence[LogRow]) -> None:
    last: dict[tuple[str, str], int] = defaultdict(int)
    for row in heard:
        if row.version is not None:
            aggregate = KINDS[row.type], row.key
            assert row.version > last[aggregate], f"{service} heard {row} after version {last[aggregate]}"
            last[aggregate] = row.version


def _row(record: Any) -> LogRow:
    headers = {name: value.decode() for name, value in record.headers}
    version = headers.get("ce_aggregateversion")
    return LogRow(
        id=headers["ce_id"],
        type=headers["ce_type"],
        key=record.key.decode(),
        version=None if version is None else int(version),
    )


async def select(five: Five, service: str, query: str) -> list[Any]:
    """What is in its store."""
    connection = await asyncpg.connect(five.made.store(service))
    try:
        return list(await connection.fetch(query))
    finally:
        await connection.close()


async def kept(five: Five, diary: Diary) -> None:
    """Every acknowledged booking is there, BOOKED unless somebody canceled it or deleted its ticket."""
    assert diary.booked, "the crowd booked nothing: this run proves nothing"
    rows = await select(five, "book", "SELECT id, status, ticket_id FROM bookings")
    found = {id: (status, ticket) for id, status, ticket in rows}
    for id in diary.booked:
        assert id in found, f"booking {id} was acknowledged and is gone"
        status, ticket = found[id]
        may_be_canceled = id in diary.canceling or ticket in diary.deleted
        assert status in ({"BOOKED", "CANCELED"} if may_be_canceled else {"BOOKED"}), (id, status)
    for id in diary.canceled:
        assert found[id][0] == "CANCELED", f"booking {id} was canceled, and is {found[id][0]}"
