"""The topic from its beginning to its present end, all partitions side by side, for who belongs to no group."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from time import monotonic
from typing import Any, Final

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from adapters.kafka.clients import Cluster
from adapters.kafka.records import record
from myticket_core.errors import Rejected, Unavailable
from myticket_core.ports import Record

ANSWERED_MS: Final = 10_000
POLL_MS: Final = 500
SILENT: Final = 30.0
"""Seconds without a record that is known to be there, after which the broker is taken to be away."""


class KafkaHistory:
    """Where the topic ends is looked up at the first read, and again at the first one after an end."""

    def __init__(self, cluster: Cluster, topic: str) -> None:
        self._cluster, self._topic = cluster, topic
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="kafka history")
        self._consumer: KafkaConsumer | None = None
        self._closing = False
        self._at: dict[Any, int] = {}  # the next offset of each partition
        self._ends: Mapping[Any, int] | None = None

    async def read(self, limit: int) -> Sequence[Record]:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._read, limit)

    async def close(self) -> None:
        """Also while a read that nobody waits for any more still hopes for records."""
        self._closing = True
        await asyncio.get_running_loop().run_in_executor(self._thread, self._given_up)
        self._thread.shutdown(wait=False)

    def _read(self, limit: int) -> Sequence[Record]:
        try:
            if self._consumer is None:
                self._consumer = self._cluster.consumer(None)
            return self._next(self._consumer, limit)
        except KafkaError as error:
            self._given_up()
            raise Unavailable(f"Kafka: {error}") from error

    def _next(self, consumer: KafkaConsumer, limit: int) -> Sequence[Record]:
        ends = self._ends = self._ends or self._begun(consumer)
        until = monotonic() + SILENT
        while any(self._at[place] < end for place, end in ends.items()):
            found = consumer.poll(POLL_MS, max_records=limit)
            self._at |= {place: consumer.position(place, timeout_ms=ANSWERED_MS) for place in ends}
            if found:
                return [record(one) for some in found.values() for one in some]
            if self._closing or monotonic() > until:
                raise KafkaError(f"nothing came for {SILENT:g} s although {self._topic} goes on")
        self._whole(consumer, ends)
        self._ends = None
        return []

    def _begun(self, consumer: KafkaConsumer) -> Mapping[Any, int]:
        places = [TopicPartition(self._topic, number) for number in self._partitions(consumer)]
        self._at |= {place: 0 for place in places if place not in self._at}
        self._whole(consumer, places)
        consumer.assign(places)
        for place in places:
            consumer.seek(place, self._at[place])
        ends: Mapping[Any, int] = consumer.end_offsets(places, timeout_ms=ANSWERED_MS)
        return ends

    def _partitions(self, consumer: KafkaConsumer) -> Iterable[int]:
        partitions: set[int] | None = consumer.partitions_for_topic(self._topic)
        if not partitions:
            raise Rejected("no_topic", f"there is no topic {self._topic}, or this user may not see it")
        return sorted(partitions)

    def _whole(self, consumer: KafkaConsumer, places: Iterable[Any]) -> None:
        """Looked at in the end too: Kafka may have let go of records before they were read, and says nothing of it."""
        begins: Mapping[Any, int] = consumer.beginning_offsets(list(places), timeout_ms=ANSWERED_MS)
        if gone := sum(begins.values()):
            raise Rejected(
                "history_gone",
                f"Kafka keeps no more of {self._topic} than its end: the first {gone} records are deleted "
                "(retention.ms, retention.bytes of the topic), and what they said would be lost",
            )

    def _given_up(self) -> None:
        """The next read goes on with another consumer, where this one was."""
        consumer, self._consumer, self._ends = self._consumer, None, None
        if consumer is not None:
            with suppress(KafkaError):
                consumer.close(autocommit=False, timeout_ms=2000)
