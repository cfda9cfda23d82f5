"""The five services as processes, started together and ended together."""

from __future__ import annotations

import os
import signal
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from attrs import frozen

from scripts.installation import Installation
from scripts.services import Service
from scripts.services.running import Running

READY_WITHIN = 120.0
STOPPED_WITHIN = 40.0
PAUSE = 0.1
LINES_TOLD = 15


class Ended(Exception):
    """A service did not start, or ended by itself; the text has its last log lines."""


@frozen
class Process:
    name: str
    url: str
    run: Running

    def ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def look(self) -> None:
        """Raises Ended unless it runs."""
        if self.run.code is not None:
            raise self.ended(f"has ended with exit code {self.run.code}")

    def ended(self, how: str) -> Ended:
        return Ended(f"{self.name} {how}; {self.run.log} ends with:\n{self.run.said(LINES_TOLD)}")


@contextmanager
def processes(installation: Installation, ports: Mapping[str, int]) -> Iterator[list[Process]]:
    """All ready; ended in good order on leaving, however it is left. Raises Ended."""
    started: list[Process] = []
    try:
        for name in ports:
            started.append(_started(installation, name, ports))
        for process in started:
            _until_ready(process)
        yield started
    finally:
        for process in started:
            process.run.send(signal.SIGTERM)
        for process in started:
            process.run.end(signal.SIGTERM, STOPPED_WITHIN)


def watch(watched: Sequence[Process], servers: Sequence[Service]) -> None:
    """For ever. Raises Ended."""
    while True:
        for server in servers:
            if not server.running:
                raise Ended(f"{server.name} has ended; {server.log} ends with:\n{server.said(LINES_TOLD)}")
        for process in watched:
            process.look()
        time.sleep(PAUSE)


def url(port: int) -> str:
    return f"http://127.0.0.1:{port}"


def _started(installation: Installation, name: str, ports: Mapping[str, int]) -> Process:
    told = installation.environment(name, pay=url(ports["pay"]), ticket=url(ports["ticket"]))
    if name == "mypage":  # for its pages
        told |= {f"MYTICKET_API_URL_{other.upper()}": url(ports[other]) for other in ("ticket", "book", "alarm")}
    command = [sys.executable, "-m", "apps.cli", "serve", name, "--port", str(ports[name])]
    log = installation.data / f"{name}.log"
    return Process(name, url(ports[name]), Running(command, log, None, {"env": {**os.environ, **told}}))


def _until_ready(process: Process) -> None:
    ends = time.monotonic() + READY_WITHIN
    while not process.ready():
        process.look()
        if time.monotonic() > ends:
            raise process.ended(f"is not ready after {READY_WITHIN:.0f} s")
        time.sleep(PAUSE)
