from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any


async def concurrently(jobs: Sequence[Coroutine[Any, Any, None]]) -> None:
    """All jobs at once on the running loop. All end, whatever one of them raises; then the first failure is raised."""
    for outcome in await asyncio.gather(*jobs, return_exceptions=True):
        if outcome is not None:
            raise outcome
