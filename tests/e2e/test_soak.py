"""kill -9 at random, of the five services, of PostgreSQL, Kafka and the document store, while a crowd books.

More of it: make soak KILLS=500 BOOKINGS=20000; what came of it: docs/soak.md.
"""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from typing import Final

import pytest
from attrs import define, field

from scripts.installation import SERVICES
from scripts.services import Service
from tests.e2e.five import Five
from tests.e2e.load import GONE, Crowd
from tests.e2e.resting import at_rest, kept
from tests.e2e.system import NO_GRAPHQL
from tests.real import KEEPING, KINDS, RealServices

KILLS: Final = int(os.environ.get("MYTICKET_SOAK_KILLS", "40"))
BOOKINGS: Final = int(os.environ.get("MYTICKET_SOAK_BOOKINGS", "2000"))
SEED: Final = int(os.environ.get("MYTICKET_TEST_SEED", "20261122"))
CLIENTS: Final = int(os.environ.get("MYTICKET_SOAK_CLIENTS", "16"))
PAUSE: Final = float(os.environ.get("MYTICKET_SOAK_PAUSE", "0.3"))
"""Seconds: a load that the services can follow also while some of them are down, so that rest is near at any time."""
HASTY: Final = {
    **NO_GRAPHQL,
    "MYTICKET_HOLD_SECONDS": "3",
    "MYTICKET_PAYMENT_TIMEOUT_SECONDS": "1",
    "MYTICKET_LOG_LEVEL": "warning",
}
SERVERS: Final = ("postgres", "documents", "kafka")
VICTIMS: Final = (*SERVICES * 3, *SERVERS)
ANSWERS: Final = {201, 202, 204, 402, 409, 410, 503, 504}
"""What a crowd may be told, whoever is dead. Not 500."""


@pytest.mark.slow
async def test_nothing_acknowledged_is_lost(tmp_path: Path, real_services: RealServices) -> None:
    chance = random.Random(SEED)
    async with _servers(real_services) as servers, _five(tmp_path, servers) as five:
        crowd = Crowd(five, CLIENTS, chance, pause=PAUSE)
        await crowd.open_up()
        soak = Soak(five, servers, crowd, chance)
        began = time.monotonic()
        async with crowd.rushing():
            await soak.run()
        rest = await at_rest(five)
        since = time.monotonic() - soak.last
        print(f"\n{sum(soak.kills.values())} kills: {dict(soak.kills)}\nin {soak.last - began:.0f} s")
        print(f"answers: {dict(crowd.diary.answers)}\n{since:.1f} s after the last kill: {rest}")
        await kept(five, crowd.diary)
        assert not crowd.diary.answers.keys() - ANSWERS, crowd.diary.answers


@asynccontextmanager
async def _servers(real: RealServices) -> AsyncIterator[Mapping[str, Service]]:
    """Of this test alone, as it kills them. Where one cannot be had, those before it end too."""
    with ExitStack() as running:
        own: dict[str, Service] = {}
        for setting in KEEPING:
            server = own[KINDS[setting].name] = await asyncio.to_thread(real.own, setting)
            running.callback(server.stop)
        yield own


def _five(data: Path, servers: Mapping[str, Service]) -> Five:
    return Five(data, servers["postgres"].url, servers["documents"].url, servers["kafka"].url, settings=HASTY)


@define
class Soak:
    five: Five
    servers: Mapping[str, Service]
    crowd: Crowd
    chance: random.Random
    kills: Counter[str] = field(factory=Counter)
    last: float = 0.0

    async def run(self) -> None:
        """All kills, the last of them when there are bookings enough."""
        while sum(self.kills.values()) < KILLS - 1:
            await asyncio.gather(*(self._kill(victim) for victim in self._victims()), self._delete())
            print(f"{sum(self.kills.values())} kills, {len(self.crowd.diary.booked)} bookings", flush=True)
            await asyncio.sleep(self.chance.uniform(0, 2))
        while len(self.crowd.diary.booked) < BOOKINGS:  # noqa: ASYNC110 - a condition of many tasks
            await asyncio.sleep(0.5)
        await self._kill(self.chance.choice(SERVICES))

    def _victims(self) -> set[str]:
        """One, or a few at once."""
        return set(self.chance.choices(VICTIMS, k=self.chance.choice((1, 2, 3))))

    async def _kill(self, victim: str) -> None:
        self.kills[victim] += 1
        self.last = time.monotonic()
        if victim in self.servers:
            await asyncio.to_thread(self._again, self.servers[victim])
        else:
            await self._service(victim)

    def _again(self, server: Service) -> None:
        server.kill()
        time.sleep(self.chance.uniform(0, 1))
        server.start()

    async def _service(self, name: str) -> None:
        """Dead, for a moment; now and then killed once more while it starts."""
        await self.five.kill(name)
        await asyncio.sleep(self.chance.uniform(0, 0.5))
        await self.five.launch(name)
        if self.chance.random() < 0.15:
            await asyncio.sleep(self.chance.uniform(0.2, 2))
            self.kills[name] += 1
            await self.five.kill(name)
            await self.five.launch(name)
        await self.five.ready(name)

    async def _delete(self) -> None:
        """Now and then the organizer deletes a ticket and puts another in its place."""
        if self.chance.random() > 0.1:
            return
        ticket = self.crowd.tickets[0]
        self.crowd.diary.deleted.add(ticket)
        token = await self.five.organizer()
        await self._insisting("DELETE", f"/tickets/{ticket}", token)
        self.crowd.tickets[0] = await self._insisting("POST", "/tickets", token)

    async def _insisting(self, method: str, path: str, token: str) -> int:
        key = str(self.chance.random())
        while True:
            try:
                body = {"price": 15000} if method == "POST" else None
                answer = await self.five.ask(method, path, token, body, Idempotency_Key=key)
                if answer.status < 500:
                    return int(answer.body["id"]) if method == "POST" else 0
            except GONE:
                pass
            await asyncio.sleep(0.2)
