"""The five services as real processes, as many of each as wanted, for tests that ask, stop and kill them.

    async with Five(tmp_path, postgres_url, mongodb_url, kafka, replicas=3) as five:
        ticket = await five.ticket()
        await five.kill("book", 1)

What was killed is missed by its group for ten seconds, so a test that kills and goes on waits that long for events.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Self
from uuid import uuid4

from aiohttp import ClientError, ClientSession, ClientTimeout, TCPConnector
from attrs import define, field

from scripts.installation import SERVICES, Installation
from scripts.services.ports import free_port
from tests.e2e import forking
from tests.e2e.forking import Begin, Process
from tests.e2e.system import KEEP, MANY_BUYERS, Issuing

READY_WITHIN = 90.0
STOPPED_WITHIN = 40.0
AT_ONCE = 3
"""How many start at the same time: more would only be in each other's way."""
TOLD = 40
"""Lines of each log that a failure shows."""

OF = {
    "tickets": "ticket",
    "books": "book",
    "sales": "book",
    "payments": "pay",
    "notifications": "alarm",
    "mypages": "mypage",
    "guestManagementPages": "mypage",
}
"""Who serves a resource, as the gateway knows it."""


@define
class Replica:
    """One process of a service; it keeps its port from one start to the next."""

    service: str
    number: int
    log: Path
    port: int = field(factory=free_port)
    process: Process | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.returncode is None

    def tail(self, lines: int = TOLD) -> str:
        said = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        return "\n".join([f"── {self.log.name} ──", *said[-lines:]])


@define
class Five(Issuing):
    """Fresh databases and a fresh topic each time. Requests go round among the replicas that run."""

    main: ClassVar[str] = forking.MYTICKET
    data: Path
    postgres: str
    mongodb: str
    kafka: str
    replicas: int = 1
    settings: dict[str, str] = field(factory=dict)
    order: Sequence[str] = SERVICES
    """Who is started at first, and in which order."""
    begin: Begin = forking.begun
    made: Installation = field(init=False)
    processes: dict[str, list[Replica]] = field(init=False)
    http: ClientSession = field(init=False)
    _turn: Iterator[int] = field(factory=count, init=False)

    def __attrs_post_init__(self) -> None:
        at = {"postgres": self.postgres, "mongodb": self.mongodb, "kafka": self.kafka}
        self.made = Installation(data=self.data, name=f"five_{uuid4().hex[:12]}", **at)
        self.processes = {
            name: [Replica(name, number, self.data / f"{name}-{number}.log") for number in range(self.replicas)]
            for name in SERVICES
        }

    async def __aenter__(self) -> Self:
        self.http = ClientSession(
            connector=TCPConnector(limit=0, keepalive_timeout=KEEP), timeout=ClientTimeout(total=30)
        )
        await self.made.make()
        try:
            await self.start(*self.order)
        except BaseException:
            await self.__aexit__(None)
            raise
        return self

    async def __aexit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        """The logs go to stdout, which pytest shows when the test has failed."""
        await self.http.close()
        await asyncio.gather(*(_ended(replica) for replica in self.all()))
        print("\n".join(replica.tail() for replica in self.all()))
        with suppress(OSError):  # a test may have killed the server for good
            await self.made.drop()

    def all(self) -> list[Replica]:
        return [replica for name in SERVICES for replica in self.processes[name]]

    def replica(self, service: str, number: int = 0) -> Replica:
        return self.processes[service][number]

    async def start(self, *services: str) -> float:
        """All replicas of these, in this order and a few at a time; the seconds until all were ready."""
        began = time.monotonic()
        few = asyncio.Semaphore(AT_ONCE)

        async def one(replica: Replica) -> None:
            async with few:
                await self.start_one(replica.service, replica.number)

        await asyncio.gather(*(one(replica) for name in services for replica in self.processes[name]))
        return time.monotonic() - began

    async def start_one(self, service: str, number: int = 0, **settings: str) -> None:
        """Ready when this returns; `settings` count for this start only."""
        await self.launch(service, number, **settings)
        await self.ready(service, number)

    async def launch(self, service: str, number: int = 0, **settings: str) -> None:
        """Started, not waited for."""
        replica = self.replica(service, number)
        assert not replica.running
        with replica.log.open("ab") as log:
            replica.process = await self.begin(
                *("serve", service, "--port", str(replica.port)),
                out=log,
                errors=log,
                env={**os.environ, **self.environment(service, number), **self.settings, **settings},
                main=self.main,
            )

    async def ready(self, service: str, number: int = 0) -> None:
        """Wait until it says that it is ready. Fails when it ends instead, or takes far too long."""
        replica = self.replica(service, number)
        try:
            async with asyncio.timeout(READY_WITHIN):
                while not await self._is_ready(replica):
                    assert replica.running, f"it has ended\n{replica.tail()}"
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise AssertionError(f"it was not ready in {READY_WITHIN} s\n{replica.tail()}") from None

    async def kill(self, service: str, number: int = 0) -> None:
        """kill -9: nothing in the process gets to say anything any more."""
        process = self._process(service, number)
        process.kill()
        await process.wait()

    async def stop(self, service: str, number: int = 0) -> None:
        """SIGTERM; it has to end by itself, and well."""
        replica = self.replica(service, number)
        process = self._process(service, number)
        process.send_signal(signal.SIGTERM)
        code = await asyncio.wait_for(process.wait(), STOPPED_WITHIN)
        assert code == 0, f"it ended with {code}\n{replica.tail()}"

    def pause(self, service: str, number: int = 0) -> None:
        """SIGSTOP: its connections stay open, and it does not answer."""
        self._process(service, number).send_signal(signal.SIGSTOP)

    def resume(self, service: str, number: int = 0) -> None:
        self._process(service, number).send_signal(signal.SIGCONT)

    async def restart(self, service: str, number: int = 0) -> None:
        """In good order if it runs, and ready again when this returns."""
        if self.replica(service, number).running:
            await self.stop(service, number)
        await self.start_one(service, number)

    def environment(self, service: str, number: int = 0) -> dict[str, str]:
        """Each replica of book has its own of pay and of ticket to ask: what a balancer would do, in short."""
        pay, ticket = self.replica("pay", number), self.replica("ticket", number)
        return {
            "MYTICKET_LOG_LEVEL": "info",
            **MANY_BUYERS,
            **self.made.environment(service, pay=pay.url, ticket=ticket.url),
        }

    def where(self, path: str) -> str:
        return self.serving(path).url

    async def audit(self) -> dict[str, Any]:
        """What `myticket audit --json` found."""
        found: dict[str, Any] = json.loads(await self.run("audit", "--json", codes=(0, 1)))
        return found

    async def run(self, *words: str, codes: tuple[int, ...] = (0,)) -> str:
        """A myticket command that knows all stores; what it printed. Fails on another exit code."""
        code, out, errors = await forking.ran(*words, env={**os.environ, **self.made.shared, **self.made.stores})
        assert code in codes, f"myticket {words} ended with {code}: {errors}"
        return out

    def serving(self, path: str) -> Replica:
        """The next in turn of those that run; of those that do not, if none does."""
        replicas = self.processes[OF[path.lstrip("/").partition("?")[0].partition("/")[0]]]
        running = [replica for replica in replicas if replica.running] or replicas
        return running[next(self._turn) % len(running)]

    def _process(self, service: str, number: int) -> Process:
        replica = self.replica(service, number)
        assert replica.running, f"it has ended\n{replica.tail()}"
        assert replica.process is not None
        return replica.process

    async def _is_ready(self, replica: Replica) -> bool:
        try:
            async with self.http.get(f"{replica.url}/readyz", timeout=ClientTimeout(total=5)) as answer:
                return answer.status == 200
        except (ClientError, OSError):
            return False


async def _ended(replica: Replica) -> None:
    """Asked to, in any state; by force if that does not help."""
    if not replica.running:
        return
    assert replica.process is not None
    for number in (signal.SIGTERM, signal.SIGCONT):
        replica.process.send_signal(number)
    try:
        await asyncio.wait_for(replica.process.wait(), STOPPED_WITHIN)
    except TimeoutError:
        print(f"{replica.service} {replica.number} did not end", file=sys.stderr)
        replica.process.kill()
        await replica.process.wait()
