"""Services in one process, served: all five as the embedded system, or one of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from socket import socket

import structlog

from apps import door
from apps.own_machine import OwnMachine
from apps.running import running
from apps.server import Server, interruptible, listen
from apps.settings import Settings
from apps.sockets import WithSockets

log = structlog.get_logger("myticket")


async def run(
    settings: Settings,
    host: str,
    services: Sequence[str],
    ready: Callable[[str], None],
    alone: str | None = None,
) -> None:
    """Serve until SIGTERM, SIGINT or SIGHUP; `ready` is told the URL. Raises CannotRun, StoreError: nothing was served.

    While it still waits for a store, they end it at once. In the end it is not ready, takes no new connections,
    answers the requests in hand, finishes the workers' steps and closes the stores; that takes some 20 seconds at most.
    """
    door.check(settings, host)
    with interruptible(), listen(host, settings.port) as listener:
        url = settings.public_url or _url(listener)
        async with running(settings, services, url, alone) as at_work:
            patience = settings.request_timeout_seconds.total_seconds()
            sockets = isinstance(at_work.app, WithSockets)
            app = OwnMachine(at_work.app) if door.near(settings) else at_work.app
            server = Server(app, partial(ready, url), at_work.probes.drain, patience, sockets=sockets)
            await server.serve([listener])
    log.info("stopped")


def _url(listener: socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
