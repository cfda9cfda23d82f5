"""Whatever somebody writes into the topic: no consumer dies, stalls or loses a record, and what follows arrives."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve, frozen

from adapters.kafka.records import record
from adapters.memory import MemoryLog, MemoryParking
from adapters.system import concurrently
from myticket_core.access import EVERYTHING
from myticket_core.messages import Cause, Envelope
from myticket_core.ports import Record
from myticket_core.reacting import Consumer, Handler, Reactor
from myticket_core.ticket.events import TicketRegistered
from myticket_core.ticket.policies import WHENEVER
from myticket_core.ticket.track_stock import StockTracker, TrackStock
from myticket_core.wire import encode, event_id
from tests.services.malformed import Raw, malformed
from tests.services.rest_world import START, World

SEED, PARTS, EACH = 20261122, 20, 5_000
"""100,000 records, each read by all five consumers."""
WITHIN = 120
"""Seconds for one consumer and one part; they take less than two."""


@frozen
class Found:
    """A record as kafka-python gives it."""

    offset: int
    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes | None]]
    timestamp: int
    partition: int = 0
    topic: str = "myticket"


def good() -> tuple[str, bytes, dict[str, str]]:
    event = TicketRegistered(id=7, version=1, company_id=1, price=15000, name="Concert")
    envelope = Envelope.seal(event, Cause(id="c", correlation_id="case"), "the good one", START)
    return envelope.key, *encode(envelope)


def consumers(world: World) -> Sequence[Consumer]:
    return [Consumer("ticket", WHENEVER, {TrackStock: StockTracker(world.tickets)}), *world.consumers()]


@pytest.mark.parametrize("seed", range(SEED, SEED + PARTS))
async def test_no_consumer_dies_or_stalls(seed: int) -> None:
    world, log = World(), MemoryLog()
    raws = list(malformed(seed, EACH))
    for position, raw in enumerate(raws):
        read = record(Found(position, raw.key, raw.value, raw.headers, raw.timestamp))
        log.append(read.key, read.value, read.headers)
    log.append(*good())
    said = [_readable(read.value) for read in log.records[:EACH]]
    for consumer in consumers(world):
        handled, parked = await _heard(world, consumer, log)
        for raw, read, (readable, kind) in zip(raws, log.records[:EACH], said, strict=True):
            became = {"handled": event_id(read) in handled, "parked": bool(parked.get(event_id(read)))}
            assert _right(consumer, raw, read, readable, kind, **became), (consumer.name, became, raw)
        assert ("the good one" in handled) == (consumer.name in ("book", "alarm", "mypage"))
    assert (await world.sales.get(7)).terms is not None
    assert (await world.apis()[4].browse.ticket(7, EVERYTHING)).ticket.name == "Concert"
    told = await world.notifications.due(world.clock.now(), "in-app", 10**6)
    assert "the good one" in {it.message.event_id for it in told}


async def _heard(world: World, consumer: Consumer, log: MemoryLog) -> tuple[set[str], dict[str, str]]:
    """All of the log: the ids of the events that were handled, and of what is parked with the reasons."""
    handled, parking = set[str](), MemoryParking(world.dbs[consumer.name])

    def noting(handler: Handler) -> Handler:
        async def handle(command: Any, cause: Cause) -> None:
            await handler(command, cause)
            handled.add(cause.id)

        return handle

    noted = evolve(consumer, handlers={kind: noting(handler) for kind, handler in consumer.handlers.items()})
    reactor = Reactor(noted, log.reader(consumer.name), parking, world.clock, concurrently)
    async with asyncio.timeout(WITHIN):
        while await reactor(timedelta(0)):
            pass
    return handled, {entry.id: entry.reason for entry in await parking.parked(consumer.name)}


def _right(
    consumer: Consumer, raw: Raw, read: Record, readable: bool, kind: object, *, handled: bool, parked: bool
) -> bool:
    """What nobody could read is parked; what is no business of the consumer is neither; else it is one of both."""
    known = {kind.__name__ for kind in consumer.whenever}
    if read.headers.get("ce_type", next(iter(known))) not in known:
        return not handled and not parked
    if raw.about == "deep":  # how deep is too deep hangs on who calls
        return not (handled and parked)
    if readable and kind not in known:
        return not handled and not parked
    return handled or parked if readable else parked and not handled


def _readable(value: bytes) -> tuple[bool, object]:
    """By what WIRE says, and not by our own code: an object with a type, and an id that is a positive number."""
    try:
        said = json.loads(value)
    except (ValueError, RecursionError):
        return False, None
    if not isinstance(said, dict) or not isinstance(said.get("eventType"), str):
        return False, None
    id = said.get("id")
    number = int(id) if isinstance(id, str) and id.isascii() and id.isdigit() and len(id) < 20 else id
    return type(number) is int and 0 < number < 2**63, said["eventType"]


async def test_one_of_many_megabytes() -> None:
    world, log = World(), MemoryLog()
    log.append(None, b'{"eventType":"TicketRegistered","id":8,"name":"' + b"x" * 20_000_000 + b'"}', {})
    log.append(None, b"[" * 20_000_000, {})
    log.append(*good())
    for consumer in consumers(world):
        handled, parked = await _heard(world, consumer, log)
        assert "myticket-0-1" in parked
        assert max(map(len, parked.values())) < 1000
        assert ("the good one" in handled) == (consumer.name in ("book", "alarm", "mypage"))
