"""The log, in one partition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from adapters.memory.signals import Signal
from myticket_core.messages import Envelope
from myticket_core.ports import Record
from myticket_core.wire import encode


class MemoryLog:
    """Everything ever published, and how far each group has come. It outlives its publishers and readers."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.committed: dict[str, int] = {}  # group → the position it begins at
        self.appended = Signal()

    def publisher(self) -> MemoryPublisher:
        return MemoryPublisher(self)

    def reader(self, group: str) -> MemoryReader:
        return MemoryReader(self, group)

    def history(self) -> MemoryHistory:
        return MemoryHistory(self)

    def append(self, key: str | None, value: bytes, headers: Mapping[str, str]) -> None:
        """Any record, as others write them too."""
        self.records.append(Record(len(self.records), key, value, headers))
        self.appended.fire()


class MemoryPublisher:
    def __init__(self, log: MemoryLog) -> None:
        self._log = log

    async def publish(self, envelopes: Sequence[Envelope]) -> None:
        for envelope in envelopes:
            self._log.append(envelope.key, *encode(envelope))


class MemoryReader:
    def __init__(self, log: MemoryLog, group: str) -> None:
        self._log, self._group = log, group
        self._next = log.committed.get(group, 0)

    async def read(self, limit: int, at_most: timedelta) -> Sequence[Record]:
        if self._next == len(self._log.records):
            await self._log.appended.wait(at_most, self._log.appended.fired)
        records = self._log.records[self._next : self._next + limit]
        self._next += len(records)
        return records

    async def commit(self, records: Sequence[Record]) -> None:
        ends = [record.position + 1 for record in records]
        self._log.committed[self._group] = max([self._log.committed.get(self._group, 0), *ends])

    async def rewind(self) -> None:
        self._next = self._log.committed.get(self._group, 0)


class MemoryHistory:
    def __init__(self, log: MemoryLog) -> None:
        self._log, self._next = log, 0

    async def read(self, limit: int) -> Sequence[Record]:
        records = self._log.records[self._next : self._next + limit]
        self._next += len(records)
        return records
