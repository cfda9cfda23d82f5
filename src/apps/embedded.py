"""The embedded system: services in one process, talking only through the Payments port and the durable log."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from socket import socket
from typing import Any, Final

import structlog

from adapters.persistence import migrate
from adapters.rest import Metrics, Probes, create_app
from adapters.system import RandomIds, SystemClock
from apps import door, places
from apps.composing import composed
from apps.gauges import Gauges
from apps.locking import locked
from apps.opening import Log
from apps.runtime import Workers
from apps.server import Server, listen
from apps.settings import Settings
from apps.tokens import believed
from apps.workers import preparing

STEPS: Final = timedelta(seconds=5)
"""How long stopping waits for the workers' steps; what is cut off is done again after a start."""

log = structlog.get_logger("myticket")


async def run(
    settings: Settings,
    host: str,
    services: Sequence[str],
    ready: Callable[[str], None],
    alone: str | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT; `ready` is told the URL. Raises CannotRun, StoreError: nothing was served.

    In the end it is not ready, takes no new connections, answers the requests in hand, finishes the workers' steps
    and closes the stores; that takes some 20 seconds at most.
    """
    door.check(settings, host)
    places.make(settings.data)
    stores = places.stores(settings, alone)
    mine = places.files(stores, places.written(settings, services))
    with locked(settings.data, mine), listen(host, settings.port) as listener:
        for name in places.files(stores, places.read(settings, services)):
            migrate(stores[name], name, _tell_step)
        async with composed(settings, stores, services, patient=True) as containers:
            await _serve(settings, containers, services, listener, ready)
    log.info("stopped")


async def _serve(
    settings: Settings,
    containers: Mapping[str, Any],
    services: Sequence[str],
    listener: socket,
    ready: Callable[[str], None],
) -> None:
    running = list(containers.values())
    metrics = Metrics()
    gauges = Gauges(containers, metrics.registry)
    workers = Workers([*(worker for it in running for worker in it.workers()), *preparing(settings), gauges.worker()])
    gauges.watch(workers.workers)
    probes = Probes([it.database() for it in running], partial(_stalled, workers, running[0].log()), metrics)
    url = settings.public_url or _url(listener)
    tokens, routes = believed(settings)
    apis = [containers[name].api() for name in services]
    app = create_app(
        *apis, tokens=tokens, ids=RandomIds(), clock=SystemClock(), public_url=url, probes=probes, more=routes
    )
    workers.start()
    try:
        await Server(app, partial(ready, url), probes.drain).serve([listener])
    finally:
        await workers.stop(STEPS)


def _stalled(workers: Workers, log: Log) -> Sequence[str]:
    """What hangs, so that only a restart helps."""
    hanging = log.stuck()
    return [*workers.stuck(), *([hanging] if hanging else [])]


def _tell_step(step: str) -> None:
    log.info("migrated", step=step)


def _url(listener: socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
