"""`myticket demo` when its system does not start, or it is ended: one line that says why, and nothing left running."""

import asyncio
import os
import signal
import socket

import psutil
import pytest
from rich.console import Console

from apps.demo import child
from apps.demo.stage import Stage
from apps.demo.teller import Teller
from apps.failures import CannotRun
from apps.locking import locked
from scripts.services import family
from scripts.services.ports import free_port
from tests.e2e.system import command
from tests.services.test_apps_up import refused

DID_NOT = "myticket: the system did not start: "
STARTS_WITHIN, ENDS_WITHIN = 60.0, 30.0


async def line(*words, **environment):
    """What is said instead of the scenario, which is one line."""
    said, code = await refused("demo", "--exit", "--port", str(free_port()), *words, **environment)
    assert (code, len(said.splitlines())) == (1, 1), said
    return said


async def test_data_that_another_one_uses(tmp_path):
    with locked(tmp_path, ["pay"]):
        said = await line("--data", str(tmp_path))
    assert said == f"{DID_NOT}{tmp_path} is in use: process {os.getpid()} runs pay there"


async def test_data_that_are_a_file():
    assert (await line("--data", __file__)).startswith(f"myticket: --data is '{__file__}'; allowed: a folder")


async def test_a_setting_that_it_cannot_run_with():
    assert (await line(PUBLIC_URL="https://shop.example")).startswith(f"{DID_NOT}PUBLIC_URL says that others ask")


async def test_a_port_that_somebody_else_has(tmp_path):
    """Whoever it is would be asked instead."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        said = await line("--port", port, "--data", str(tmp_path / "data"))
    assert said == f"myticket: cannot listen on 127.0.0.1, port {port}: it is in use; choose another with --port"
    assert not (tmp_path / "data").exists()


async def test_one_that_is_not_ready_in_time_is_ended(tmp_path, monkeypatch):
    monkeypatch.setattr(child, "READY_WITHIN", 0.05)
    stage = Stage(free_port(), tmp_path, Teller(Console()))
    with pytest.raises(CannotRun, match=r"the system does not answer after 0\.05 s: it said nothing"):
        await stage.__aenter__()
    assert stage.child.process.returncode is not None


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_who_ends_it_ends_its_system(number, tmp_path):
    words = ("demo", "--port", str(free_port()), "--data", str(tmp_path))
    demo = await asyncio.create_subprocess_exec(*command(*words), stdout=asyncio.subprocess.PIPE, limit=1 << 20)
    async with asyncio.timeout(STARTS_WITHIN):
        await demo.stdout.readuntil("티켓 등록".encode())  # the first act: it plays
    (system,) = [it for it in psutil.Process(demo.pid).children() if "up" in it.cmdline()]
    demo.send_signal(number)
    await asyncio.wait_for(demo.wait(), ENDS_WITHIN)
    assert not family.alive(system)
    assert demo.returncode == 1  # not all was shown
