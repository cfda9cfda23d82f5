"""One consumer in its group, past the traps of kafka-python 3.0.12. All its calls are made in one thread."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from time import monotonic
from typing import Any, Final, Protocol

from kafka import ConsumerRebalanceListener, OffsetAndMetadata, TopicPartition
from kafka.errors import CommitFailedError, KafkaError, RebalanceInProgressError
from kafka.structs import MemberState

from adapters.kafka.clients import Cluster
from adapters.kafka.ends import Ends
from adapters.kafka.records import record
from adapters.kafka.tenure import Tenure
from myticket_core.errors import Unavailable
from myticket_core.ports import Record

COMMITTED_MS: Final = 5000
OUTSIDE: Final = 45.0
"""Seconds out of the group after which another consumer has better chances: more than a slow rebalance takes."""

log = logging.getLogger("myticket.kafka")


class Holder(Protocol):
    """Whoever has what the member fetched. Called while the member is called."""

    def hold(self) -> None:
        """The group is being divided anew: hand out nothing until `drop`."""

    def drop(self, gone: set[int]) -> None:
        """What was fetched of these partitions comes to somebody else; the others are ours as before."""


class Member:
    def __init__(self, cluster: Cluster, topic: str, group: str, holder: Holder) -> None:
        self._topic, self.group, self.holder = topic, group, holder
        self.ends, self._tenure = Ends(), Tenure()
        self._owned: set[int] = set()
        self._owed: dict[int, int] = {}  # per partition, how far to commit once that is possible
        self.inside = False  # at the last poll: only then it has partitions, or knows that it has none
        self._inside_at = monotonic()
        self._consumer = cluster.consumer(group)
        self._consumer.subscribe([topic], listener=_Listener(self))

    def fetch(self, seconds: float) -> Sequence[Record]:
        """What comes next, waiting for it so long. Raises KafkaError: take another consumer."""
        self._consumer.resume(*self._consumer.paused())
        fetcher = self._consumer._fetcher
        # Otherwise what it had of a partition when that was paused lies there for as long as others bring something.
        fetcher._next_partition_records = fetcher._next_partition_records or None
        return self._poll(seconds)

    @property
    def coming(self) -> bool:
        """Whether there is an answer, or one is on its way: asked for when an older one was handed out."""
        fetcher = self._consumer._fetcher
        return bool(fetcher._completed_fetches or fetcher.in_flight_fetches())

    def stay(self, seconds: float = 0) -> Sequence[Record]:
        """Remain in the group. Nothing is fetched but of partitions that were assigned in this very moment."""
        self._consumer.pause(*self._consumer.assignment())
        self.ends.came()
        return self._poll(seconds)

    def commit(self, records: Sequence[Record]) -> None:
        """Put off while the group is divided anew, then done for what is still ours; the rest comes again, to whom it
        belongs by then.
        """
        self._owed |= self._tenure.ends(records)
        try:
            self._settle()
        except (RebalanceInProgressError, CommitFailedError) as error:
            log.warning("kafka consumer %s: not committed yet: %s", self.group, error)
        except KafkaError as error:
            self._owed.clear()  # who is told so begins again
            raise Unavailable(f"Kafka: {error}") from error

    def _settle(self) -> None:
        """Raises KafkaError: it is still owed."""
        if self._owed:
            offsets = {TopicPartition(self._topic, it): OffsetAndMetadata(end) for it, end in self._owed.items()}
            self._consumer.commit(offsets, timeout_ms=COMMITTED_MS)
            self._tenure.committed(self._owed)
            self._owed.clear()

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
        if records or not self.inside:
            self.ends.came()
        if self.inside:
            self.ends.look(self._consumer, self._tenure.begins)
        return records

    def _see_to_the_group(self) -> None:
        """A poll that ends while the group is being joined forgets that it was, when new metadata were the reason for
        joining; then the member never joins, fetches nothing, and sends no heartbeats, for ever.
        """
        state = self._consumer.group_metadata().state
        self.inside = state == MemberState.STABLE
        if self.inside:
            self._inside_at = monotonic()
            with suppress(RebalanceInProgressError, CommitFailedError):  # the next one has begun
                self._settle()
        elif state == MemberState.REBALANCING:
            self._consumer._coordinator.request_rejoin()
        if monotonic() - self._inside_at > OUTSIDE:
            raise KafkaError(f"not in the group {self.group} for {OUTSIDE:g} s, {state}")

    def owns(self, partitions: set[int]) -> None:
        """What it owned before and still does goes on where it was; so kafka-python 3 keeps its position too."""
        gone = set(self._owned - partitions)
        self._owned = partitions
        self._tenure.ended(gone)
        for partition in gone:
            self._owed.pop(partition, None)
        self.holder.drop(gone)


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]
    """Called in the IO thread, while ours waits in poll() or close()."""

    def __init__(self, member: Member) -> None:
        self._member = member

    def on_partitions_revoked(self, revoked: Any) -> None:
        """Not gone yet: most of them come back in a moment."""
        self._member.holder.hold()

    def on_partitions_assigned(self, assigned: Any) -> None:
        self._member.owns({place.partition for place in assigned})

    def on_partitions_lost(self, lost: Any) -> None:
        self._member.owns(set())
