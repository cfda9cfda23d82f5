"""The system the demo plays on: a real `myticket up` in a process of its own."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

from aiohttp import ClientConnectionError, ClientSession
from attrs import define, field

from apps.demo.teller import Teller, Unexpected

READY_WITHIN = 30.0


@define
class Stage:
    """Starts the system on entering and stops it on leaving; `restart` does both, keeping the data."""

    port: int
    data: Path
    teller: Teller
    process: asyncio.subprocess.Process | None = field(default=None, init=False)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        await self._start()
        return self

    async def __aexit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        await self._stop()

    async def restart(self, *without: str) -> None:
        """Stop, and start again without the named services."""
        await self._stop()
        await self._start(*without)

    async def until_stopped(self) -> None:
        if self.process is not None:
            await self.process.wait()

    async def token(self, *options: str) -> str:
        """What `myticket token` prints."""
        process = await asyncio.create_subprocess_exec(
            *self._myticket("token", *options), stdout=asyncio.subprocess.PIPE
        )
        out, _ = await process.communicate()
        if process.returncode:
            raise Unexpected(f"myticket token ended with {process.returncode}")
        return out.decode().strip()

    async def audit(self) -> bool:
        """Let `myticket audit` print its table; whether it found nothing wrong."""
        process = await asyncio.create_subprocess_exec(*self._myticket("audit"))
        return await process.wait() == 0

    async def _start(self, *without: str) -> None:
        options = [option for name in without for option in ("--without", name)]
        self.process = await asyncio.create_subprocess_exec(
            *self._myticket("up", "--port", str(self.port), *options),
            stdout=asyncio.subprocess.DEVNULL,
            env={"MYTICKET_LOG_LEVEL": "warning", **os.environ},
        )
        await asyncio.wait_for(self._ready(self.process), READY_WITHIN)

    async def _ready(self, process: asyncio.subprocess.Process) -> None:
        async with ClientSession() as http:
            while process.returncode is None:
                try:
                    async with http.get(f"{self.url}/readyz") as answer:
                        if answer.status == 200:
                            return
                except ClientConnectionError:
                    await asyncio.sleep(0.05)
        raise Unexpected("the system did not start; its own message stands above")

    async def _stop(self) -> None:
        if self.process is not None and self.process.returncode is None:
            self.process.send_signal(signal.SIGTERM)
            await self.process.wait()

    def _myticket(self, command: str, *options: str) -> list[str]:
        return [sys.executable, "-m", "apps.cli", command, "--data", str(self.data), *options]
