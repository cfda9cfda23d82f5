"""What the starters have in common: one server process with its folder, its port and its log."""

from __future__ import annotations

import contextlib
import shutil
import signal
import subprocess
import tempfile
import time
import weakref
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Self

import psutil

from scripts.services import family
from scripts.services.ports import free_port, listens

LOG_LINES_TOLD = 15


class Unavailable(Exception):
    """This machine cannot have the server; the text says why and how to have it."""


class StartFailed(Exception):
    """It was there and did not start; the text has its last log lines and what to do."""


class Service(ABC):
    """A server that keeps its port and its data from one start to the next, however it ended in between.

    A folder that was given is kept; without one it is temporary and goes with this object. When the process that
    started the server dies, in whatever way, the server is killed.
    """

    name: ClassVar[str]
    ports: ClassVar[int] = 1
    end: ClassVar[signal.Signals] = signal.SIGTERM
    starts_within: ClassVar[float] = 60.0
    stops_within: ClassVar[float] = 20.0

    def __init__(self, data: Path | None = None, port: int | None = None) -> None:
        self.data = data.resolve() if data else Path(tempfile.mkdtemp(prefix=f"myticket-{self.name}-"))
        self.port = port or free_port(self.ports)
        self.process: subprocess.Popen[bytes] | None = None
        self._watch: subprocess.Popen[bytes] | None = None
        if data is None:
            weakref.finalize(self, shutil.rmtree, self.data, ignore_errors=True)

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
        assert self.process is not None, f"{self.name} was not started"
        return self.process.pid

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def start(self) -> Self:
        """Running and answering when this returns; nothing to do when it runs."""
        if self.running:
            return self
        if reason := self.available():
            raise Unavailable(reason)
        for port in range(self.port, self.port + self.ports):
            if listens(port):
                raise StartFailed(f"{self.name} cannot have port {port}: end who listens there, or give another")
        self.data.mkdir(parents=True, exist_ok=True)
        self.prepare()
        self._launch()
        self._until_ready()
        return self

    def stop(self) -> None:
        """Ended in good order if it can, by force if not; no process of it is left."""
        if self.running:
            self.resume()
            self.process.send_signal(self.end)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(self.stops_within)
        self.kill()

    def kill(self) -> None:
        """kill -9 of the server and everything it started; gone when this returns."""
        if self.running:
            family.kill(psutil.Process(self.pid))
            self.process.wait()
        self._unwatch()

    def pause(self) -> None:
        """Stop it in its tracks (SIGSTOP): connections stay open and nothing answers."""
        family.send(psutil.Process(self.pid), signal.SIGSTOP)

    def resume(self) -> None:
        family.send(psutil.Process(self.pid), signal.SIGCONT)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _launch(self) -> None:
        """In a session of its own: the interrupt key is for the starter, who then stops it."""
        with self.log.open("ab") as log:
            self._told_from = log.tell()
            self.process = subprocess.Popen(
                self.command(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **self.options(),
            )
        self._watch = family.watch(self.pid)

    def _unwatch(self) -> None:
        if self._watch is not None:
            self._watch.communicate(b"over")
            self._watch = None

    def _until_ready(self) -> None:
        late = time.monotonic() + self.starts_within
        while self.running and time.monotonic() < late:
            if self.ready():
                return
            time.sleep(0.02)
        raise self._failed()

    def _failed(self) -> StartFailed:
        how = "was not ready in time" if self.running else f"ended with exit code {self.process.returncode}"
        self.kill()
        todo = "see to what it says, or give another data folder"
        return StartFailed(f"{self.name} {how}; {todo}. {self.log} ends with:\n{self.said(LOG_LINES_TOLD)}")

    def said(self, lines: int = 0) -> str:
        """What it has logged since it was last started; the last lines only, if a number is given."""
        with self.log.open("rb") as log:
            log.seek(self._told_from)
            return "\n".join(log.read().decode(errors="replace").splitlines()[-lines:])
