"""Whether records lie there that do not come: after trouble with a broker, kafka-python 3.0.12 was seen to stay in its
group, send its heartbeats and fetch nothing any more.
"""

from __future__ import annotations

from collections.abc import Mapping
from time import monotonic
from typing import Any, Final

from kafka import KafkaConsumer
from kafka.errors import KafkaError, KafkaTimeoutError

DRY: Final = 5.0
"""Seconds in which nothing came until it is looked whether there is something; twice the same is once too often."""
LOOK_MS: Final = 1000


class Drought:
    """One look in DRY seconds, and none while records come."""

    def __init__(self) -> None:
        self._since = monotonic()
        self._missed: Mapping[Any, int] = {}

    def over(self) -> None:
        """Something came, or nothing was to come."""
        self._since, self._missed = monotonic(), {}

    def look(self, consumer: KafkaConsumer) -> None:
        """Raises KafkaError: what was missing DRY seconds ago still is."""
        if monotonic() - self._since < DRY:
            return
        missed = _missed(consumer)
        if any(self._missed.get(place) == position for place, position in missed.items()):
            raise KafkaError(f"records that are there do not come: {_told(missed)}")
        self._since, self._missed = monotonic(), missed


def _missed(consumer: KafkaConsumer) -> Mapping[Any, int]:
    """Where it stands in partitions that go on behind that; none when Kafka does not say."""
    try:
        ends = consumer.end_offsets(list(consumer.assignment()), timeout_ms=LOOK_MS)
        stands = {place: consumer.position(place, timeout_ms=LOOK_MS) for place in ends}
    except KafkaTimeoutError:
        return {}
    return {place: at for place, at in stands.items() if at is not None and at < ends[place]}


def _told(missed: Mapping[Any, int]) -> str:
    return ", ".join(f"partition {place.partition} from {at}" for place, at in sorted(missed.items()))
