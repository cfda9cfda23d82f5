from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from concurrent.futures import Future
from datetime import timedelta
from time import monotonic
from typing import Final

from adapters.kafka.clients import Cluster
from adapters.kafka.polling import Poller
from myticket_core.errors import Unavailable
from myticket_core.ports import Record

HANGS: Final = 15.0
"""Seconds without a sign of life until a consumer is given up for another; less than max_poll_interval_ms."""

MOST: Final = 3
"""Threads that were given up and have not ended; with as many only a restart helps."""

RETRY: Final = timedelta(seconds=1)
log = logging.getLogger("myticket.kafka")


class KafkaReader:
    """Begins its work with the first read. While Kafka is away there is nothing to read."""

    def __init__(self, cluster: Cluster, topic: str, group: str) -> None:
        self._cluster, self._topic, self.group = cluster, topic, group
        self._poller: Poller | None = None
        self._given_up: list[Poller] = []
        self._behind = 0

    async def read(self, limit: int, at_most: timedelta) -> Sequence[Record]:
        poller = self._living()
        try:
            async with asyncio.timeout(at_most.total_seconds()):
                while not (records := poller.ahead.take(limit)):
                    await poller.ahead.filled()
        except TimeoutError:
            return poller.ahead.take(limit)
        return records

    async def commit(self, records: Sequence[Record]) -> None:
        """What a rebalance makes impossible is done after it, or the records come again, to whom they belong."""
        if records:
            poller = self._living()
            await self._answered(poller, poller.commit(records))

    async def rewind(self) -> None:
        poller = self._living()
        await self._answered(poller, poller.rewind())

    async def close(self) -> None:
        """Leave the group, so that others take over at once."""
        if self._poller:
            self._poller.stop()
            ended, _ = await asyncio.wait([self._poller.ended], timeout=HANGS / 3)
            if ended:
                self._poller.join()

    def stuck(self) -> str | None:
        """Why only a restart helps; None while all is well or heals by itself."""
        hanging = [poller for poller in self._given_up if poller.running]
        return f"{len(hanging)} Kafka consumers of {self.group} hang" if len(hanging) >= MOST else None

    @property
    def behind(self) -> int:
        """Records of its partitions that are not committed, as of some seconds ago."""
        if self._poller and self._poller.behind is not None:
            self._behind = self._poller.behind
        return self._behind

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

    async def _answered(self, poller: Poller, answer: Future[None]) -> None:
        """kafka-python's calls may block for ever, whatever timeout they are given (dpkp/kafka-python #3121)."""
        try:
            async with asyncio.timeout(HANGS):
                await asyncio.wrap_future(answer)
        except TimeoutError:
            self._give_up(poller)
            raise Unavailable(f"the Kafka consumer of {self.group} hangs; another one takes over", RETRY) from None
