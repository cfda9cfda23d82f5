"""The thread that reads: one consumer of a group, polled all the time, and what it has fetched ahead."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from threading import Condition, Thread
from time import monotonic
from typing import Any, Final

from kafka import ConsumerRebalanceListener, KafkaConsumer

from adapters.kafka.clients import Cluster
from adapters.kafka.records import record
from adapters.kafka.tenure import Tenure
from myticket_core.ports import Record

POLL: Final = 0.2
"""Seconds; kafka-python has no wakeup(), so this is how late a request is heard while nothing comes."""

AGAIN: Final = 5.0
"""Seconds between two tries to have a consumer, at most."""

Request = Callable[[KafkaConsumer | None], object]
log = logging.getLogger("myticket.kafka")


class Poller:
    """While records wait to be taken nothing more is fetched, but polling goes on: however long a batch is in hand,
    the group keeps its member. Every call of the consumer is made in this thread.
    """

    def __init__(self, cluster: Cluster, topic: str, group: str, loop: asyncio.AbstractEventLoop) -> None:
        self._cluster, self.topic, self.group, self._loop = cluster, topic, group, loop
        self._changed = Condition()  # guards the three below
        self._fetched: deque[Record] = deque()
        self._requests: deque[tuple[Request, Future[Any]]] = deque()
        self._stopping = False
        self._filled = asyncio.Event()
        self.tenure = Tenure()
        self.beat_at = monotonic()
        self.trouble: str | None = None
        self.ended = loop.create_future()
        self._thread = Thread(target=self._run, name=f"kafka consumer {group}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def take(self, limit: int) -> Sequence[Record]:
        with self._changed:
            taken = [self._fetched.popleft() for _ in range(min(limit, len(self._fetched)))]
            if not self._fetched:
                self._filled.clear()
                self._changed.notify()
        return taken

    async def filled(self) -> None:
        """Return when there may be something to take."""
        await self._filled.wait()

    def ask(self, request: Request) -> Future[Any]:
        """Carried out between two polls; with None while there is no consumer."""
        answer: Future[Any] = Future()
        with self._changed:
            self._requests.append((request, answer))
            self._changed.notify()
        return answer

    def stop(self) -> None:
        with self._changed:
            self._stopping = True
            self._changed.notify()

    @property
    def running(self) -> bool:
        return self._thread.is_alive()

    def forget(self, partitions: set[int] | None = None) -> None:
        """Drop what was fetched of these partitions, or of all, and not taken."""
        with self._changed:
            kept = [it for it in self._fetched if partitions is not None and it.partition not in partitions]
            self._fetched = deque(kept)

    def _run(self) -> None:
        wait = 0.1
        while not self._stopping:
            try:
                self._consume()
            except Exception as error:  # said, and tried again with another consumer
                self._failed(error)
                self._rest(wait)
                wait = min(2 * wait, AGAIN)
            else:
                wait = 0.1
        self._answer(None)
        with suppress(RuntimeError):  # the loop may have ended before
            self._loop.call_soon_threadsafe(_resolve, self.ended)

    def _consume(self) -> None:
        """With one consumer until it fails or it is time to stop."""
        self.beat_at = monotonic()
        consumer = self._cluster.consumer(self.group)
        try:
            consumer.subscribe([self.topic], listener=_Listener(self))
            while not self._stopping:
                self.beat_at = monotonic()
                self._answer(consumer)
                self._poll(consumer)
        finally:
            self.revoked(None)
            consumer.close(autocommit=False, timeout_ms=2000)

    def _poll(self, consumer: KafkaConsumer) -> None:
        if self._fetched:
            with self._changed:
                self._changed.wait_for(lambda: self._requests or not self._fetched or self._stopping, POLL)
            consumer.pause(*consumer.assignment())
            self._fill(consumer.poll(0))
        else:
            consumer.resume(*consumer.paused())
            self._fill(consumer.poll(int(POLL * 1000)))
        self.trouble = None

    def _fill(self, found: Mapping[Any, Sequence[Any]]) -> None:
        records = [record(it) for some in found.values() for it in some]
        if records:
            self.tenure.fetched(records)
            with self._changed:
                self._fetched.extend(records)
            self._loop.call_soon_threadsafe(self._filled.set)

    def _answer(self, consumer: KafkaConsumer | None) -> None:
        while self._requests:
            request, answer = self._requests.popleft()
            if answer.set_running_or_notify_cancel():
                try:
                    answer.set_result(request(consumer))
                except Exception as error:  # told to who asked
                    answer.set_exception(error)

    def revoked(self, partitions: set[int] | None) -> None:
        self.forget(partitions)
        self.tenure.ended(partitions)

    def _failed(self, error: Exception) -> None:
        if self.trouble is None:
            log.warning("kafka consumer %s: %s; will go on trying", self.group, error)
        self.trouble = str(error)

    def _rest(self, seconds: float) -> None:
        """Requests are answered meanwhile."""
        until = monotonic() + seconds
        while (left := until - monotonic()) > 0 and not self._stopping:
            self._answer(None)
            with self._changed:
                self._changed.wait_for(lambda: self._requests or self._stopping, left)


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]
    """Called in the IO thread while ours waits in poll() or close()."""

    def __init__(self, poller: Poller) -> None:
        self._poller = poller

    def on_partitions_revoked(self, revoked: Any) -> None:
        self._poller.revoked({it.partition for it in revoked})

    def on_partitions_assigned(self, assigned: Any) -> None:
        pass


def _resolve(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
