"""Where the log ends, looked up every few seconds: how much is still to be dealt with, and whether it comes.

After trouble with a broker, kafka-python 3.0.12 was seen to stay in its group, send its heartbeats and fetch nothing
any more. A broker that stands still, or that nobody reaches any more, fails no poll either.
"""

from __future__ import annotations

from collections.abc import Mapping
from time import monotonic
from typing import Any, Final, TypeAlias

from kafka import KafkaConsumer
from kafka.errors import IllegalStateError, KafkaError, KafkaTimeoutError

LOOK: Final = 5.0
"""Seconds between two looks. So long nothing came until it is asked what is missing; twice the same is too often."""
LOOK_MS: Final = 1000
SILENT: Final = "Kafka does not say where its log ends"

Positions: TypeAlias = Mapping[Any, int]


class Ends:
    """`behind`: how many records of its partitions are not committed, None before the first look; `trouble`: why it
    cannot be said any more.
    """

    def __init__(self) -> None:
        self.behind: int | None = None
        self.trouble: str | None = None
        self._came_at = self._looked_at = monotonic()
        self._missed: Positions = {}

    def came(self) -> None:
        """Something came, or nothing was to come."""
        self._came_at, self._missed = monotonic(), {}

    def look(self, consumer: KafkaConsumer, begins: Mapping[int, int]) -> None:
        """`begins`: per partition where reading begins again; without, it does where it stands.

        Raises KafkaError: what was missing at the look before still is.
        """
        if monotonic() - self._looked_at < LOOK:
            return
        try:
            ends, stands = _places(consumer)
        except (KafkaTimeoutError, IllegalStateError, KeyError):  # the last: a partition has no leader now
            self.trouble = SILENT
        else:
            self.trouble = None
            self.behind = sum(max(0, end - begins.get(it.partition, stands[it])) for it, end in ends.items())
            self._miss({it: stands[it] for it, end in ends.items() if stands[it] < end})
        self._looked_at = monotonic()

    def _miss(self, missed: Positions) -> None:
        """Raises KafkaError."""
        if monotonic() - self._came_at < LOOK:
            return
        if any(self._missed.get(place) == position for place, position in missed.items()):
            raise KafkaError(f"records that are there do not come: {_told(missed)}")
        self._missed = missed


def _places(consumer: KafkaConsumer) -> tuple[Positions, Positions]:
    """The ends of the partitions it has, and where it stands in them. Raises what kafka-python does."""
    ends = consumer.end_offsets(list(consumer.assignment()), timeout_ms=LOOK_MS)
    stands = {place: consumer.position(place, timeout_ms=LOOK_MS) for place in ends}
    known = {place: at for place, at in stands.items() if at is not None}
    return {place: ends[place] for place in known}, known


def _told(missed: Positions) -> str:
    return ", ".join(f"partition {place.partition} from {at}" for place, at in sorted(missed.items()))
