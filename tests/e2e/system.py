"""A real `myticket up` in a process of its own, for tests that ask it over HTTP and kill it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from aiohttp import ClientError, ClientSession, ClientTimeout, TCPConnector
from attrs import define, field, frozen

from adapters.rest import DevelopmentIssuer
from adapters.system import SystemClock
from myticket_core.access import Role
from scripts.services.ports import free_port
from tests.e2e import forking
from tests.e2e.forking import Begin, Process

READY_WITHIN = 90.0
STOPPED_WITHIN = 30.0
GIVES_UP_AFTER = 30.0
"""Seconds; how soon it really is at rest is printed, a figure and no test: the machine may be busy."""
MANY_BUYERS = {"MYTICKET_MAX_HOLDS_PER_BUYER": "100000"}
"""One customer's token stands for many buyers."""
NO_WAITING = {"MYTICKET_READ_WAIT_SECONDS": "0.2"}
"""A page that is asked for what nobody did is answered within the second that some tests allow."""
NO_GRAPHQL = {"MYTICKET_GRAPHQL": "off"}
"""A quarter less of the processor for a start: for those who kill and start processes again and again."""
QUIET = {**NO_GRAPHQL, "MYTICKET_LOG_LEVEL": "warning"}
KEEP = 3.0
"""Seconds an idle connection is kept: fewer than the server does, so that none is closed under a request."""


@frozen
class Answer:
    status: int
    body: Any
    headers: Mapping[str, str]


class Issuing:
    """Requests, and tokens of the development issuer for them, whose key is in `data`."""

    data: Path
    http: ClientSession

    def where(self, path: str) -> str:
        """The URL of whoever serves the path."""
        raise NotImplementedError

    def token(self, role: Role, company: int | None = None, customer: int | None = None) -> str:
        """As `myticket token` prints it, which would take a process."""
        return DevelopmentIssuer.kept_in(self.data, SystemClock()).token(role, company, customer)

    async def organizer(self, company: int = 1) -> str:
        return self.token(Role.ORGANIZER, company=company)

    async def customer(self, customer: int = 1) -> str:
        return self.token(Role.CUSTOMER, customer=customer)

    async def admin(self) -> str:
        return self.token(Role.ADMIN)

    async def ask(
        self,
        method: str,
        path: str,
        token: str | None = None,
        body: Any = None,
        *,
        at: str | None = None,
        **headers: str,
    ) -> Answer:
        """One request to whoever serves the path, or to the URL `at`; header names are given with underscores."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if token is not None:
            sent["Authorization"] = f"Bearer {token}"
        async with self.http.request(method, (at or self.where(path)) + path, json=body, headers=sent) as answer:
            text = await answer.text()
            is_json = "json" in answer.headers.get("Content-Type", "")
            return Answer(answer.status, json.loads(text) if text and is_json else text or None, answer.headers)

    async def ticket(self, capacity: int | None = None, price: int = 15000) -> int:
        """A new ticket of company 1; its id."""
        answer = await self.ask("POST", "/tickets", await self.organizer(), {"price": price, "capacity": capacity})
        assert answer.status == 201, answer
        return int(answer.body["id"])


@define
class System(Issuing):
    """Start, kill and stop it; it keeps its port and its data from one start to the next.

    `words`: what of it, if not all.
    """

    data: Path
    settings: dict[str, str] = field(factory=dict)
    options: tuple[str, ...] = ()
    words: tuple[str, ...] = ("up",)
    port: int = field(factory=free_port)
    begin: Begin = forking.begun
    process: Process | None = field(default=None, init=False)
    http: ClientSession = field(init=False)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def where(self, path: str) -> str:
        return self.url

    async def __aenter__(self) -> Self:
        self.http = ClientSession(
            connector=TCPConnector(limit=0, keepalive_timeout=KEEP), timeout=ClientTimeout(total=30)
        )
        try:
            await self.start()
        except BaseException:
            await self.__aexit__(None)
            raise
        return self

    async def __aexit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        await self.http.close()
        if self.process is not None and self.process.returncode is None:
            await self.stop()

    async def start(self) -> float:
        """Start it; the seconds until it answered that it is ready."""
        began = time.monotonic()
        with (self.data / "up.log").open("ab") as log:
            self.process = await self.begin(
                *(*self.words, "--port", str(self.port), "--data", str(self.data), *self.options),
                out=log,
                errors=log,
                env={**os.environ, **MANY_BUYERS, **NO_WAITING, **self.settings},
            )
        await asyncio.wait_for(self._ready(), READY_WITHIN)
        return time.monotonic() - began

    async def kill(self) -> None:
        """kill -9: nothing in the process gets to say anything any more."""
        assert self.process is not None
        self.process.kill()
        await self.process.wait()

    async def stop(self) -> int:
        """SIGTERM; its exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return await asyncio.wait_for(self.process.wait(), STOPPED_WITHIN)

    async def audit(self) -> dict[str, Any]:
        """What `myticket audit --json` found."""
        found: dict[str, Any] = json.loads(await run("audit", "--data", str(self.data), "--json", codes=(0, 1)))
        return found

    async def at_rest(self) -> tuple[float, dict[str, Any]]:
        """The seconds until nothing was written any more, after which the audit found nothing under way; and what it
        found: nothing wrong, ever. It takes long itself where there is much.
        """
        began = time.time()
        while (audit := await self.audit())["in_flight"]:
            assert not audit["violations"], audit["violations"]
            assert time.time() - began < GIVES_UP_AFTER, audit["in_flight"]
            await asyncio.sleep(0.2)
        assert not audit["violations"], audit["violations"]
        return max(0.0, self._last_write() - began), audit

    def _last_write(self) -> float:
        """Not by pay and its bank: they note for minutes yet that a charge never came; of money they tell the log."""
        stores = [*self.data.glob("*.sqlite"), *self.data.glob("*.sqlite-wal")]
        return max(it.stat().st_mtime for it in stores if not it.name.startswith(("pay", "sandbox")))

    async def _ready(self) -> None:
        assert self.process is not None
        while self.process.returncode is None:
            try:
                async with self.http.get(f"{self.url}/readyz") as answer:
                    if answer.status == 200:
                        return
            except (ClientError, OSError):
                await asyncio.sleep(0.02)
        raise AssertionError(f"it did not start: {(self.data / 'up.log').read_text()[-2000:]}")


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "apps.cli", *words]


async def run(*words: str, codes: tuple[int, ...] = (0,)) -> str:
    """A myticket command; what it printed. Fails on another exit code."""
    code, out, errors = await forking.ran(*words)
    assert code in codes, f"myticket {words} ended with {code}: {errors}"
    return out
