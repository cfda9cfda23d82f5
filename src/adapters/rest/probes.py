"""What a platform asks of a service: health, alive, ready, figures."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Final

from attrs import define, field
from litestar.handlers import HTTPRouteHandler
from prometheus_client import CONTENT_TYPE_LATEST

from adapters.rest.call import Call
from adapters.rest.media import JSON
from adapters.rest.metrics import Metrics
from adapters.rest.reply import Reply, in_json
from adapters.rest.routes import Answered, Told, operation, route
from myticket_core.ports import Pingable

ACTUATOR: Final = "application/vnd.spring-boot.actuator.v2+json"
_PATIENCE: Final = 2.0
OPEN: Final = frozenset(
    {"/actuator/health", "/livez", "/readyz", "/metrics", "/schema", "/schema/openapi.json", "/.well-known/jwks.json"}
)
"""All that needs no policy: what a service says of itself."""


def is_open(path: str) -> bool:
    return path in OPEN or f"{path}/".startswith("/profile/")


def _none() -> Sequence[str]:
    return ()


@define
class Probes:
    """Ready when the own stores answer and nobody is draining; alive unless `stalled` names something that hangs."""

    ready: Sequence[Pingable] = ()
    stalled: Callable[[], Sequence[str]] = _none
    metrics: Metrics = field(factory=Metrics)
    draining: bool = False
    leaving: list[Callable[[], None]] = field(factory=list)
    """Called when it begins to drain: what has no end of itself ends."""

    def drain(self) -> None:
        """From now on not ready, and every connection is closed after its answer."""
        self.draining = True
        for leave in self.leaving:
            leave()

    def routes(self) -> Sequence[HTTPRouteHandler]:
        up, down = {"status": "UP"}, {"status": "DOWN", "reasons": ["draining"]}

        def told(id: str, summary: str, media: str, example: Any, *also: int) -> Told:
            answers = {200: Answered("Yes", None, example, media=(media,))}
            answers |= {status: Answered("No, and why", None, down, media=(media,)) for status in also}
            return operation("service", id, summary, answers)

        health = told("health", "Is it there", ACTUATOR, up)
        alive = told("alive", "Is it alive, or to be restarted", JSON, up, 503)
        ready = told("ready", "May requests be sent here", JSON, up, 503)
        figures = told("metrics", "Figures for Prometheus", "text/plain", None)
        return (
            route("GET", "/actuator/health", self.health, None, health),
            route("GET", "/livez", self.livez, None, alive),
            route("GET", "/readyz", self.readyz, None, ready),
            route("GET", "/metrics", self.figures, None, figures),
        )

    async def health(self, call: Call) -> Reply:
        return _status((), ACTUATOR)

    async def livez(self, call: Call) -> Reply:
        return _status([f"{name} does not move" for name in self.stalled()], JSON)

    async def readyz(self, call: Call) -> Reply:
        if self.draining:
            return _status(["draining"], JSON)
        missing = await asyncio.gather(*(_missing(store) for store in self.ready))
        return _status([reason for reason in missing if reason], JSON)

    async def figures(self, call: Call) -> Reply:
        return Reply(200, CONTENT_TYPE_LATEST, self.metrics.exposition())


async def _missing(store: Pingable) -> str | None:
    try:
        async with asyncio.timeout(_PATIENCE):
            await store.ping()
    except Exception as error:  # whatever it is, the store did not answer: said in the probe's own answer
        return f"{type(store).__name__}: {type(error).__name__}"
    return None


def _status(reasons: Sequence[str], media: str) -> Reply:
    body = {"status": "DOWN", "reasons": list(reasons)} if reasons else {"status": "UP"}
    status = 503 if reasons else 200
    return in_json(body, media, status)
