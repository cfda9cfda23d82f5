"""The test case that our own suites are mixed into."""

from __future__ import annotations

import asyncio
from unittest import IsolatedAsyncioTestCase


class Case(IsolatedAsyncioTestCase):
    """Without the event loop's debugging, which took a third of the time of such tests."""

    async def asyncSetUp(self) -> None:
        asyncio.get_running_loop().set_debug(False)
