from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from time import monotonic
from typing import Final

from kafka import KafkaConsumer, OffsetAndMetadata, TopicPartition
from kafka.errors import CommitFailedError, KafkaError, RebalanceInProgressError

from adapters.kafka.clients import Cluster
from adapters.kafka.polling import Poller
from myticket_core.errors import Unavailable
from myticket_core.ports import Record

COMMITTED_MS: Final = 5000
HANGS: Final = 15.0
"""Seconds without a sign of life until a consumer is given up for another; less than max_poll_interval_ms."""

MOST: Final = 3
"""Threads that were given up and have not ended; more of them and only a restart helps."""

RETRY: Final = timedelta(seconds=1)
Request = Callable[[Poller, KafkaConsumer | None], object]
log = logging.getLogger("myticket.kafka")


class KafkaReader:
    """Begins with the first read or commit. While Kafka is away there is nothing to read."""

    def __init__(self, cluster: Cluster, topic: str, group: str) -> None:
        self._cluster, self._topic, self.group = cluster, topic, group
        self._poller: Poller | None = None
        self._given_up: list[Poller] = []

    async def read(self, limit: int, at_most: timedelta) -> Sequence[Record]:
        poller = self._living()
        try:
            async with asyncio.timeout(at_most.total_seconds()):
                while not (records := poller.take(limit)):
                    await poller.filled()
        except TimeoutError:
            return poller.take(limit)
        return records

    async def commit(self, records: Sequence[Record]) -> None:
        """A commit that a rebalance makes impossible is left out: these records come again, to whom they belong now."""
        if records:
            await self._ask(lambda poller, consumer: _commit(poller, consumer, records))

    async def rewind(self) -> None:
        await self._ask(_rewind)

    async def close(self) -> None:
        pollers = [*self._given_up, *([self._poller] if self._poller else [])]
        for poller in pollers:
            poller.stop()
        if self._poller:
            await asyncio.wait([self._poller.ended], timeout=HANGS / 3)

    def stuck(self) -> str | None:
        """Why only a restart helps; None while all is well or heals by itself."""
        hanging = [poller for poller in self._given_up if poller.running]
        return f"{len(hanging)} consumers of {self.group} hang" if len(hanging) >= MOST else None

    @property
    def trouble(self) -> str | None:
        return self._poller.trouble if self._poller else None

    def _living(self) -> Poller:
        if self._poller and monotonic() - self._poller.beat_at > HANGS:
            self._give_up(self._poller)
        if self._poller is None:
            self._poller = Poller(self._cluster, self._topic, self.group, asyncio.get_running_loop())
            self._poller.start()
        return self._poller

    def _give_up(self, poller: Poller) -> None:
        """Its thread ends when it wakes up, if ever; the group waits for it for max_poll_interval_ms at most."""
        log.error("kafka consumer %s hangs: going on with another", self.group)
        poller.stop()
        self._given_up = [other for other in self._given_up if other.running]
        self._given_up.append(poller)
        if self._poller is poller:
            self._poller = None

    async def _ask(self, request: Request) -> None:
        """kafka-python's calls may block for ever whatever timeout they are given (dpkp/kafka-python #3121)."""
        poller = self._living()
        try:
            async with asyncio.timeout(HANGS):
                await asyncio.wrap_future(poller.ask(partial(request, poller)))
        except TimeoutError:
            self._give_up(poller)
            raise Unavailable(f"the Kafka consumer of {self.group} hangs; another one takes over", RETRY) from None


def _commit(poller: Poller, consumer: KafkaConsumer | None, records: Sequence[Record]) -> None:
    """In the poller's thread, as all calls of a consumer are."""
    if consumer is None:
        raise Unavailable(f"no Kafka consumer now: {poller.trouble}", RETRY)
    ends = poller.tenure.ends(records)
    offsets = {TopicPartition(poller.topic, partition): OffsetAndMetadata(end) for partition, end in ends.items()}
    try:
        consumer.commit(offsets, timeout_ms=COMMITTED_MS)
    except (RebalanceInProgressError, CommitFailedError) as error:
        log.warning("kafka consumer %s: not committed, the records come again: %s", poller.group, error)
    except KafkaError as error:
        raise Unavailable(f"Kafka: {error}", RETRY) from error
    else:
        poller.tenure.committed(ends)


def _rewind(poller: Poller, consumer: KafkaConsumer | None) -> None:
    poller.forget()
    if consumer is not None:
        for partition in consumer.assignment():
            if (begin := poller.tenure.begins.get(partition.partition)) is not None:
                consumer.seek(partition, begin)
