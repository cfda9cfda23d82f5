"""A network between two services that loses answers of what was done, and delivers some questions very late."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import ClientError, ClientSession, ClientTimeout, web
from attrs import define, field

HEADERS = ("Authorization", "Content-Type", "Accept", "X-Correlation-Id", "Idempotency-Key")


@define(eq=False)
class Unreliable:
    """Of all questions `lost` are answered, and the answer is lost; `late` are delivered after `delay` seconds.

    What is late has nobody waiting for it any more: it arrives all the same.
    """

    target: str
    chance: random.Random
    lost: float = 0.3
    late: float = 0.0
    delay: float = 0.0
    seen: Counter[str] = field(factory=Counter)
    url: str = ""
    _far: ClientSession = field(init=False)
    _under_way: set[asyncio.Task[None]] = field(factory=set)

    @asynccontextmanager
    async def open(self, port: int) -> AsyncIterator[None]:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._pass)
        runner = web.AppRunner(app, shutdown_timeout=1)
        await runner.setup()
        async with ClientSession(timeout=ClientTimeout(30)) as self._far:
            await web.TCPSite(runner, "127.0.0.1", port).start()
            try:
                yield
            finally:
                await asyncio.gather(*self._under_way)
                await runner.cleanup()

    async def _pass(self, question: web.Request) -> web.StreamResponse:
        body, dice = await question.read(), self.chance.random()
        if question.method == "POST" and dice < self.late:
            self._later(question, body)
            return self._silent(question, "late")
        answer = await self._ask(question, body)
        if dice < self.late + self.lost:
            return self._silent(question, "lost")
        self.seen["answered"] += 1
        return answer

    def _silent(self, question: web.Request, why: str) -> web.Response:
        """The connection breaks; what is returned goes nowhere."""
        self.seen[why] += 1
        assert question.transport is not None
        question.transport.abort()
        return web.Response()

    def _later(self, question: web.Request, body: bytes) -> None:
        async def ask() -> None:
            await asyncio.sleep(self.delay)
            await self._ask(question, body)

        task = asyncio.create_task(ask())
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _ask(self, question: web.Request, body: bytes) -> web.Response:
        headers = {name: question.headers[name] for name in HEADERS if name in question.headers}
        try:
            async with self._far.request(
                question.method, self.target + question.path_qs, data=body, headers=headers
            ) as answer:
                told = {
                    name: answer.headers[name] for name in ("Content-Type", "Retry-After") if name in answer.headers
                }
                return web.Response(status=answer.status, body=await answer.read(), headers=told)
        except ClientError as error:
            return web.Response(status=502, text=str(error))
