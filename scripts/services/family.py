"""A server process together with what it started; PostgreSQL's children are in sessions of their own.

As a program, `python family.py PID` kills that family once its standard input ends without a word: whoever holds the
other end is gone then, in whatever way. (A parent-death signal would do it at the end of the starting *thread*.)
"""

import contextlib
import signal
import subprocess
import sys
import time

import psutil


def send(parent: psutil.Process, number: signal.Signals) -> list[psutil.Process]:
    """Signal the process, then its children: a stopped or dead parent starts no more of them. Whom it was sent to.

    Nobody, if the process is gone: psutil does not take another of the same number for it.
    """
    try:
        members = [parent, *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []
    for member in members:
        with contextlib.suppress(psutil.NoSuchProcess):
            member.send_signal(number)
    return members


def kill(parent: psutil.Process) -> None:
    """All of it is dead when this returns; whom their parents still have to reap holds nothing any more."""
    members = send(parent, signal.SIGKILL)
    while any(map(alive, members)):
        time.sleep(0.005)


def watch(pid: int) -> subprocess.Popen[bytes]:
    """A process that kills the family when this process is gone; tell it anything to end it."""
    return subprocess.Popen([sys.executable, __file__, str(pid)], stdin=subprocess.PIPE, start_new_session=True)


def alive(process: psutil.Process) -> bool:
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _main(parent: psutil.Process) -> None:
    if not sys.stdin.buffer.read(1):
        kill(parent)


if __name__ == "__main__":
    with contextlib.suppress(psutil.NoSuchProcess):
        _main(psutil.Process(int(sys.argv[1])))
