"""A service for a server of your own, workers included: `uvicorn --factory apps.asgi:book`, one worker per process.

Its settings come from the environment as those of `myticket serve` do. Where the server listens is not known here,
so the development tokens, which are for loopback only, are refused.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, contextmanager, suppress
from functools import partial
from types import FrameType
from typing import Any, TypeAlias

from apps import door
from apps.environment import load
from apps.failures import CannotRun
from apps.logs import configure
from apps.misnamed import warn
from apps.running import running
from apps.server import ENDING
from apps.settings import Settings

Handler: TypeAlias = Callable[[int, FrameType | None], Any]


class Application:
    """Opens everything when the server starts up, and closes it when it shuts down."""

    def __init__(self, service: str, settings: Settings) -> None:
        self._service, self._settings = service, settings
        self._app: Any = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        else:
            await self._app(scope, receive, send)

    async def _live(self, receive: Any, send: Any) -> None:
        await receive()
        async with AsyncExitStack() as closing:
            url = f"http://127.0.0.1:{self._settings.port}"
            try:
                work = running(self._settings, [self._service], url, alone=self._service)
                at_work = await closing.enter_async_context(work)
                self._app = at_work.app
            except Exception as error:
                await send({"type": "lifespan.startup.failed", "message": str(error)})
                raise
            closing.enter_context(_overhearing(at_work.probes.drain))
            await send({"type": "lifespan.startup.complete"})
            await receive()
        await send({"type": "lifespan.shutdown.complete"})


@contextmanager
def _overhearing(told: Callable[[], None]) -> Iterator[None]:
    """SIGTERM and SIGINT call `told`, and do what the server has them do. Only what runs in the main thread hears them.

    A server says that it ends when all is answered, and a stream ends when it hears that: one would wait for the other.
    """
    loop, before = asyncio.get_running_loop(), dict[signal.Signals, Handler]()

    def hear(server: Handler, number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(told)
        server(number, frame)

    for number in ENDING:
        if callable(server := signal.getsignal(number)):
            with suppress(ValueError):  # outside of the main thread
                signal.signal(number, partial(hear, server))
                before[number] = server
    try:
        yield
    finally:
        for number, server in before.items():
            signal.signal(number, server)


def _application(service: str) -> Application:
    """Raises SystemExit, which any server passes on: what is wrong is read in a line, and no traceback around it."""
    try:
        settings = load(os.environ)
        door.check(settings, None)
    except CannotRun as error:
        raise SystemExit("\n".join(f"myticket: {line}" for line in str(error).splitlines())) from error
    os.umask(0o077)  # as `apps.cli_common.begin`, which needs click
    configure(settings.log_level)
    warn(os.environ)
    return Application(service, settings)


ticket, book, pay, alarm, mypage = (
    partial(_application, name) for name in ("ticket", "book", "pay", "alarm", "mypage")
)
