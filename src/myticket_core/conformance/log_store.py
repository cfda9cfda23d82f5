"""A log and what is published to it, to try adapters with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from itertools import count
from typing import Final

from attrs import frozen

from myticket_core.conformance.base import soon
from myticket_core.conformance.builders import NOW
from myticket_core.messages import Envelope
from myticket_core.ports import EventLog, EventPublisher, Record
from myticket_core.wire import decode

_NUMBERS: Final = count(1)
PATIENCE: Final = timedelta(seconds=1)


@frozen
class Log:
    """One log, empty at first: who writes to it, and who reads it as the group of that name."""

    publisher: EventPublisher
    reader: Callable[[str], EventLog]


def envelope(key: str = "1", note: str = "") -> Envelope:
    """Another one each time."""
    number = next(_NUMBERS)
    data = {"id": number, "note": note, "price": 2**53 - 1, "nothing": None}
    time = NOW.replace(microsecond=0)
    return Envelope(f"e-{number}", "Booked", "book", key, data, time, f"of-{key}", "cause-1", number)


def ids(records: Sequence[Record]) -> list[str]:
    return [decode(record).id for record in records]


async def take(log: EventLog, number: int) -> list[Record]:
    """The next `number` records, in as many reads as it takes. AssertionError when they do not come."""
    records: list[Record] = []
    try:
        await soon(_filled(records, log, number))
    except TimeoutError:
        raise AssertionError(f"{number} records should come, only these did: {records}") from None
    return records


async def _filled(records: list[Record], log: EventLog, number: int) -> None:
    while len(records) < number:
        records.extend(await log.read(number - len(records), PATIENCE))


async def nothing_left(log: EventLog) -> bool:
    return not await log.read(10, timedelta(milliseconds=50))
