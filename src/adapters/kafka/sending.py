"""The thread that sends: one group of records at a time; all are confirmed, or the producer is given up."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic
from typing import Final

from attrs import field, frozen

from adapters.kafka.clients import Cluster
from adapters.kafka.producing import UNUSED, Producing
from adapters.kafka.records import Message

SENT: Final = 5.0
"""Seconds until a group that is not confirmed has failed."""

GROUP: Final = 2000
"""Records under way at once, and never more: kafka-python itself would take any number while the broker is away."""

_NUMBER: Final = re.compile(r"\d+")
"""How long it took, which record: the same cause all the same."""

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
        self.name, self._producing = name, Producing(cluster, name)
        self._waiting = SimpleQueue[Job | None]()
        self._thread = Thread(target=self._run, name=f"kafka {name}", daemon=True)
        self.busy_since: float | None = None
        self.trouble: str | None = None
        self._told = set[str]()

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
        self._producing.give_up()

    def _next(self) -> tuple[list[Job], bool]:
        """Whatever waits, up to GROUP records or one job; and whether it was the last."""
        jobs: list[Job] = []
        job = self._first()
        while job is not None:
            jobs.append(job)
            if sum(len(job.messages) for job in jobs) >= GROUP:
                return jobs, False
            try:
                job = self._waiting.get_nowait()
            except Empty:
                return jobs, False
        return jobs, True

    def _first(self) -> Job | None:
        """Waits for it; when that takes long, without a producer and in no trouble: what could not be sent is put again
        far sooner, unless another relay leads by now.
        """
        try:
            return self._waiting.get(timeout=UNUSED)
        except Empty:
            self._producing.give_up()
            self._well()
            return self._waiting.get()

    def _deal_with(self, jobs: Sequence[Job]) -> None:
        self.busy_since = monotonic()
        try:
            self._producing.send([message for job in jobs for message in job.messages], monotonic() + SENT)
        except Exception as error:  # told to those who wait
            self._fail(error)
            for job in jobs:
                job.done.set_exception(error)
        else:
            self._well()
            for job in jobs:
                job.done.set_result(None)
        self.busy_since = None

    def _well(self) -> None:
        self.trouble = None
        self._told.clear()

    def _fail(self, error: Exception) -> None:
        """Each cause is said once until it works: of a topic that is gone the first error does not speak."""
        self.trouble = str(error)
        if (cause := _NUMBER.sub("", self.trouble)) not in self._told:
            self._told.add(cause)
            log.warning("kafka %s: not sent, will go on trying: %s", self.name, error)
        self._producing.give_up()
