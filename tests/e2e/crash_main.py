"""`myticket` in a process that dies, or stands still, where it is told to: `python -m tests.e2e.crash_main serve book`.

What to do stands in a file of the folder CRASH_ORDERS, written while the process runs (see orders.py), so that one
running system goes through many points. WITHOUT_GUARD takes a guard away for as long as the process lives (guards.py).
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections import Counter
from collections.abc import Callable
from functools import wraps
from importlib import import_module
from inspect import iscoroutinefunction
from pathlib import Path
from typing import Any

from attrs import define, field

from adapters.kafka import clients
from tests.e2e.crash_points import POINTS, Point
from tests.e2e.orders import AFTER, BEFORE, FOLDER, KILL, Order, fired, path

SHORTEST_SESSION = 6_000
"""Milliseconds a broker misses a member before it gives its partitions to others; so long its successor waits."""


@define
class Trigger:
    """Looks for its service's order at every call of a named method."""

    folder: Path
    service: str
    counted: Counter[Order] = field(factory=Counter)

    def reached(self, point: str, when: str) -> None:
        try:
            order = Order.read(path(self.folder, self.service))
        except FileNotFoundError:
            return
        if (order.point, order.when) == (point, when):
            self.counted[order] += 1
            if self.counted[order] == order.call:
                self._obey(order)

    def _obey(self, order: Order) -> None:
        """Whoever takes the order away obeys it: one replica, one thread, once."""
        try:
            path(self.folder, self.service).rename(fired(self.folder, self.service, os.getpid()))
        except FileNotFoundError:
            return
        number = signal.SIGKILL if order.how == KILL else signal.SIGSTOP
        signal.pthread_kill(threading.get_ident(), number)  # this thread does nothing more, nor does any other


def wrap(point: Point, trigger: Trigger) -> None:
    owner, method = found(point)
    setattr(owner, method, _wrapped(getattr(owner, method), point, trigger))


def found(point: Point) -> tuple[Any, str]:
    module, name = point.target.split(":")
    *owners, method = name.split(".")
    owner: Any = import_module(module)
    for part in owners:
        owner = getattr(owner, part)
    return owner, method


def _wrapped(original: Callable[..., Any], point: Point, trigger: Trigger) -> Callable[..., Any]:
    """`after` is reached when it has done what it does, not when it failed."""

    @wraps(original)
    async def awaited(*args: Any, **named: Any) -> Any:
        if concerned := point.of(*args):
            trigger.reached(point.name, BEFORE)
        result = await original(*args, **named)
        if concerned:
            trigger.reached(point.name, AFTER)
        return result

    @wraps(original)
    def called(*args: Any, **named: Any) -> Any:
        if concerned := point.of(*args):
            trigger.reached(point.name, BEFORE)
        result = original(*args, **named)
        if concerned:
            trigger.reached(point.name, AFTER)
        return result

    return awaited if iscoroutinefunction(original) else called


def main() -> None:
    service = next((word for word in sys.argv[2:] if not word.startswith("-")), "")
    if folder := os.environ.get(FOLDER):
        for point in POINTS:
            if service in point.services:
                wrap(point, Trigger(Path(folder), service))
    clients._CONSUMER["session_timeout_ms"] = SHORTEST_SESSION
    if guard := os.environ.get("WITHOUT_GUARD"):
        from tests.e2e import guards

        getattr(guards, guard)()
    from apps.cli import cli

    cli()


if __name__ == "__main__":
    main()
