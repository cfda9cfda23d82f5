"""A server process together with what it started; PostgreSQL's children are in sessions of their own.

As a program, `python family.py PID [FOLDER]` kills that family and removes the folder once its standard input ends
without a word: whoever holds the other end is gone then, in whatever way. (A parent-death signal would do it at the end
of the starting *thread*.)
"""

import contextlib
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil

STILL = (psutil.STATUS_STOPPED, psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)


def send(parent: psutil.Process, number: signal.Signals) -> list[psutil.Process]:
    """Signal the process and its children. Whom it was sent to.

    Nobody, if the process is gone: psutil does not take another of the same number for it. To stop or to kill them the
    parent is stopped before they are counted: it starts no more of them then.
    """
    try:
        if number in (signal.SIGSTOP, signal.SIGKILL):
            _still(parent)
        members = [parent, *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []
    for member in members:
        with contextlib.suppress(psutil.NoSuchProcess):
            member.send_signal(number)
    return members


def _still(process: psutil.Process) -> None:
    process.send_signal(signal.SIGSTOP)
    while process.status() not in STILL:
        time.sleep(0.001)


def kill(parent: psutil.Process) -> None:
    """All of it is dead when this returns; whom their parents still have to reap holds nothing any more."""
    members = send(parent, signal.SIGKILL)
    while any(map(alive, members)):
        time.sleep(0.005)


def watch(pid: int, temporary: Path | None) -> subprocess.Popen[bytes]:
    """A process that kills the family, and removes its folder, once this process is gone; any word ends it."""
    words = [sys.executable, __file__, str(pid), *([str(temporary)] if temporary else [])]
    return subprocess.Popen(words, stdin=subprocess.PIPE, start_new_session=True)


def alive(process: psutil.Process) -> bool:
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _main(pid: str, *folders: str) -> None:
    parent = psutil.Process(int(pid))
    if not sys.stdin.buffer.read(1):
        kill(parent)
        for folder in folders:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    with contextlib.suppress(psutil.NoSuchProcess):
        _main(*sys.argv[1:])
