"""All that was ever said, heard once more: for a store that is an older one than its place in the log says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

from attrs import frozen

from myticket_core.ports import Clock, History, Parking, Record, Together
from myticket_core.reacting import Consumer, Reactor


@frozen
class Rehear:
    """What its store has heard already changes nothing; it may be done again.

    Each of `consumers` goes through the whole log, one after the other. Where a service can lose what it has told, the
    first restores that: so the next one, which does what others' events ask for, finds everything as it was in the end.
    Until all is over the service itself must not run: it would go on from what is long past. What cannot be handled is
    parked, as it was when it was heard first, also what was discarded since.
    """

    consumers: Sequence[Consumer]
    history: Callable[[], History]
    parking: Parking
    clock: Clock
    together: Together

    async def __call__(self, progress: Callable[[int], None] = lambda _heard: None) -> int:
        """How many records there were. Raises Unavailable: begin again; Rejected: the log's beginning is gone."""
        heard = 0
        for consumer in self.consumers:
            heard = await self._all(consumer, progress)
        return heard

    async def _all(self, consumer: Consumer, progress: Callable[[int], None]) -> int:
        reactor = Reactor(consumer, _Again(self.history()), self.parking, self.clock, self.together)
        heard = 0
        while some := await reactor():
            heard += some
            progress(heard)
        return heard


@frozen
class _Again:
    """A log for who belongs to no group: where the consumer's own one stands is left alone."""

    history: History

    async def read(self, limit: int, at_most: timedelta) -> Sequence[Record]:
        return await self.history.read(limit)

    async def commit(self, records: Sequence[Record]) -> None:
        """Its next read goes on behind them."""

    async def rewind(self) -> None:
        """Whoever failed begins again from the beginning."""
