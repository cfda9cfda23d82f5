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
    """Hold `folder`'s locks of these names, all or none. Raises InUse saying who has one; CannotRun."""
    with ExitStack() as taken:
        for name in names:
            taken.enter_context(_locked(folder / f"{name}.lock"))
        yield


def held(folder: Path) -> bool:
    """Whether a process runs something of `folder` now."""
    return any(_is_held(path) for path in sorted(folder.glob("*.lock")))


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """The file is never removed: a lock on a name that others can remake would be no lock."""
    with _writing(path):
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        _take(file, path)
        with _writing(path):
            os.ftruncate(file, 0)
            os.pwrite(file, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(file)


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    """Raises CannotRun: an error of what is open names no file."""
    try:
        yield
    except OSError as error:
        raise CannotRun(f"{path} cannot be written: {error.strerror}") from error


def _take(file: int, path: Path) -> None:
    ends = time.monotonic() + PATIENCE
    while not _got(file, fcntl.LOCK_EX):
        if time.monotonic() > ends:
            holder = os.pread(file, 20, 0).decode(errors="replace").strip() or "unknown"
            raise InUse(f"{path.parent} is in use: process {holder} runs {path.stem} there")
        time.sleep(0.05)


def _is_held(path: Path) -> bool:
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return not _got(file, fcntl.LOCK_SH)
    finally:
        os.close(file)


def _got(file: int, kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
