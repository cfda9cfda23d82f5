"""Waiting for what nothing tells of: the state of other processes, of threads, of the kernel."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from inspect import isawaitable
from typing import Any


async def until(there: Callable[[], Any], within: float = 90.0, pause: float = 0.02) -> Any:
    """What `there` finds, as soon as it finds something; it may be asynchronous. How soon that really is depends on
    who else uses this machine.
    """
    async with asyncio.timeout(within):
        while True:
            found = there()
            if isawaitable(found):
                found = await found
            if found:
                return found
            await asyncio.sleep(pause)
