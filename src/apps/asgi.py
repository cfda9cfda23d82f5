"""A service for a server of your own, workers included: `uvicorn --factory apps.asgi:book`, one worker per process.

Its settings come from the environment as those of `myticket serve` do. Where the server listens is not known here,
so the development tokens, which are for loopback only, are refused.
"""

from __future__ import annotations

import os
from contextlib import AsyncExitStack
from functools import partial
from typing import Any

from apps import door
from apps.environment import load
from apps.logs import configure
from apps.misnamed import warn
from apps.running import running
from apps.settings import Settings


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
                self._app = (await closing.enter_async_context(work)).app
            except Exception as error:
                await send({"type": "lifespan.startup.failed", "message": str(error)})
                raise
            await send({"type": "lifespan.startup.complete"})
            await receive()
        await send({"type": "lifespan.shutdown.complete"})


def _application(service: str) -> Application:
    """Raises WrongSettings, NotOutside."""
    settings = load(os.environ)
    door.check(settings, "0.0.0.0")
    configure(settings.log_level)
    warn(os.environ)
    return Application(service, settings)


ticket, book, pay, alarm, mypage = (
    partial(_application, name) for name in ("ticket", "book", "pay", "alarm", "mypage")
)
