"""One process per store: an advisory lock on a file beside it, which the system gives back however the process ends."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from apps.failures import CannotRun


class InUse(CannotRun):
    """Another process has it."""


@contextmanager
def locked(folder: Path, names: Sequence[str]) -> Iterator[None]:
    """Hold `folder`'s locks of these names, all or none. Raises InUse saying who has one."""
    with ExitStack() as held:
        for name in names:
            held.enter_context(_locked(folder / f"{name}.lock"))
        yield


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """The file is never removed: a lock on a name that others can remake would be no lock."""
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        _take(file, path)
        os.ftruncate(file, 0)
        os.pwrite(file, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(file)


def _take(file: int, path: Path) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.pread(file, 20, 0).decode(errors="replace").strip() or "unknown"
        raise InUse(f"{path.parent} is in use: process {holder} runs {path.stem} there") from None
