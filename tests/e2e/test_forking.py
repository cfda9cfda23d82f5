"""What is forked is a process like any other."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from pathlib import Path

import psutil
import pytest

from tests.e2e.forking import Forked, Forker, begun, ran
from tests.until import until

STANDING = "tests.e2e.test_forking:standing"


def standing() -> None:
    """Says who it is, and stands."""
    print(
        json.dumps([os.getpid(), os.environ.get("ASKED"), os.stat(0).st_rdev == os.stat(os.devnull).st_rdev]),
        flush=True,
    )
    signal.pause()


async def _begun(log: Path, **env: str) -> Forked:
    with log.open("wb") as file:
        process = await begun(out=file, errors=file, env={**os.environ, **env}, main=STANDING)
    await until(lambda: log.read_bytes().endswith(b"\n"))
    return process


async def test_it_has_an_environment_of_its_own_and_nothing_to_read(tmp_path: Path) -> None:
    one, two = await _begun(tmp_path / "1", ASKED="one"), await _begun(tmp_path / "2")
    said = [json.loads((tmp_path / name).read_bytes()) for name in "12"]
    assert said == [[one.pid, "one", True], [two.pid, None, True]]
    for process in (one, two):
        process.kill()
        assert await process.wait() == -signal.SIGKILL


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
async def test_it_ends_by_a_signal_and_everybody_who_waits_hears_of_it(tmp_path: Path, number: signal.Signals) -> None:
    process = await _begun(tmp_path / "log")
    waiting = [asyncio.create_task(process.wait()) for _ in range(3)]
    process.send_signal(signal.SIGSTOP)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(process.wait(), 0.2)
    assert (process.returncode, psutil.Process(process.pid).status()) == (None, psutil.STATUS_STOPPED)
    for it in (number, signal.SIGCONT):
        process.send_signal(it)
    assert await asyncio.gather(*waiting) == [-number] * 3
    assert not psutil.pid_exists(process.pid)
    process.kill()  # nobody else has its number


async def test_a_command_is_carried_out_as_by_a_start() -> None:
    code, out, errors = await ran("settings", env={**os.environ, "MYTICKET_PORT": "8099"})
    assert (code, errors) == (0, "")
    assert "8099" in out
    code, out, errors = await ran("nothing")
    assert (code, out) == (2, "")
    assert "No such command 'nothing'" in errors


def test_who_ends_leaves_nobody_behind(tmp_path: Path) -> None:
    forker = Forker()
    with (tmp_path / "log").open("wb") as file:
        process = psutil.Process(forker.begin(STANDING, (), (file, file), dict(os.environ)).pid)
    forker.end()
    assert forker.process.returncode == 0
    psutil.wait_procs([process], 30)
    assert not process.is_running()
