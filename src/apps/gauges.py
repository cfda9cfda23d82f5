"""What a service shows of its inner life at /metrics: what waits to be said, what is parked, which workers fail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from time import monotonic
from typing import Any, Final

from prometheus_client import CollectorRegistry, Gauge

from adapters.persistence import Database
from apps.doubt_figures import DoubtFigures
from apps.runtime import Worker
from apps.trying import Tried
from apps.workers import looking

LOOK: Final = 5.0
"""Seconds: how old a figure that has to be read from the store may be."""
SPEAKING: Final = frozenset({"ticket", "book", "pay"})
"""The services that say something."""


class Gauges:
    """`containers` by the names of their services."""

    def __init__(self, containers: Mapping[str, Any], registry: CollectorRegistry) -> None:
        self._containers, self._registry = containers, registry
        about = "Age of the oldest event that is stored and not yet published"
        self._unsaid = Gauge("myticket_outbox_oldest_seconds", about, ("service",), registry=registry)
        about = "Keys behind whose parked events others wait, and parked events without a key: see `myticket dlq list`"
        self._parked = Gauge("myticket_parked_keys", about, ("service",), registry=registry)
        about = "Events in the log that the service has still to deal with; with Kafka, of the partitions it has"
        self._behind = Gauge("myticket_events_behind", about, ("service",), registry=registry)
        about = "1 while the last look into the service's store failed; what else is read there is as old as that"
        self._away = Gauge("myticket_store_trouble", about, ("service",), registry=registry)
        self._doubts = DoubtFigures(registry, containers)

    def worker(self) -> Worker:
        return looking("figures", self._look, LOOK)

    async def _look(self) -> None:
        """Into all of them: that one is away says nothing of the next. Raises what the first of them does."""
        failures = [failure for name in self._containers if (failure := await self._looked(name))]
        if failures:
            raise failures[0]
        for name, container in self._containers.items():
            self._behind.labels(name).set(await container.log().behind(name))
        await self._doubts.look()

    async def _looked(self, name: str) -> Exception | None:
        try:
            await self._look_at(name, self._containers[name])
        except Exception as failure:  # raised by whoever looks, when it has looked at the others
            self._away.labels(name).set(1)
            return failure
        self._away.labels(name).set(0)
        return None

    async def _look_at(self, name: str, container: Any) -> None:
        self._parked.labels(name).set(await container.parking().waiting(name))
        if name in SPEAKING:
            self._unsaid.labels(name).set(await _oldest(container))

    def stores(self) -> None:
        """Documents that cannot be written cannot be read either."""
        about = "1 while the service's store takes no writes, which may go unseen by who reads"
        unwritten = Gauge("myticket_store_unwritten", about, ("service",), registry=self._registry)
        for name, container in self._containers.items():
            if isinstance(store := container.database(), Database):
                unwritten.labels(name).set_function(partial(_unwritten, store))

    def edges(self) -> None:
        """How book gets on with pay, where that is another process."""
        book = self._containers.get("book")
        if book is None or not book.settings().api_url_payment:
            return
        from adapters.rest.edge_figures import EdgeFigures

        payments = book.payments()
        self._registry.register(EdgeFigures((payments.charges, payments.looks)))

    def channels(self) -> None:
        """How alarm gets on with whom it hands messages to."""
        ways = self._containers["alarm"].elsewhere() if "alarm" in self._containers else ()
        about = "Recipients in a row whose messages it did not take, 0: it works"
        failing = Gauge("myticket_channel_failures", about, ("channel",), registry=self._registry)
        for way in ways:
            failing.labels(way.channel.name).set_function(partial(_failures, way.channel))

    def watch(self, workers: Sequence[Worker]) -> None:
        """From now on their failures and silences are shown as they are when somebody asks."""
        failing = Gauge(
            "myticket_worker_failures", "Failures in a row, 0: it works", ("worker",), registry=self._registry
        )
        silent = Gauge("myticket_worker_silent_seconds", "Since its last beat", ("worker",), registry=self._registry)
        for worker in workers:
            failing.labels(worker.name).set_function(partial(_failures, worker))
            silent.labels(worker.name).set_function(partial(_silence, worker))
        about = "1 while the last try to send or to read failed"
        trouble = Gauge("myticket_log_trouble", about, registry=self._registry)
        trouble.set_function(lambda: float(any(it.log().trouble() for it in self._containers.values())))


def _unwritten(store: Database) -> float:
    return float(store.unwritten)


def _failures(failing: Worker | Tried) -> float:
    return failing.failures


def _silence(worker: Worker) -> float:
    return monotonic() - worker.beat_at


async def _oldest(container: Any) -> float:
    """Seconds; 0 when everything is said."""
    waiting = await container.outbox().pending(1)
    age = container.clock().now() - waiting[0].time if waiting else timedelta(0)
    return max(0.0, float(age.total_seconds()))
