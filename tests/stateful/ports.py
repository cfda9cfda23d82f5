"""The ports as a process in trouble has them: the memory adapters, with every call a chance to fail, wait or die."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from adapters.memory import MemoryDatabase, MemoryLog
from adapters.memory.database import Row
from myticket_core.booking.events import PaymentDue
from myticket_core.errors import Unavailable
from myticket_core.invariants import MoveRow
from myticket_core.messages import Cause, Envelope, Event
from myticket_core.ports import Record
from tests.stateful.chance import Chance
from tests.stateful.scheduler import Dead, Lost, Process, Scheduler, Signal, suspend

BEGIN = datetime(2026, 11, 22, tzinfo=UTC)
SOON = timedelta(seconds=1)
READS = frozenset(
    "get of of_booking list search lapsed waiting live campaigns toll outcomes unsettled troubled due pending keys "
    "parked lines ahead first settled wait".split()
)


class Host:
    """A process as its ports see it: the points between two steps where everything can go wrong."""

    def __init__(self, process: Process, chance: Chance) -> None:
        self.process, self.chance, self.epoch = process, chance, process.epoch

    async def point(self) -> None:
        """Others may come first; this process may be stopped for a while, or killed and never come back."""
        if self.process.epoch != self.epoch:
            raise Dead
        if self.chance.of("crash"):
            self.process.kill()
            await suspend(lambda task: None)
        if self.chance.of("stop"):
            self.process.stop(self.chance.seconds(1, 120))
        if self.chance.of("slow"):
            await self.process.scheduler.sleep(self.chance.seconds(0.01, 5))
        else:
            await self.process.scheduler.pause()
        if self.process.epoch != self.epoch:
            raise Dead


class Port:
    """A store's port: atomic, as the adapter is, but what comes before and after it is not."""

    def __init__(self, inner: Any, host: Host) -> None:
        self._inner, self._host = inner, host

    def __getattr__(self, name: str) -> Any:
        inner, host, writes = getattr(self._inner, name), self._host, name not in READS

        async def call(*args: Any, **members: Any) -> Any:
            await host.point()
            if host.chance.of("store down"):
                raise Unavailable("the store is down", SOON)
            if writes and host.chance.of("store broken"):
                raise Lost("the store hung up")
            result = await inner(*args, **members)
            await host.point()
            if writes and host.chance.of("store lost"):
                raise Lost("no answer from the store")
            return result

        self.__dict__[name] = call
        return call


class Ledger(MemoryDatabase):
    """A service's store that remembers all that was ever committed, and looks at each commit."""

    def __init__(self, clock: Any, ids: Any) -> None:
        super().__init__(clock, ids)
        self.everything: dict[str, Envelope] = {}
        self.moves: list[MoveRow] = []
        self.placed: dict[int, str] = {}  # booking → the key it was placed with
        self.oversold: list[int] = []
        self.agreed: dict[str, int] = {}  # the correlation of a cancel → the fee that its buyer was shown
        self.overcharged: list[int] = []
        self.invited: list[int] = []
        self.news = Signal()

    def commit(self, cause: Cause, events: Sequence[Event], *rows: Row) -> None:
        kinds = {id(self.tickets): "ticket", id(self.bookings): "booking", id(self.payments): "payment"}
        for table, key, state in rows:
            if id(table) in kinds:
                self._moved(kinds[id(table)], key, table.get(key), state)
                if table is self.bookings:
                    self._ended(cause, table.get(key), state)
            elif table is self.sales:
                self._taken(key, table.get(key), state)
            elif table is self.keys and key[0] == "book" and state[1] not in self.bookings:
                self.placed[state[1]] = key[1]
        self.invited += [it.id for it in events if isinstance(it, PaymentDue) and self.sales[it.ticket_id or 0].deleted]
        before = set(self.outbox)
        super().commit(cause, events, *rows)
        self.everything.update((id, it) for id, it in self.outbox.items() if id not in before)
        self.news.fire()

    def _moved(self, kind: str, key: int, before: Any, after: Any) -> None:
        if before is None or before.status is not after.status:
            self.moves.append(MoveRow(kind=kind, id=key, before=before and str(before.status), after=str(after.status)))

    def _ended(self, cause: Cause, before: Any, after: Any) -> None:
        """No fee is kept of a ticket known to be deleted, nor more than its buyer has agreed to."""
        if before is None or not before.live or after.live or after.refund is None:
            return
        fee = after.price - after.refund
        if fee > (0 if self.sales[after.ticket_id].deleted else self.agreed.get(cause.correlation_id, fee)):
            self.overcharged.append(after.id)

    def _taken(self, ticket_id: int, before: Any, after: Any) -> None:
        """No seat is taken beyond the capacity, nor one that others wait for, nor of a ticket known to be deleted."""
        if before is not None and after.taken > before.taken:
            capacity, others = after.terms.capacity, after.waiting if after.waiting == before.waiting else 0
            if after.deleted or (capacity is not None and after.taken + others > capacity):
                self.oversold.append(ticket_id)


class Clock:
    """May be wrong by a minute, and be set right, or more wrong, at any time."""

    def __init__(self, scheduler: Scheduler) -> None:
        self.scheduler, self.offset = scheduler, 0.0

    def now(self) -> datetime:
        return BEGIN + timedelta(seconds=self.scheduler.now + self.offset)

    async def sleep(self, duration: timedelta) -> None:
        await self.scheduler.sleep(duration.total_seconds())


class Ids:
    def __init__(self) -> None:
        self.count = 0

    def new(self) -> str:
        self.count += 1
        return f"id-{self.count}"

    def secret(self) -> str:
        return f"secret-{self.new()}"


class Publisher:
    """Loses, tears and repeats; but what it has confirmed is in, in order."""

    def __init__(self, log: Log, host: Host) -> None:
        self._log, self._host = log, host

    async def publish(self, envelopes: Sequence[Envelope]) -> None:
        chance = self._host.chance
        await self._host.point()
        if chance.of("publish refused"):
            raise Unavailable("the log is down", SOON)
        torn = chance.of("publish torn")
        kept = envelopes[: int(chance.random.random() * len(envelopes))] if torn else envelopes
        await self._log.append_all(kept)
        if chance.of("publish echo"):
            self._log.echo(kept, chance.seconds(0.1, 100))
        await self._host.point()
        if torn or chance.of("publish lost"):
            raise Unavailable("no answer from the log", SOON)


class Log:
    def __init__(self, scheduler: Scheduler, world: Process) -> None:
        self.memory, self.scheduler, self.world = MemoryLog(), scheduler, world
        self.arrived, self.echoes = Signal(), 0

    async def append_all(self, envelopes: Sequence[Envelope]) -> None:
        await self.memory.publisher().publish(envelopes)
        self.arrived.fire()

    def echo(self, envelopes: Sequence[Envelope], delay: float) -> None:
        """A batch that was sent again by a producer nobody remembers arrives late."""

        async def later() -> None:
            await self.scheduler.sleep(delay)
            await self.append_all(envelopes)
            self.echoes -= 1

        self.echoes += 1
        self.world.spawn(later())

    def lag(self, group: str) -> int:
        return len(self.memory.records) - self.memory.committed.get(group, 0)


class Reader:
    """Reads a little or a lot at a time; nothing while it is cut off."""

    def __init__(self, log: Log, group: str, host: Host, cut: Callable[[], bool]) -> None:
        self._log, self._host, self._cut = log, host, cut
        self._reader = log.memory.reader(group)

    async def read(self, limit: int, at_most: timedelta) -> Sequence[Record]:
        await self._host.point()
        most = self._host.chance.one((1, 2, 5, limit))
        records = [] if self._cut() else await self._reader.read(most, timedelta(0))
        if not records:
            await self._log.scheduler.wait(self._log.arrived, at_most.total_seconds())
        return records

    async def commit(self, records: Sequence[Record]) -> None:
        await self._host.point()
        if self._host.chance.of("store down"):
            raise Unavailable("the log is down", SOON)
        await self._reader.commit(records)
        await self._host.point()

    async def rewind(self) -> None:
        await self._host.point()
        await self._reader.rewind()


class History:
    """Reads a little or a lot at a time."""

    def __init__(self, log: Log, host: Host) -> None:
        self._host, self._history = host, log.memory.history()

    async def read(self, limit: int) -> Sequence[Record]:
        await self._host.point()
        return await self._history.read(self._host.chance.one((1, 2, 5, limit)))
