"""Processes of `myticket` by fork from one that has imported all of it: a start costs a tenth of the processor's time.

Once they run they are as any other: memory, files and signals of their own, kill -9, exit codes. What people start is
measured by benchmarks and tried by test_up, test_apps_* and CI's demo; here it is started some hundred times.
"""

from __future__ import annotations

import asyncio
import atexit
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO

from attrs import define, field

ROOT = Path(__file__).parents[2]
MYTICKET = "apps.cli:main"
ENDS_WITHIN = 60.0


@define
class Forked:
    """What asyncio's Process is, as far as it is used here."""

    pid: int
    _end: int = field(repr=False)
    """A pipe whose other end the process alone has: it can be read when the process is gone."""
    _code: int | None = None

    @property
    def returncode(self) -> int | None:
        if self._code is None and select.select([self._end], [], [], 0)[0]:
            self._code = _forker().code(self.pid)
            os.close(self._end)
        return self._code

    async def wait(self) -> int:
        while (code := self.returncode) is None:
            await _readable(self._end)
        return code

    def send_signal(self, number: signal.Signals) -> None:
        if self.returncode is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)


async def _readable(file: int) -> None:
    own = os.dup(file)  # others may wait for the same end
    seen = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_reader(own, seen.set)
    try:
        await seen.wait()
    finally:
        loop.remove_reader(own)
        os.close(own)


async def begun(
    *words: str, out: BinaryIO, errors: BinaryIO, env: Mapping[str, str] | None = None, main: str = MYTICKET
) -> Forked:
    """`main` ("module:function") with these words as its command line, in the environment `env`, or this one."""
    known = dict(os.environ if env is None else env)
    return await asyncio.to_thread(_forker().begin, main, words, (out, errors), known)


async def executed(
    *words: str, out: BinaryIO, errors: BinaryIO, env: Mapping[str, str] | None = None, main: str = MYTICKET
) -> asyncio.subprocess.Process:
    """The same by a start of Python, as people have it: for who measures."""
    command = [sys.executable, "-m", main.partition(":")[0], *words]
    return await asyncio.create_subprocess_exec(*command, stdout=out, stderr=errors, env=env)


Process = Forked | asyncio.subprocess.Process
Begin = Callable[..., Awaitable[Process]]
"""`begun` or `executed`."""


async def ran(*words: str, env: Mapping[str, str] | None = None) -> tuple[int, str, str]:
    """A command to its end: its exit code, what it printed, and what it said of trouble."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
        code = await (await begun(*words, out=out, errors=errors, env=env)).wait()
        return code, _text(out), _text(errors)


def _text(file: BinaryIO) -> str:
    file.seek(0)
    return file.read().decode()


class Forker:
    """Asks the process that forks; it ends, and all of its own with it, when this one does."""

    def __init__(self) -> None:
        self._line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._one_at_a_time = threading.Lock()
        with theirs:
            self.process = subprocess.Popen([sys.executable, "-m", "tests.e2e.forker"], stdin=theirs, cwd=ROOT)

    def begin(self, main: str, words: tuple[str, ...], files: tuple[BinaryIO, ...], env: dict[str, str]) -> Forked:
        end, its = os.pipe()
        try:
            order = {"main": main, "words": words, "env": env}
            return Forked(self._asked(order, [*(file.fileno() for file in files), its]), end)
        finally:
            os.close(its)

    def code(self, pid: int) -> int:
        """Of a process that has ended; a negative signal's number, as everywhere in Python."""
        return self._asked({"pid": pid})

    def end(self) -> None:
        """When this returns it is gone; its own are killed, who may be some moments behind."""
        self._line.close()
        self.process.wait(ENDS_WITHIN)

    def _asked(self, order: Mapping[str, Any], files: list[int] | None = None) -> int:
        with self._one_at_a_time:
            socket.send_fds(self._line, [json.dumps(order).encode()], files or [])
            return int(self._line.recv(64))


@cache
def _forker() -> Forker:
    forker = Forker()
    atexit.register(forker.end)
    return forker
