"""The thread that sends: one group of records at a time; all are confirmed, or the producer is given up."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic
from typing import Any, Final

from attrs import field, frozen
from kafka import KafkaProducer
from kafka.errors import KafkaError, UnknownError

from adapters.kafka.clients import Cluster
from adapters.kafka.records import Message

SENT: Final = 5.0
"""Seconds until a group that is not confirmed has failed."""

GROUP: Final = 2000
"""Records under way at once, and never more: kafka-python itself would take any number while the broker is away."""

log = logging.getLogger("myticket.kafka")


@frozen(eq=False)
class Job:
    messages: Sequence[Message]
    done: Future[None] = field(factory=Future)


class Sender:
    """Sends what is put, in that order for equal keys, also when something fails and is put again.

    For that, the first failure gives the producer up at once, with all that waits behind the record that failed. What
    the broker may still do of it later is to append records that come again anyway, in the same order.
    """

    def __init__(self, cluster: Cluster, name: str) -> None:
        self._cluster, self.name = cluster, name
        self._waiting = SimpleQueue[Job | None]()
        self._producer: KafkaProducer | None = None
        self._thread = Thread(target=self._run, name=f"kafka {name}", daemon=True)
        self.busy_since: float | None = None
        self.trouble: str | None = None

    def put(self, messages: Sequence[Message]) -> Future[None]:
        """Done when all are durable; fails with what Kafka said. What is canceled before its turn is not sent."""
        if self._thread.ident is None:
            self._thread.start()
        job = Job(messages)
        self._waiting.put(job)
        return job.done

    def waiting(self) -> int:
        return self._waiting.qsize()

    def stop(self) -> None:
        """What was put before is still sent."""
        self._waiting.put(None)

    def join(self, seconds: float) -> None:
        if self._thread.ident is not None:
            self._thread.join(seconds)

    def _run(self) -> None:
        stopping = False
        while not stopping:
            jobs, stopping = self._next()
            jobs = [job for job in jobs if job.done.set_running_or_notify_cancel()]
            if jobs:
                self._deal_with(jobs)
        self._give_up()

    def _next(self) -> tuple[list[Job], bool]:
        """Whatever waits, up to GROUP records or one job; and whether it was the last."""
        jobs: list[Job] = []
        job = self._waiting.get()
        while job is not None:
            jobs.append(job)
            if sum(len(job.messages) for job in jobs) >= GROUP:
                return jobs, False
            try:
                job = self._waiting.get_nowait()
            except Empty:
                return jobs, False
        return jobs, True

    def _deal_with(self, jobs: Sequence[Job]) -> None:
        self.busy_since = monotonic()
        try:
            self._send([message for job in jobs for message in job.messages])
        except Exception as error:  # told to those who wait
            self._fail(error)
            for job in jobs:
                job.done.set_exception(error)
        else:
            self.trouble = None
            for job in jobs:
                job.done.set_result(None)
        self.busy_since = None

    def _fail(self, error: Exception) -> None:
        if self.trouble is None:
            log.warning("kafka %s: not sent, will go on trying: %s", self.name, error)
        self.trouble = str(error)
        self._give_up()

    def _send(self, messages: Sequence[Message]) -> None:
        until = monotonic() + SENT
        if self._producer is None:
            self._producer = self._cluster.producer()
        failures: list[Exception] = []
        try:
            sent = [_begun(self._producer, message, failures) for message in messages]
            _flush(self._producer, until)
        finally:
            if failures:  # flush() says nothing of them; the first one is why the others failed
                raise failures[0]
        for confirmed in sent:
            confirmed.get(timeout=0)

    def _give_up(self) -> None:
        """close() alone does not close it while records remain: it waits for them, raises, and leaves all running."""
        producer, self._producer = self._producer, None
        if producer is None:
            return
        producer._sender.force_close()
        producer._sender.join(2)
        try:
            producer.close(timeout=0)
        except KafkaError as error:
            log.warning("kafka %s: a producer could not be closed: %s", self.name, error)


def _begun(producer: KafkaProducer, message: Message, failures: list[Exception]) -> Any:
    def failed(error: Exception) -> None:
        """In the IO thread, before it sends anything more."""
        failures.append(error)
        producer._sender.force_close()

    return producer.send(message.topic, message.value, message.key, message.headers).add_errback(failed)


def _flush(producer: KafkaProducer, until: float) -> None:
    """A batch that was too large for the broker is sent in halves; flush() takes that for a failure."""
    while True:
        try:
            producer.flush(timeout=max(0.1, until - monotonic()))
            return
        except UnknownError:
            if monotonic() > until:
                raise
