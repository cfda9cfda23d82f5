"""One process that runs, with all it starts, until it ends, is ended, or its starter is gone."""

from __future__ import annotations

import contextlib
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import psutil

from scripts.services import family


class Running:
    """In a session of its own: the interrupt key is for the starter, who then ends it. It writes to the log's end."""

    def __init__(self, command: Sequence[str], log: Path, temporary: Path | None, options: Mapping[str, Any]) -> None:
        self.log = log
        with log.open("ab") as end:
            self._said_before = end.tell()
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=end, stderr=end, start_new_session=True, **options
            )
        self._watch = family.watch(self.pid, temporary)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def code(self) -> int | None:
        """Its exit code, once it has ended."""
        return self._process.poll()

    def send(self, number: signal.Signals) -> None:
        """To it and all it started."""
        if self.code is None:
            family.send(psutil.Process(self.pid), number)

    def end(self, number: signal.Signals, within: float) -> None:
        """Asked to by this signal; killed if it has not gone in time. Gone when this returns, with all it has started:
        a script that runs a program ends by itself.
        """
        started = self._started()
        if self.code is None:
            self._process.send_signal(number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(within)
        self.kill()
        for process in started:
            family.kill(process)

    def kill(self) -> None:
        if self.code is None:
            family.kill(psutil.Process(self.pid))
            self._process.wait()
        if self._watch.returncode is None:
            self._watch.communicate(b"over")

    def _started(self) -> list[psutil.Process]:
        with contextlib.suppress(psutil.NoSuchProcess):
            return psutil.Process(self.pid).children(recursive=True)
        return []

    def said(self, lines: int = 0) -> str:
        """What it has logged; the last lines only, if a number is given."""
        with self.log.open("rb") as log:
            log.seek(self._said_before)
            return "\n".join(log.read().decode(errors="replace").splitlines()[-lines:])
