"""An application on a real socket, in the loop of the test."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn

from apps.server import listen


@asynccontextmanager
async def served(app: Any) -> AsyncIterator[str]:
    """Its URL; what is still asked for in the end gets no answer."""
    quiet = {"lifespan": "off", "log_config": None, "proxy_headers": False}  # as ours: no header says who asks
    server = uvicorn.Server(uvicorn.Config(app, timeout_graceful_shutdown=0, **quiet))
    listener = listen("127.0.0.1", 0)
    serving = asyncio.create_task(server.serve([listener]))
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving
