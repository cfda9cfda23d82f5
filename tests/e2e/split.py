"""Book and pay as processes of their own, on files, with something moody between them; the rest is a third process."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Final, Self

from aiohttp import ClientError, ClientSession, ClientTimeout, TCPConnector
from attrs import define, field

from adapters.rest import DevelopmentIssuer
from adapters.system import SystemClock
from myticket_core.access import Role
from scripts.services.ports import free_port
from tests.e2e import forking
from tests.e2e.forking import Begin, Process
from tests.e2e.system import GIVES_UP_AFTER, KEEP, MANY_BUYERS, Answer, run
from tests.services.moody import Moody, moody

PARTS: Final = {"pay": "pay", "rest": "ticket,alarm,mypage", "book": "book"}
READY_WITHIN: Final = 90.0
FIGURE: Final = re.compile(r'^myticket_(\w+)\{edge="(\w+)",(?:outcome|state)="(\w+)"\} (\S+)$', re.MULTILINE)


@define
class Split:
    data: Path
    settings: dict[str, str] = field(factory=dict)
    ports: dict[str, int] = field(factory=lambda: {part: free_port() for part in PARTS})
    processes: dict[str, Process] = field(factory=dict)
    begin: Begin = forking.begun
    http: ClientSession = field(init=False)
    between: Moody = field(init=False)
    _closing: AsyncExitStack = field(factory=AsyncExitStack)

    async def __aenter__(self) -> Self:
        self.http = await self._closing.enter_async_context(
            ClientSession(connector=TCPConnector(limit=0, keepalive_timeout=KEEP), timeout=ClientTimeout(total=60))
        )
        self.between = await self._closing.enter_async_context(moody(self.url("pay")))
        self._closing.push_async_callback(self._stop)
        for part in PARTS:  # one by one: they make the stores they have in common
            await self.start(part)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._closing.aclose()

    def url(self, part: str) -> str:
        return f"http://127.0.0.1:{self.ports[part]}"

    async def start(self, part: str) -> None:
        told = {"MYTICKET_API_URL_PAYMENT": self.between.url, "MYTICKET_API_URL_TICKET": self.url("rest")}
        with self.log(part).open("ab") as log:
            self.processes[part] = await self.begin(
                *(str(self.data), str(self.ports[part]), PARTS[part]),
                out=log,
                errors=log,
                env={**os.environ, **MANY_BUYERS, **told, **self.settings},
                main="tests.e2e.split_main:main",
            )
        await asyncio.wait_for(self._ready(part), READY_WITHIN)

    def log(self, part: str) -> Path:
        return self.data / f"{part}.log"

    def signal(self, part: str, number: signal.Signals) -> None:
        self.processes[part].send_signal(number)

    async def kill(self, part: str) -> None:
        self.processes[part].kill()
        await self.processes[part].wait()

    async def _ready(self, part: str) -> None:
        while self.processes[part].returncode is None:
            try:
                async with self.http.get(f"{self.url(part)}/readyz") as answer:
                    if answer.status == 200:
                        return
            except (ClientError, OSError):
                await asyncio.sleep(0.05)
        raise AssertionError(f"it did not start: {self.log(part).read_text()[-2000:]}")

    async def _stop(self) -> None:
        for process in self.processes.values():
            if process.returncode is None:
                process.send_signal(signal.SIGCONT)
                process.terminate()
                await process.wait()

    def token(self, role: Role, **of: int) -> str:
        return DevelopmentIssuer.kept_in(self.data, SystemClock()).token(role, **of)

    async def ask(self, method: str, path: str, token: str, body: Any = None, **headers: str) -> Answer:
        """Header names are given with underscores."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()} | {"Authorization": f"Bearer {token}"}
        url = self.url("book" if path.startswith("/books") else "rest")
        async with self.http.request(method, url + path, json=body, headers=sent) as answer:
            return Answer(answer.status, await answer.json(content_type=None), answer.headers)

    async def ticket(self) -> int:
        """On sale without limit, and known to book."""
        organizer, customer = self.token(Role.ORGANIZER, company_id=1), self.token(Role.CUSTOMER, customer_id=1)
        made = await self.ask("POST", "/tickets", organizer, {"price": 15000})
        booked = await self.ask("POST", "/books", customer, {"ticketId": made.body["id"]})
        assert booked.status == 201, booked
        return int(made.body["id"])

    async def figures(self) -> dict[tuple[str, str, str], float]:
        """(figure, edge, outcome or state) of the edge of book."""
        async with self.http.get(f"{self.url('book')}/metrics") as answer:
            return {(name, edge, of): float(value) for name, edge, of, value in FIGURE.findall(await answer.text())}

    async def becomes(self, state: str, within: float = 60.0) -> None:
        """Wait until the circuit of charges is so."""
        async with asyncio.timeout(within):
            while True:
                if (await self.figures())["circuit_state", "charge", state]:
                    return
                await asyncio.sleep(0.05)

    async def at_rest(self, within: float = GIVES_UP_AFTER) -> dict[str, Any]:
        """What the audit found when nothing was under way any more: nothing wrong."""
        ends = time.monotonic() + within
        while True:
            audit: dict[str, Any] = json.loads(await run("audit", "--data", str(self.data), "--json", codes=(0, 1)))
            assert not audit["violations"], audit["violations"]
            if not audit["in_flight"]:
                return audit
            assert time.monotonic() < ends, audit["in_flight"]
