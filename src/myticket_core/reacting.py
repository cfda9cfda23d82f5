"""Whenever an event, then a command: once per (consumer, event id), retried, and parked rather than dropped."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any, Final, TypeAlias

from attrs import define, evolve, field, frozen

from myticket_core.errors import NotFound, Unavailable, Unreadable
from myticket_core.messages import Cause, Envelope, Event, opened
from myticket_core.ports import Clock, EventLog, Parked, Parking, Record, Together
from myticket_core.wire import decode, event_id

Policy: TypeAlias = Callable[[Any], object]
"""event → command: pure."""

Whenever: TypeAlias = Mapping[type[Event], Policy]
Handler: TypeAlias = Callable[[Any, Cause], Awaitable[object]]
"""Carries out a command; effect and inbox row (consumer, event id) in one commit."""

BEHIND: Final = "waits behind a parked event of its key"
FIRST_WAIT: Final = timedelta(milliseconds=100)
"""Until an event that failed is tried again; then twice as long, each time."""

AtOnce: TypeAlias = Callable[[Sequence[tuple[Any, Cause]]], Awaitable[object]]
"""Carries out several commands, in this order, in fewer commits. What it raises may have left some of them done."""


@frozen
class Consumer:
    """A named reader of the log: its policies, and who carries out each command they ask for.

    `at_once`, where there is one, carries out what several events of one key ask for. They come one by one again when
    that fails, so it is for handlers that an event may come to again.
    """

    name: str
    whenever: Whenever
    handlers: Mapping[type, Handler]
    at_once: AtOnce | None = None
    _kinds: Mapping[str, type[Event]] = field(init=False)

    @_kinds.default
    def _by_name(self) -> Mapping[str, type[Event]]:
        return {kind.__name__: kind for kind in self.whenever}

    def also(self, other: Consumer) -> Consumer:
        """The same, who does what that one does, too."""
        return evolve(self, whenever={**self.whenever, **other.whenever}, handlers={**self.handlers, **other.handlers})

    async def handle(self, envelope: Envelope) -> None:
        """Do what the policy says about this event; an event without a policy is none of our business."""
        kind = self.kind(envelope)
        if kind is not None:
            command = self.whenever[kind](opened(envelope, kind))
            await self.handlers[type(command)](command, envelope.cause(self.name))

    async def handle_all(self, envelopes: Sequence[Envelope]) -> None:
        assert self.at_once is not None
        known = [(envelope, kind) for envelope in envelopes if (kind := self.kind(envelope))]
        await self.at_once([(self.whenever[kind](opened(it, kind)), it.cause(self.name)) for it, kind in known])

    def kind(self, envelope: Envelope) -> type[Event] | None:
        return self._kinds.get(envelope.type)

    def ignores(self, record: Record) -> bool:
        """Whether the headers alone already say that this is none of our business."""
        named = record.headers.get("ce_type")
        return named is not None and named not in self._kinds


@define
class _Batch:
    """Keys that something is parked under, as far as is known; and what was handled."""

    waiting: set[str]
    handled: list[Envelope] = field(factory=list)


@frozen
class Reactor:
    """Feeds a consumer from the log. Keys are independent of each other; within a key the order is kept.

    A store that is down is waited for. An event that cannot be read, or fails `attempts` times, is parked, and
    later events of its key are parked behind it; the offset moves on only when every record is handled or parked.
    """

    consumer: Consumer
    log: EventLog
    parking: Parking
    clock: Clock
    together: Together
    attempts: int = 5
    batch: int = 200

    async def __call__(self, at_most: timedelta = timedelta(seconds=1)) -> int:
        """Read, handle and commit one batch; how many records that were."""
        records = await self.log.read(self.batch, at_most)
        if records:
            try:
                await self._handle_all(records)
            except BaseException:
                await self.log.rewind()
                raise
        return len(records)

    async def _handle_all(self, records: Sequence[Record]) -> None:
        lanes: dict[str, list[Record]] = defaultdict(list)
        for record in records:
            if not self.consumer.ignores(record):
                lanes[lane_of(record)].append(record)
        if lanes:
            batch = _Batch(set(await self.parking.keys(self.consumer.name)))
            await self.together([self._in_order(lane, batch) for lane in lanes.values()])
            await self._take_out(batch.handled)
        await self.log.commit(records)

    async def _in_order(self, records: Sequence[Record], batch: _Batch) -> None:
        if not await self._at_once(records, batch):
            for record in records:
                await self._handle(record, batch)

    async def _at_once(self, records: Sequence[Record], batch: _Batch) -> bool:
        """Whether they are all done. What fails here fails again one by one, and is retried or parked there."""
        if self.consumer.at_once is None or len(records) == 1 or batch.waiting:
            return False
        try:
            envelopes = [decode(record) for record in records]
            await self.consumer.handle_all(envelopes)
        except Exception:
            return False
        batch.handled += [envelope for envelope in envelopes if self.consumer.kind(envelope)]
        return True

    async def _handle(self, record: Record, batch: _Batch) -> None:
        try:
            envelope = decode(record)
        except Unreadable as error:
            return await self._park(record, event_id(record), record.key, str(error), batch.waiting)
        if self.consumer.kind(envelope) is None:
            return
        if await self._waits(record, envelope, batch.waiting):
            return
        reason = await self._failure(envelope)
        if reason:
            await self._park(record, envelope.id, envelope.key, reason, batch.waiting)
        else:
            batch.handled.append(envelope)

    async def _take_out(self, handled: Sequence[Envelope]) -> None:
        """Who had the partition before, and failed, may have parked it just before it was handled here."""
        ids = {envelope.id for envelope in handled}
        keys = await self.parking.keys(self.consumer.name) if handled else frozenset()
        for key in {envelope.key for envelope in handled if envelope.key in keys}:
            for entry in await self.parking.parked(self.consumer.name, key):
                if entry.id in ids:
                    await released(self.parking, entry)

    async def _waits(self, record: Record, envelope: Envelope, waiting: set[str]) -> bool:
        """Whether it is parked behind what was before it, which a replay may release in the very same moment.

        So it is looked at again when it is parked: nobody would come for what is behind nothing.
        """
        if envelope.key not in waiting or not await self._still_parked(envelope.key):
            return False
        await self._park(record, envelope.id, envelope.key, BEHIND, waiting)
        for first in (await self.parking.parked(self.consumer.name, envelope.key))[:1]:
            if (first.id, first.reason) == (envelope.id, BEHIND):
                await released(self.parking, first)
                return False
        return True

    async def _still_parked(self, key: str) -> bool:
        """A replay may have released it since the batch began."""
        return key in await self.parking.keys(self.consumer.name)

    async def _failure(self, envelope: Envelope) -> str | None:
        """Why it could not be handled, after all attempts; None when it was."""
        attempt = 1
        while True:
            try:
                await self.consumer.handle(envelope)
                return None
            except Unavailable as down:
                await self.clock.sleep(down.retry_after)
            except Exception as error:  # parked with its reason by the caller
                if attempt == self.attempts:
                    return f"{type(error).__name__}: {error}"
                await self.clock.sleep(FIRST_WAIT * 2 ** (attempt - 1))
                attempt += 1

    async def _park(self, record: Record, id: str, key: str | None, reason: str, waiting: set[str]) -> None:
        await self.parking.park(Parked(id, self.consumer.name, key, record, reason, self.clock.now()))
        if key is not None:
            waiting.add(key)


@frozen
class Replay:
    """Handles parked events again, in order and under their own ids."""

    consumer: Consumer
    parking: Parking

    async def __call__(self, id: str) -> int:
        """Replay one parked event and what waits behind it; how many succeeded. Raises what the handler raises."""
        chosen = next((it for it in await self.parking.parked(self.consumer.name) if it.id == id), None)
        if chosen is None:
            raise NotFound("parked event", id)
        if chosen.key is None:
            return await self._handle([chosen])
        count = 0
        while same_key := await self.parking.parked(self.consumer.name, chosen.key):
            count += await self._handle(same_key)  # and again: more may have been parked behind them meanwhile
        return count

    async def _handle(self, entries: Sequence[Parked]) -> int:
        for entry in entries:
            await self.consumer.handle(decode(entry.record))
            await released(self.parking, entry)
        return len(entries)


async def released(parking: Parking, entry: Parked) -> None:
    """It is dealt with. A replay and a consumer may both come to it: the event is handled once none the less."""
    with suppress(NotFound):
        await parking.release(entry.consumer, entry.id)


def lane_of(record: Record) -> str:
    """What keeps its order: the key, or the subject of the event when an original sent no key."""
    if record.key is not None:
        return record.key
    try:
        return decode(record).key
    except Unreadable:
        return event_id(record)
