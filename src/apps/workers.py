"""The work that goes on behind the requests, each kind as a worker that is idle while there is nothing to do."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from math import inf
from time import monotonic
from typing import Any, Final

import structlog
from attrs import evolve

from adapters.persistence import Leader
from adapters.system import concurrently
from apps.kafka_security import security
from apps.pace import LONGEST, UNSEEN, Pace
from apps.runtime import BeatingClock, Worker
from apps.settings import Settings
from apps.telling import waiting_told
from myticket_core.errors import Incomplete
from myticket_core.messages import Cause
from myticket_core.ports import Clock, EventLog, EventPublisher, Outbox, Parking, Past
from myticket_core.reacting import Consumer, Handler, Reactor
from myticket_core.relay import Relay

log = structlog.get_logger("myticket")

WATCHED: Final = "mypage"
"""Whose consumer it is that people wait for."""
IDLE: Final = timedelta(seconds=1)
"""How long to wait for work before looking again; also what stopping may have to wait for."""


LITTLE: Final = 100
"""Rows of each sort that are forgotten at once: some milliseconds of the store's writer."""
BETWEEN: Final = 0.1
"""Seconds to the next ones; far more can be forgotten than is ever said."""
LOOKS: Final = 10.0
"""Seconds from one time when there was no more to forget to the next look."""


def relaying(service: str, outbox: Outbox, publisher: EventPublisher, leader: Leader, alone: bool) -> Worker:
    """One relay per store: the others wait until they lead. News of an outbox that nobody reads stay news: who waited
    for them would never rest.
    """
    relay, pace = Relay(outbox, publisher), Pace(alone)

    async def step() -> None:
        if not await leader.leads():
            await asyncio.sleep(IDLE.total_seconds())
        elif published := await relay():
            await pace.breathe(published)
        else:
            await outbox.wait(IDLE)

    return Worker(f"{service} relay", step)


def reacting(consumer: Consumer, log: EventLog, parking: Parking, clock: Clock, alone: bool) -> Worker:
    """A store that is down is waited for within a step; that beats too, and counts as a failure until it is over."""
    pace = Pace(alone, behind=0.5, longest=LONGEST if alone or consumer.name == WATCHED else UNSEEN)

    async def step() -> None:
        await pace.breathe(await reactor(IDLE))

    worker = Worker(f"{consumer.name} consumer", step)
    handlers = {kind: waiting_told(handler, worker.tell) for kind, handler in consumer.handlers.items()}
    heard = evolve(consumer, handlers=handlers)
    reactor = Reactor(heard, log, parking, BeatingClock(clock, worker.beat), concurrently)
    return worker


def listening(name: str, work: Callable[[], Awaitable[int]], news: Callable[[timedelta], Awaitable[None]]) -> Worker:
    """As soon as there is `news` of work in this process; of what another one brings, in a second."""

    async def step() -> None:
        if not await work():
            await news(IDLE)

    return Worker(name, step)


def forgetting(service: str, past: Past, clock: Clock, days: float) -> Worker:
    """Little by little, so that nobody's write waits long for it; 0 days: never."""
    at_rest_until = monotonic() if days else inf

    async def step() -> None:
        nonlocal at_rest_until
        if monotonic() < at_rest_until:
            await asyncio.sleep(IDLE.total_seconds())
        elif await past.forget(clock.now() - timedelta(days=days), LITTLE):
            await asyncio.sleep(BETWEEN)
        else:
            at_rest_until = monotonic() + LOOKS

    return Worker(f"{service} forgetting", step)


def repeating(name: str, work: Callable[[], Awaitable[int]], woken: asyncio.Event | None = None) -> Worker:
    """Again at once while there is something to do, else in a second, or as soon as it is woken."""
    waker = woken or asyncio.Event()

    async def step() -> None:
        waker.clear()
        if not await work():
            await _rest(waker)

    return Worker(name, step)


def looking(name: str, look: Callable[[], Awaitable[None]], every: float) -> Worker:
    """Again after so many seconds, and at once after a look that failed: until one succeeds, no step does."""
    due = 0.0

    async def step() -> None:
        nonlocal due
        if monotonic() >= due:
            await look()
            due = monotonic() + every
        await asyncio.sleep(IDLE.total_seconds())

    return Worker(name, step)


def preparing(settings: Settings) -> Sequence[Worker]:
    """Kafka's topics are made when they are missing, as soon as a broker answers; nobody waits for that."""
    servers = settings.kafka_bootstrap_servers
    if servers is None:
        return ()

    async def make() -> None:
        from adapters.kafka import create_topics

        many = settings.kafka_partitions, settings.kafka_replication
        made = await create_topics(servers, settings.kafka_topic, *many, security(settings))
        log.info("topics", made=list(made))

    return (looking("kafka topics", make, inf),)


def circling(name: str, work: Callable[[Any], Awaitable[int]], woken: asyncio.Event | None = None) -> Worker:
    """Batch after batch until it is round, then again in a second, or as soon as it is woken.

    Behind an incomplete batch it goes on with the next one. When it is round it rests all the same where something was
    done; where nothing was, as a worker does that failed.
    """
    after, waker = 0, woken or asyncio.Event()

    async def batch() -> int:
        nonlocal after
        try:
            after = await work(after)
        except Incomplete as some:
            after = some.onward
            if some.done and not after:
                await _rest(waker)
            raise
        return after

    return repeating(name, batch, waker)


async def _rest(waker: asyncio.Event) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(IDLE.total_seconds()):
            await waker.wait()


def waking(handler: Handler, waker: asyncio.Event) -> Handler:
    """The handler, and then a wake-up for the worker that goes on from there."""

    async def handle(command: Any, cause: Cause) -> object:
        result = await handler(command, cause)
        waker.set()
        return result

    return handle
