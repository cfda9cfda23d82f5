"""Answers of pay are lost after it has charged, and some questions arrive when the hold is over: it all adds up.

More of it by hand: MYTICKET_TEST_DOUBTS=10000 python -m pytest -s tests/e2e/test_doubt.py
"""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections import Counter
from pathlib import Path

import pytest
from attrs import define, field

from scripts.services.ports import free_port
from tests.e2e.system import System
from tests.e2e.unreliable import Unreliable

BOOKINGS = int(os.environ.get("MYTICKET_TEST_DOUBTS", "500"))
SEED = int(os.environ.get("MYTICKET_TEST_SEED", "20261125"))
BUYERS = 32
HOLD = 5
SETTINGS = {
    "MYTICKET_HOLD_SECONDS": str(HOLD),
    "MYTICKET_PAYMENT_TIMEOUT_SECONDS": "1",
    "MYTICKET_LOG_LEVEL": "error",
}


@define
class Buyers:
    """They book until there are so many, and wait for what is in doubt; `waited` seconds it took to be known."""

    system: System
    ticket: int
    left: int
    answers: Counter[int] = field(factory=Counter)
    ends: Counter[str] = field(factory=Counter)
    waited: list[float] = field(factory=list)

    async def book(self) -> None:
        token = await self.system.customer()
        while self.left > 0:
            self.left -= 1
            answer = await self.system.ask("POST", "/books", token, {"ticketId": self.ticket})
            self.answers[answer.status] += 1
            id = answer.body.get("id") or answer.body["bookId"]
            while answer.status == 503:  # the seat is held: pay it a little later
                await asyncio.sleep(0.5)
                answer = await self.system.ask("POST", f"/books/{id}/payment", token)
                self.answers[answer.status] += 1
            if answer.status == 202:
                await self._find_out(id, token)

    async def _find_out(self, id: int, token: str) -> None:
        began = time.monotonic()
        while (status := await self._status(id, token)) == "PENDING":  # noqa: ASYNC110 - over HTTP
            await asyncio.sleep(0.1)
        self.waited.append(time.monotonic() - began)
        self.ends[status] += 1

    async def _status(self, id: int, token: str) -> str:
        return str((await self.system.ask("GET", f"/books/{id}", token)).body["status"])


@pytest.mark.slow
async def test_no_doubt_about_money_is_left(tmp_path: Path) -> None:
    port = free_port()
    async with System(tmp_path, SETTINGS | {"MYTICKET_API_URL_PAYMENT": f"http://127.0.0.1:{port}"}) as system:
        network = Unreliable(system.url, random.Random(SEED), lost=0.3, late=0.05, delay=HOLD + 1)
        async with network.open(port):
            buyers = Buyers(system, await system.ticket(), BOOKINGS)
            await asyncio.gather(*(buyers.book() for _ in range(BUYERS)))
            network.lost = network.late = 0.0
        seconds, audit = await system.at_rest()
        buyers.waited.sort()
        print(f"\n{BOOKINGS} bookings: {dict(buyers.answers)}; the network: {dict(network.seen)}")
        print(f"in doubt {len(buyers.waited)}, then {dict(buyers.ends)}; known after {_spread(buyers.waited)}")
        print(f"at rest after {seconds:.1f} s: {audit['compared']}")
        assert network.seen["lost"] > BOOKINGS / 20, "the network lost too little: this run proves nothing"
        assert network.seen["late"] > 0
        assert buyers.ends["BOOKED"] > 0


def _spread(seconds: list[float]) -> str:
    p50, p99 = (seconds[int(len(seconds) * part)] for part in (0.5, 0.99))
    return f"p50 {p50:.1f}, p99 {p99:.1f}, at most {seconds[-1]:.1f} s"
