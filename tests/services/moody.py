"""What stands before the pay service and does with what comes as its mood is: lets it through, keeps it, fails."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from aiohttp import ClientError, ClientSession, ClientTimeout, DummyCookieJar, TCPConnector
from attrs import Factory, define

from adapters.rest.client import TIME_LEFT
from tests.services.http_stub import Asked, read_request

GOOD, HANGS, FAILS, SLOW, FLAPS, HELD = "good", "hangs", "fails", "slow", "flaps", "held"
LEFT_OUT: Final = frozenset({"host", "content-length", "connection", TIME_LEFT.lower()})


@define(eq=False)
class Moody:
    """Each charge takes `takes` seconds, `at_once` of them at the same time: so many a second are what it can take."""

    pay: str
    mood: str = GOOD
    delay: float = 2.0
    period: float = 0.5
    takes: float = 0.0
    at_once: int = 1000
    url: str = ""
    came: Counter[str] = Factory(Counter)  # charges, by mood
    answered: list[tuple[float, int]] = Factory(list)  # when, by time.time(), and what charges were answered
    busy: list[tuple[float, int]] = Factory(list)  # when a charge began (1) or ended (-1) to take its time
    held: int = 0
    let_go: asyncio.Event = Factory(asyncio.Event)
    _places: asyncio.Semaphore | None = None
    _http: ClientSession | None = None

    @property
    def capacity(self) -> float:
        return self.at_once / self.takes

    def can_take(self, at_once: int, takes: float) -> None:
        self.at_once, self.takes, self._places = at_once, takes, asyncio.Semaphore(at_once)

    def used(self, begins: float, ends: float) -> float:
        """The part of what it could take between these moments that it was given to do."""
        inside, last, used = 0, begins, 0.0
        for at, change in [*self.busy, (ends, 0)]:
            if at > begins:
                used += inside * (min(at, ends) - last)
                last = min(at, ends)
            inside += change
        return used / (self.at_once * (ends - begins))

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                asked = await read_request(reader)
                if self._hangs(asked):
                    await reader.read()  # until they have gone
                    return
                writer.write(await self._answer(asked, time.monotonic()))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, ClientError):
            pass  # one of the two has gone, so the other is let go too
        finally:
            writer.close()

    def _hangs(self, asked: Asked) -> bool:
        self.came[HANGS] += self.mood == HANGS and is_charge(asked)
        return self.mood == HANGS

    async def _answer(self, asked: Asked, came: float) -> bytes:
        charge, mood = is_charge(asked), self._mood()
        self.came[mood] += charge
        if mood == FAILS:
            return self._said(charge, 500, b"{}", "application/json")
        if mood == SLOW:
            await asyncio.sleep(self.delay)
        if mood == HELD and charge:
            self.held += 1
            await self.let_go.wait()
        if not charge or self._places is None:
            return await self._through(asked, came, charge)
        async with self._places:
            self.busy.append((time.time(), 1))
            done = asyncio.create_task(self._through(asked, came, charge))
            await asyncio.wait([done, asyncio.create_task(asyncio.sleep(self.takes))])
            self.busy.append((time.time(), -1))
            return done.result()

    async def _through(self, asked: Asked, came: float, charge: bool) -> bytes:
        """The time that it lay here is lost to pay."""
        assert self._http is not None
        headers = {name: value for name, value in asked.headers.items() if name not in LEFT_OUT}
        if TIME_LEFT.lower() in asked.headers:
            left = int(asked.headers[TIME_LEFT.lower()]) - (time.monotonic() - came) * 1000
            headers[TIME_LEFT] = f"{max(0.0, left):.0f}"
        method, path, _ = asked.line.split(" ")
        async with self._http.request(method, self.pay + path, headers=headers, data=asked.body) as answer:
            media = answer.headers.get("Content-Type", "")
            return self._said(charge, answer.status, await answer.read(), media, answer.headers.get("Retry-After"))

    def _said(self, charge: bool, status: int, body: bytes, media: str, later: str | None = None) -> bytes:
        if charge:
            self.answered.append((time.time(), status))
        more = f"Retry-After: {later}\r\n" if later else ""
        return (
            f"HTTP/1.1 {status} .\r\nContent-Type: {media}\r\nContent-Length: {len(body)}\r\n{more}\r\n".encode() + body
        )

    def _mood(self) -> str:
        if self.mood != FLAPS:
            return self.mood
        return FAILS if int(time.monotonic() / self.period) % 2 else GOOD


def is_charge(asked: Asked) -> bool:
    return asked.line.startswith("POST")


@asynccontextmanager
async def moody(pay: str) -> AsyncIterator[Moody]:
    """Its `url`, before the pay service at `pay`."""
    made = Moody(pay)
    made._http = ClientSession(
        connector=TCPConnector(limit=0, keepalive_timeout=3), timeout=ClientTimeout(60), cookie_jar=DummyCookieJar()
    )
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield made
    finally:
        server.close()
        await made._http.close()
