"""What the starters have in common: one server process with its folder, its port and its log."""

from __future__ import annotations

import shutil
import signal
import tempfile
import time
import weakref
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Self

from scripts.services.ports import free_port, listens
from scripts.services.running import Running

LOG_LINES_TOLD = 15


class Unavailable(Exception):
    """This machine cannot have the server; the text says why and how to have it."""


class StartFailed(Exception):
    """It was there and did not start; the text has its last log lines and what to do."""


class Service(ABC):
    """A server that keeps its port and its data from one start to the next, however it ended in between.

    A folder that was given is kept; without one it is temporary and goes with this object. When the process that
    started the server dies, in whatever way, the server is killed, and its temporary folder goes.
    """

    name: ClassVar[str]
    ports: ClassVar[int] = 1
    end: ClassVar[signal.Signals] = signal.SIGTERM
    starts_within: ClassVar[float] = 60.0
    stops_within: ClassVar[float] = 20.0

    def __init__(self, data: Path | None = None, port: int | None = None) -> None:
        self.data = data.resolve() if data else Path(tempfile.mkdtemp(prefix=f"myticket-{self.name}-"))
        self.port = port or free_port(self.ports)
        self._run: Running | None = None
        self._temporary = None if data else self.data
        if self._temporary:
            weakref.finalize(self, shutil.rmtree, self._temporary, ignore_errors=True)

    @classmethod
    @abstractmethod
    def available(cls) -> str | None:
        """None, or why this machine cannot have it and how to have it."""

    @property
    @abstractmethod
    def url(self) -> str: ...

    @abstractmethod
    def command(self) -> list[str]: ...

    @abstractmethod
    def ready(self) -> bool:
        """Whether it answers its own protocol."""

    def prepare(self) -> None:  # noqa: B027 - most have nothing to make
        """Make what has to be in the folder before the first start; called before each."""

    def options(self) -> Mapping[str, Any]:
        """What Popen is to be told besides."""
        return {}

    @property
    def log(self) -> Path:
        return self.data / f"{self.name}.log"

    @property
    def pid(self) -> int:
        return self._last.pid

    @property
    def running(self) -> bool:
        return self._run is not None and self._run.code is None

    def start(self) -> Self:
        """Running and answering when this returns; nothing to do when it runs."""
        if self.running:
            return self
        if reason := self.available():
            raise Unavailable(reason)
        self._need_ports()
        self.data.mkdir(parents=True, exist_ok=True)
        self.prepare()
        self._run = Running(self.command(), self.log, self._temporary, self.options())
        self._until_ready()
        return self

    def stop(self) -> None:
        """Ended in good order if it can, by force if not; no process of it is left."""
        if self._run is not None:
            self.resume()
            self._run.end(self.end, self.stops_within)

    def kill(self) -> None:
        """kill -9 of the server and everything it started; gone when this returns."""
        self._last.kill()

    def pause(self) -> None:
        """Stop it in its tracks (SIGSTOP): connections stay open and nothing answers."""
        self._last.send(signal.SIGSTOP)

    def resume(self) -> None:
        self._last.send(signal.SIGCONT)

    def said(self, lines: int = 0) -> str:
        """What it has logged since it was last started; the last lines only, if a number is given."""
        return self._last.said(lines)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def _last(self) -> Running:
        assert self._run is not None, f"{self.name} was not started"
        return self._run

    def _need_ports(self) -> None:
        for port in range(self.port, self.port + self.ports):
            if listens(port):
                raise StartFailed(f"{self.name} cannot have port {port}: end who listens there, or give another")

    def _until_ready(self) -> None:
        late = time.monotonic() + self.starts_within
        while self.running and time.monotonic() < late:
            if self.ready():
                return
            time.sleep(0.02)
        raise self._failed()

    def _failed(self) -> StartFailed:
        code = self._last.code
        how = "was not ready in time" if code is None else f"ended with exit code {code}"
        self.kill()
        todo = "see to what it says, or give another data folder"
        return StartFailed(f"{self.name} {how}; {todo}. {self.log} ends with:\n{self.said(LOG_LINES_TOLD)}")
