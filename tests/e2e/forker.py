"""The process that has everything imported and forks: `python -m tests.e2e.forker` with a socket as standard input.

An order {"main", "words", "env"} with three files (output, errors, what is held until the end) is answered by a pid,
one of {"pid"} by that process's exit code.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import pkgutil
import signal
import socket
import sys
import threading
from collections.abc import Callable, Sequence
from typing import Any

LONGEST = 1 << 17
"""Bytes of an order, most of it an environment."""
IMPORTED = ("apps", "adapters")
NOT_IMPORTED = ("__main__", "migrations", "asgi")
"""What does something when it is imported."""


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for pytest, whose end is the end here
    _import_all()
    run = _forked(socket.socket(fileno=os.dup(0)))
    if run is not None:
        run()


def _import_all() -> None:
    for name in IMPORTED:
        package = importlib.import_module(name)
        for module in pkgutil.walk_packages(package.__path__, f"{name}."):
            if not any(part in module.name for part in NOT_IMPORTED):
                importlib.import_module(module.name)
    assert threading.active_count() == 1, "a thread would be missing in who is forked"
    gc.collect()
    gc.freeze()  # the collector would write to every page


def _forked(line: socket.socket) -> Callable[[], None] | None:
    """In a process that was forked: what it has to do. None at the end, when all of them are gone."""
    alive: set[int] = set()
    while received := socket.recv_fds(line, LONGEST, 3, socket.MSG_CMSG_CLOEXEC):
        said, files, *_ = received
        if not said:
            break
        order = json.loads(said)
        if "pid" in order:
            alive.discard(order["pid"])
            answer = os.waitstatus_to_exitcode(os.waitpid(order["pid"], 0)[1])
        elif answer := os.fork():
            alive.add(answer)
            for file in files:
                os.close(file)
        else:
            line.close()
            return lambda: _become(order, files)
        line.send(str(answer).encode())
    for pid in alive:
        os.kill(pid, signal.SIGKILL)
    return None


def _become(order: dict[str, Any], files: Sequence[int]) -> None:
    """The last of the files stays open for as long as the process lives."""
    for file, place in zip((os.open(os.devnull, os.O_RDONLY), *files[:2]), range(3), strict=True):
        os.dup2(file, place)
        os.close(file)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.clear()
    os.environ.update(order["env"])
    module, _, name = order["main"].partition(":")
    sys.argv = [module, *order["words"]]
    getattr(importlib.import_module(module), name)()


if __name__ == "__main__":
    main()
