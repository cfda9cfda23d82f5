"""One process per store: an advisory lock on a file beside it, which the system gives back however the process ends."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from apps.failures import CannotRun

PATIENCE: Final = 0.5
"""Seconds in which a holder that is just ending, or somebody who only looks (`held`), lets go."""


class InUse(CannotRun):
    """Another process has it."""


@contextmanager
def locked(folder: Path, names: Sequence[str]) -> Iterator[None]:
    """Hold `folder`'s locks of these names, all or none. Raises InUse saying who has one."""
    with ExitStack() as taken:
        for name in names:
            taken.enter_context(_locked(folder / f"{name}.lock"))
        yield


def held(folder: Path) -> bool:
    """Whether a process runs on any of the stores in `folder`."""
    return any(_is_held(path) for path in folder.glob("*.lock"))


def _is_held(path: Path) -> bool:
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False
