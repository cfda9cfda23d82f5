"""A `myticket up` of our own: what it says is heard, and it does not outlive us."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from typing import Final, Self

from attrs import define, field

from apps.failures import CannotRun

READY_WITHIN: Final = 30.0
ANSWERS: Final = b"myticket answers on"
"""How the first line begins that it prints, once it does. Asking its port instead, another one might answer."""
OURS: Final = "myticket: "
"""How a line on stderr begins that says why it ended."""


@define
class Child:
    """What it says on stderr is kept until it answers, to be told when it does not, and handed on from then on."""

    process: Process
    _kept: bytes | None = field(default=b"", init=False)
    _hearing: asyncio.Task[None] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._hearing = asyncio.create_task(self._hear())

    @classmethod
    async def started(cls, command: Sequence[str]) -> Self:
        told = {"MYTICKET_LOG_LEVEL": "warning", **os.environ}
        return cls(await asyncio.create_subprocess_exec(*command, stdout=PIPE, stderr=PIPE, env=told))

    async def answers(self) -> None:
        """Return once it does. Raises CannotRun with its last words: it has ended, or takes too long."""
        try:
            async with asyncio.timeout(READY_WITHIN):
                if (await _line(self.process)).startswith(ANSWERS):
                    return self._from_now_on()
                await self.process.wait()
                await self._hearing
        except TimeoutError:
            raise CannotRun(f"the system does not answer after {READY_WITHIN:g} s: {self._last_words()}") from None
        raise CannotRun(f"the system did not start: {self._last_words()}")

    async def stop(self) -> None:
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGTERM)
        await self.process.wait()
        await self._hearing

    def _from_now_on(self) -> None:
        """Hand on what it says, and what it has said by now."""
        _hand_on(self._kept or b"")
        self._kept = None

    async def _hear(self) -> None:
        assert self.process.stderr is not None
        while some := await self.process.stderr.read(65_536):
            if self._kept is None:
                _hand_on(some)
            else:
                self._kept += some

    def _last_words(self) -> str:
        """Why it ended, in its own words. Where it had none for that, all it said stands above."""
        lines = (self._kept or b"").decode(errors="replace").splitlines()
        if why := [line.removeprefix(OURS) for line in lines if line.startswith(OURS)]:
            return "; ".join(why)
        _hand_on(self._kept or b"")
        return "its own words stand above" if lines else "it said nothing"


async def _line(process: Process) -> bytes:
    assert process.stdout is not None
    return await process.stdout.readline()


def _hand_on(said: bytes) -> None:
    sys.stderr.write(said.decode(errors="replace"))
    sys.stderr.flush()
