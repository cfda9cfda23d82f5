"""What every context needs from outside. Each port is said as a guarantee; conformance/ tries it."""

from __future__ import annotations

from collections.abc import Coroutine, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from attrs import frozen

from myticket_core.messages import Envelope


class Clock(Protocol):
    def now(self) -> datetime:
        """The time, UTC, aware."""

    async def sleep(self, duration: timedelta) -> None:
        """Return once `duration` has passed."""


class Together(Protocol):
    async def __call__(self, jobs: Sequence[Coroutine[Any, Any, None]]) -> None:
        """Run all jobs, at once or one by one; return when all have ended, raise what the first failed one raised."""


class Ids(Protocol):
    def new(self) -> str:
        """An id nobody has had before, at most 64 characters."""

    def secret(self) -> str:
        """What nobody can guess: at least 128 bits of chance, in at most 64 of 0-9 a-f."""


class Pingable(Protocol):
    async def ping(self) -> None:
        """Return when the store answers; raise Unavailable when it does not."""


class Outbox(Protocol):
    """What this service has said and not yet published. Rows appear in the commit that stored the state."""

    async def pending(self, limit: int) -> Sequence[Envelope]:
        """The oldest unpublished envelopes, in the order they were said."""

    async def published(self, ids: Sequence[str]) -> None:
        """These are confirmed by the log: never offer them again. Unknown ids are ignored."""

    async def wait(self, at_most: timedelta) -> None:
        """Return soon after something new is pending, at the latest after `at_most`."""


class Past(Protocol):
    """What a service remembers beside its state: what it said and heard, the keys it was asked under, its ledger."""

    async def forget(self, before: datetime, limit: int) -> bool:
        """Forget what is older, at most `limit` of each sort; whether there may be more.

        State stays, and so does what is not published yet. An event or a key that is forgotten is as new: `before`
        has to be further back than anybody repeats one, and than the log reaches.
        """


class EventPublisher(Protocol):
    async def publish(self, envelopes: Sequence[Envelope]) -> None:
        """Return when all are durable in the log, in this order for equal keys.

        Raises Unavailable: some may be in; publishing all of them again is right, consumers dedupe by id.
        """


@frozen
class Record:
    """One entry of the log as it lies there. `position` rises within a partition."""

    position: int
    key: str | None
    value: bytes
    headers: Mapping[str, str]
    partition: int = 0
    topic: str = "myticket"


class EventLog(Protocol):
    """The log as one consumer group reads it. Delivery is at least once, in order for equal keys."""

    async def read(self, limit: int, at_most: timedelta) -> Sequence[Record]:
        """The records after the last ones read, none twice unless it restarts; waits for some up to `at_most`.

        A new reader of the group begins after the last commit, or at the beginning of the log.
        """

    async def commit(self, records: Sequence[Record]) -> None:
        """These and all before them in their partition are dealt with; survives a restart."""

    async def rewind(self) -> None:
        """Forget what was read since the last commit: the next read begins there again."""


class History(Protocol):
    """All that the log keeps, from its beginning, for one who belongs to no group. In order for equal keys."""

    async def read(self, limit: int) -> Sequence[Record]:
        """The records after the last ones read, none twice, at most `limit`.

        Empty only at the end: then everything has been read that was in the log when the first of these reads began,
        or the first one after the last end. Raises Unavailable: nothing was skipped, read again. Raises Rejected:
        the beginning of the log is not kept any more.
        """


@frozen
class Parked:
    """A record that could not be handled, kept with the reason until somebody replays or discards it."""

    id: str  # the event's id
    consumer: str
    key: str | None
    record: Record
    reason: str
    at: datetime


class Parking(Protocol):
    """Where records wait that could not be handled. Nothing parked is ever lost or handled out of order."""

    async def park(self, parked: Parked) -> bool:
        """Keep it, once per (consumer, id), unless the consumer has handled the event; whether it waits here now.

        So who has lost its partition, and fails at what its successor has handled, holds up nobody. Who has no inbox at
        hand cannot know, and keeps it. What the successor is just handling may be kept: its `Reactor` takes that out.
        """

    async def keys(self, consumer: str) -> frozenset[str]:
        """The keys that something of this consumer is parked under: what follows them must wait too."""

    async def waiting(self, consumer: str) -> int:
        """How many wait to be looked after: everything under one key is one, and so is each that has none."""

    async def parked(self, consumer: str, key: str | None = None) -> Sequence[Parked]:
        """Everything parked for the consumer, or under one key of it, in the order it was parked."""

    async def release(self, consumer: str, id: str) -> None:
        """Forget it: it was handled, or somebody decided it never will be. Raises NotFound."""


class Owners(Protocol):
    """The services that events come from, asked for what an event of a Java original leaves out: whose it is."""

    async def ask(self, source: str, id: int) -> Mapping[str, int]:
        """Members of the booking ("book") or the payment ("pay") by the names that events have them.

        Best effort: {} when it is not known, or nobody answers soon. It never raises, and does not wait again and
        again for a service that does not answer.
        """
