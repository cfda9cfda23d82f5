"""Services at work in this process: stores open, workers running, one application to be served."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from functools import partial
from typing import Any, Final

import structlog
from attrs import frozen

from adapters.persistence import migrate
from adapters.rest import Metrics, Probes, RestApp, create_app
from adapters.system import RandomIds
from apps import fitting, places
from apps.composing import composed
from apps.gauges import Gauges
from apps.graphs import graph_route, served
from apps.limiting import limits
from apps.locking import locked
from apps.opening import Log
from apps.runtime import Workers
from apps.settings import Settings
from apps.sockets import WithSockets
from apps.timekeeping import sales_clock, timekeepers
from apps.tokens import believed
from apps.web import pages, with_pages
from apps.web_asking import InProcess
from apps.workers import preparing

STEPS: Final = timedelta(seconds=5)
"""How long stopping waits for the workers' steps; what is cut off is done again after a start."""

log = structlog.get_logger("myticket")


@frozen
class Running:
    app: RestApp | WithSockets
    probes: Probes


@asynccontextmanager
async def running(
    settings: Settings, services: Sequence[str], url: str, alone: str | None = None
) -> AsyncIterator[Running]:
    """`services` at `url`, as links say it. In the end the workers' steps are finished and the stores closed.

    Files are locked and migrated; other stores have to be migrated. Raises CannotRun, StoreError.
    """
    fitting.check(settings, services, alone)
    settings = with_pages(settings, services, settings.public_url or url)
    stores = places.stores(settings, alone)
    places.make(settings.data)
    with locked(settings.data, places.files(stores, places.writers(settings, services))):
        for name in places.files(stores, places.needed(settings, services)):
            migrate(stores[name], name, _tell_step)
        async with composed(settings, stores, services, patient=True) as containers, AsyncExitStack() as closing:
            workers, probes = _at_work(settings, containers)
            app = _app(settings, containers, services, url, probes, closing)
            workers.start()
            _spare_the_collector()
            try:
                yield Running(app, probes)
            finally:
                await workers.stop(STEPS)


def _at_work(settings: Settings, containers: Mapping[str, Any]) -> tuple[Workers, Probes]:
    metrics = Metrics()
    gauges = Gauges(containers, metrics.registry)
    made = list(containers.values())
    working = [worker for it in made for worker in it.workers()]
    workers = Workers([*working, *timekeepers(containers), *preparing(settings), gauges.worker()])
    gauges.watch(workers.workers)
    gauges.stores()
    gauges.edges()
    gauges.channels()
    return workers, Probes([it.database() for it in made], partial(_stalled, workers, made[0].log()), metrics)


def _app(
    settings: Settings,
    containers: Mapping[str, Any],
    services: Sequence[str],
    url: str,
    probes: Probes,
    closing: AsyncExitStack,
) -> RestApp | WithSockets:
    (tokens, routes), asking, graph = believed(settings), InProcess(), served(settings, containers, services)
    app = create_app(
        *(containers[name].api() for name in services),
        tokens=tokens,
        ids=RandomIds(),
        clock=sales_clock(containers),
        public_url=settings.public_url or url,
        probes=probes,
        limits=limits(settings),
        more=[*routes, *([graph_route(graph)] if graph else ())],
        mounted=pages(settings, services, asking, settings.public_url or url, closing),
        away=places.left_out(services),
    )
    asking.app = app
    return WithSockets(app, graph, tokens, settings.public_url or url) if graph else app


def _stalled(workers: Workers, log: Log) -> Sequence[str]:
    """What hangs, so that only a restart helps."""
    hanging = log.stuck()
    return [*workers.stuck(), *([hanging] if hanging else [])]


def _spare_the_collector() -> None:
    """What the start has made stays: it is not looked through for garbage, of which it has little, and what is new not
    all the time. Without it a fifth of the CPU of a booking goes into that, in pauses that a tenth of the buyers feel.
    """
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def _tell_step(step: str) -> None:
    log.info("migrated", step=step)
