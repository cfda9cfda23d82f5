"""Five services that obey orders to die or to stand still."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Final

import psutil
from attrs import define

from tests.e2e.five import Five
from tests.e2e.orders import FOLDER, KILL, Order, path, whose
from tests.e2e.system import NO_GRAPHQL

HASTY: Final = {
    **NO_GRAPHQL,
    "MYTICKET_HOLD_SECONDS": "2",
    "MYTICKET_PAYMENT_TIMEOUT_SECONDS": "1",
    "MYTICKET_LOG_LEVEL": "warning",
}
REACHED_WITHIN: Final = 240.0
"""Seconds; a round of the scenario waits for everybody who has just been killed."""


@define
class Crashing(Five):
    """Runs crash_main in the place of `myticket`."""

    main = "tests.e2e.crash_main:main"

    @property
    def orders(self) -> Path:
        return self.data / "orders"

    def environment(self, service: str, number: int = 0) -> dict[str, str]:
        self.orders.mkdir(exist_ok=True)
        told = super().environment(service, number)
        return {**told, **HASTY, FOLDER: str(self.orders)}

    async def carry_out(self, service: str, order: Order, pause: float) -> None:
        """Dead and started again, or stopped for so many seconds; it answers again when this returns."""
        pid = await self._obeyed(service, order)
        replica = next(it for it in self.processes[service] if it.process and it.process.pid == pid)
        if order.how == KILL:
            assert replica.process is not None
            assert await replica.process.wait() == -9
            await self.start_one(service, replica.number)
        else:
            await asyncio.sleep(pause)
            assert psutil.Process(pid).status() == psutil.STATUS_STOPPED
            self.resume(service, replica.number)

    async def _obeyed(self, service: str, order: Order) -> int:
        """Give it, and wait until a process has obeyed: which."""
        order.give(self.orders, service)
        until = time.monotonic() + REACHED_WITHIN
        while time.monotonic() < until:
            if (pid := whose(self.orders, service)) is not None:
                return pid
            await asyncio.sleep(0.02)
        path(self.orders, service).unlink(missing_ok=True)
        raise AssertionError(f"{service} did not come to where it was to {order} in {REACHED_WITHIN} s")
