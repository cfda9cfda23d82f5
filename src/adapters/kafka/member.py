"""One consumer in its group, past the traps of kafka-python 3.0.12. All its calls are made in one thread."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from time import monotonic
from typing import Any, Final

from kafka import ConsumerRebalanceListener, OffsetAndMetadata, TopicPartition
from kafka.errors import CommitFailedError, KafkaError, RebalanceInProgressError
from kafka.structs import MemberState

from adapters.kafka.clients import Cluster
from adapters.kafka.records import record
from adapters.kafka.tenure import Tenure
from myticket_core.errors import Unavailable
from myticket_core.ports import Record

COMMITTED_MS: Final = 5000
OUTSIDE: Final = 45.0
"""Seconds out of the group after which another consumer has better chances: more than a slow rebalance takes."""

log = logging.getLogger("myticket.kafka")


class Member:
    """`lost` hears of partitions that are taken away: what was fetched of them comes to somebody else."""

    def __init__(self, cluster: Cluster, topic: str, group: str, lost: Callable[[set[int]], None]) -> None:
        self._topic, self.group, self._lost = topic, group, lost
        self._tenure = Tenure()
        self._inside_at = monotonic()
        self._consumer = cluster.consumer(group)
        self._consumer.subscribe([topic], listener=_Listener(self._revoked))

    def fetch(self, seconds: float) -> Sequence[Record]:
        """What comes next, waiting for it so long. Raises KafkaError: take another consumer."""
        self._consumer.resume(*self._consumer.paused())
        return self._poll(seconds)

    def stay(self) -> Sequence[Record]:
        """Remain in the group. Nothing is fetched but of partitions that were assigned in this very moment."""
        self._consumer.pause(*self._consumer.assignment())
        return self._poll(0)

    def commit(self, records: Sequence[Record]) -> None:
        """Left out when a rebalance makes it impossible: these records come again, to whom they belong now."""
        ends = self._tenure.ends(records)
        offsets = {TopicPartition(self._topic, partition): OffsetAndMetadata(end) for partition, end in ends.items()}
        try:
            self._consumer.commit(offsets, timeout_ms=COMMITTED_MS)
        except (RebalanceInProgressError, CommitFailedError) as error:
            log.warning("kafka consumer %s: not committed, the records come again: %s", self.group, error)
        except KafkaError as error:
            raise Unavailable(f"Kafka: {error}") from error
        else:
            self._tenure.committed(ends)

    def rewind(self) -> None:
        for place in self._consumer.assignment():
            if (begin := self._tenure.begins.get(place.partition)) is not None:
                self._consumer.seek(place, begin)

    def close(self) -> None:
        self._consumer.close(autocommit=False, timeout_ms=2000)

    def _poll(self, seconds: float) -> Sequence[Record]:
        found: Mapping[Any, Sequence[Any]] = self._consumer.poll(int(seconds * 1000))
        self._see_to_the_group()
        records = [record(one) for some in found.values() for one in some]
        self._tenure.fetched(records)
        return records

    def _see_to_the_group(self) -> None:
        """A poll that ends while the group is being joined forgets that it was, when new metadata were the reason for
        joining; then the member never joins, fetches nothing, and sends no heartbeats, for ever.
        """
        state = self._consumer.group_metadata().state
        if state == MemberState.STABLE:
            self._inside_at = monotonic()
        elif state == MemberState.REBALANCING:
            self._consumer._coordinator.request_rejoin()
        if monotonic() - self._inside_at > OUTSIDE:
            raise KafkaError(f"not in the group {self.group} for {OUTSIDE:g} s, {state}")

    def _revoked(self, partitions: set[int]) -> None:
        self._tenure.ended(partitions)
        self._lost(partitions)


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]
    """Called in the IO thread, while ours waits in poll() or close()."""

    def __init__(self, revoked: Callable[[set[int]], None]) -> None:
        self._revoked = revoked

    def on_partitions_revoked(self, revoked: Any) -> None:
        self._revoked({place.partition for place in revoked})

    def on_partitions_assigned(self, assigned: Any) -> None:
        pass
