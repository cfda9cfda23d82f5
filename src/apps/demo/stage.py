"""The system the demo plays on: a real `myticket up` in a process of its own."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from attrs import define, field

from apps.demo.child import Child
from apps.demo.teller import Teller, Unexpected
from apps.server import listen

HOST: Final = "127.0.0.1"


@define
class Stage:
    """Starts the system on entering and stops it on leaving; `restart` does both, keeping the data."""

    port: int
    data: Path
    teller: Teller
    child: Child | None = field(default=None, init=False)

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    async def __aenter__(self) -> Self:
        """Raises CannotRun: it did not start, and nothing is left of it."""
        listen(HOST, self.port).close()
        try:
            await self._start()
        except BaseException:
            await self._stop()
            raise
        return self

    async def __aexit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        await self._stop()

    async def restart(self, *without: str) -> None:
        """Stop, and start again without the named services. Raises CannotRun."""
        await self._stop()
        await self._start(*without)

    async def until_stopped(self) -> None:
        if self.child is not None:
            await self.child.process.wait()

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
        self.child = await Child.started(self._myticket("up", "--port", str(self.port), *options))
        await self.child.answers()

    async def _stop(self) -> None:
        if self.child is not None:
            await self.child.stop()

    def _myticket(self, command: str, *options: str) -> list[str]:
        return [sys.executable, "-m", "apps.cli", command, "--data", str(self.data), *options]
