"""The thread that reads: a member of the group that is polled all the time, and what it has fetched ahead."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from threading import Condition, Thread
from time import monotonic
from typing import Final

from kafka.errors import KafkaError

from adapters.kafka.ahead import Ahead
from adapters.kafka.clients import MAX_POLL_RECORDS, Cluster
from adapters.kafka.ends import SILENT
from adapters.kafka.member import Member
from myticket_core.errors import Unavailable
from myticket_core.ports import Record

POLL: Final = 0.2
"""Seconds: how late it is noticed, while a consumer works or rests, that the group is divided anew."""

WAIT: Final = 0.5
"""The same for one that waits for records. kafka-python has no wakeup(), so this is how late it is heard that it is
time to stop. A poll costs a handful of switches between threads, which is most of what an idle service does.
"""

NEXT: Final = 0.005
"""Seconds for an answer that is on its way already."""

AGAIN: Final = 5.0
"""Seconds between two tries to have a consumer, at most."""

LEFT_OUT: Final = 10.0
"""Seconds out of the group that are told, whichever consumer it was: to join takes one or two."""

Request = Callable[[Member | None], None]
log = logging.getLogger("myticket.kafka")


class Poller:
    """Fetches when somebody waits for records, and goes on polling all the time: however long a batch is in hand, the
    group keeps its member.

    Not before: then one answer has all that was told while its reader rested. An answer costs three threads here and
    the broker about as much as a hundred records do (docs/adr/0045).
    """

    def __init__(self, cluster: Cluster, topic: str, group: str, loop: asyncio.AbstractEventLoop) -> None:
        self._loop, self.group = loop, group
        self.ahead = Ahead(loop, self._notify)
        self._join = partial(Member, cluster, topic, group, self.ahead)
        self._changed = Condition()
        self._requests: deque[tuple[Request, Future[None]]] = deque()
        self._stopping = False
        self.beat_at = monotonic()
        self.behind: int | None = None
        self.trouble: str | None = None
        self._inside_at = monotonic()
        self.ended = loop.create_future()
        self._thread = Thread(target=self._run, name=f"kafka consumer {group}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    @property
    def running(self) -> bool:
        return self._thread.is_alive()

    def commit(self, records: Sequence[Record]) -> Future[None]:
        def commit(member: Member | None) -> None:
            if member is None:
                raise Unavailable(f"no Kafka consumer of {self.group} now: {self.trouble}")
            member.commit(records)

        return self._ask(commit)

    def rewind(self) -> Future[None]:
        def rewind(member: Member | None) -> None:
            self.ahead.forget()
            if member is not None:  # or the next one begins there anyway
                member.rewind()

        return self._ask(rewind)

    def stop(self) -> None:
        self._stopping = True
        self._notify()

    def join(self) -> None:
        """Once it has `ended`: its thread has only to return."""
        self._thread.join()

    def _ask(self, request: Request) -> Future[None]:
        """Carried out in the thread, between two polls."""
        answer: Future[None] = Future()
        self._requests.append((request, answer))
        self._notify()
        return answer

    def _notify(self) -> None:
        with self._changed:
            self._changed.notify()

    def _run(self) -> None:
        wait = 0.1
        while not self._stopping:
            began = monotonic()
            try:
                self._work()
            except Exception as error:  # said, and tried again with another consumer
                self._failed(error)
                wait = 0.1 if monotonic() - began > 10 * AGAIN else min(2 * wait, AGAIN)
                self._rest(wait)
        self._answer(None)
        with suppress(RuntimeError):  # the loop may have ended before
            self._loop.call_soon_threadsafe(_resolve, self.ended)

    def _work(self) -> None:
        """With one consumer, until it fails or it is time to stop."""
        self.beat_at = monotonic()
        member = self._join()
        try:
            while not self._stopping:
                self.beat_at = monotonic()
                self._answer(member)
                self._poll(member)
                self.ahead.tell()
                self._see(member)
        finally:
            self.ahead.forget()
            member.close()

    def _poll(self, member: Member) -> None:
        if self.ahead.wanted:
            self._fetch(member)
        elif self.ahead.held:
            self.ahead.add(member.stay(POLL))
        elif not self._called(POLL, lambda: self.ahead.wanted):
            self.ahead.add(member.stay())

    def _fetch(self, member: Member) -> None:
        """Behind an answer that came while nobody waited is what was told since. Each lies in `ahead` while the next is
        looked for: its partition may go to somebody else in that moment.
        """
        self.ahead.add(found := member.fetch(WAIT))
        while found and len(self.ahead) < MAX_POLL_RECORDS and member.coming:
            self.ahead.add(found := member.fetch(NEXT))

    def _answer(self, member: Member | None) -> None:
        while self._requests:
            request, answer = self._requests.popleft()
            if answer.set_running_or_notify_cancel():
                try:
                    answer.set_result(request(member))
                except Exception as error:  # told to who asked
                    answer.set_exception(error)

    def _see(self, member: Member) -> None:
        """Out of the group nothing fails and nothing is behind: its coordinator may be away while others answer."""
        if member.inside:
            self._inside_at = monotonic()
        if member.ends.behind is not None:
            self.behind = member.ends.behind
        trouble = member.ends.trouble or self._left_out()
        if trouble and not self.trouble:
            log.warning("kafka consumer %s: %s", self.group, trouble)
        self.trouble = trouble

    def _left_out(self) -> str | None:
        return "not in its group" if monotonic() - self._inside_at > LEFT_OUT else None

    def _failed(self, error: Exception) -> None:
        if self.trouble in (None, SILENT):
            defect = None if isinstance(error, KafkaError) else error
            log.warning("kafka consumer %s: %s; will go on trying", self.group, error, exc_info=defect)
        self.trouble = str(error)

    def _rest(self, seconds: float) -> None:
        """Requests are answered meanwhile."""
        until = monotonic() + seconds
        while (left := until - monotonic()) > 0 and not self._stopping:
            self._answer(None)
            self._called(left, lambda: False)

    def _called(self, seconds: float, otherwise: Callable[[], bool]) -> bool:
        """Whether there was something to do before so many seconds were over."""
        with self._changed:
            return bool(self._changed.wait_for(lambda: self._requests or self._stopping or otherwise(), seconds))


def _resolve(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
