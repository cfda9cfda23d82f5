"""`make up`: everything from nothing to a booking, and nothing left afterwards, however it ends."""

from __future__ import annotations

import asyncio
import shutil
import signal
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import pytest
from aiohttp import ClientSession

from scripts.processes import Ended, watch
from scripts.services import Documents, Postgres, family
from scripts.services.ports import free_port, listens
from scripts.up import ORDER
from tests.e2e.five import Five

UP_WITHIN = 150.0
ENDED_WITHIN = 90.0
LAST = "stop    Ctrl-C"


@pytest.fixture
def port(tmp_path: Path, postgres_url: str, mongodb_url: str, kafka: str) -> Iterator[int]:
    """The first of five; the servers are asked for so that a machine without one skips this."""
    yield free_port(5)
    shutil.rmtree(Postgres(tmp_path / Postgres.name).data, ignore_errors=True)  # for root it is somewhere else


def words(command: str, folder: Path, port: int) -> list[str]:
    return [sys.executable, "-m", "scripts.up", command, "--data", str(folder), "--port", str(port)]


@asynccontextmanager
async def up(folder: Path, port: int) -> AsyncIterator[asyncio.subprocess.Process]:
    """It said where everything is; what it started has gone with it."""
    process = await asyncio.create_subprocess_exec(
        *words("up", folder, port), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    started: list[psutil.Process] = []
    try:
        async with asyncio.timeout(UP_WITHIN):
            said = await said_until(process, LAST)
        started = psutil.Process(process.pid).children(recursive=True)
        assert len(started) > len(ORDER)
        assert all(f"http://127.0.0.1:{port + number}" in said for number in range(len(ORDER)))
        yield process
        await asyncio.wait_for(process.wait(), ENDED_WITHIN)
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()
    assert [it for it in started if family.alive(it)] == []
    assert not any(listens(port + number) for number in range(len(ORDER)))


async def said_until(process: asyncio.subprocess.Process, words: str) -> str:
    said = ""
    assert process.stdout is not None
    while words not in said:
        line = await process.stdout.readline()
        if not line:
            assert process.stderr is not None
            raise AssertionError(f"{said}\n{(await process.stderr.read()).decode()}")
        said += line.decode()
    return said


@pytest.mark.slow
async def test_from_nothing_to_a_booking_that_is_there_the_next_time(tmp_path: Path, port: int) -> None:
    async with up(tmp_path, port):
        five = at(tmp_path, port)
        async with ClientSession() as five.http:
            order = {"ticketId": await five.ticket(), "price": 15000}
            booked = await five.ask("POST", "/books", await five.customer(), order)
            assert booked.status == 201, booked
        assert await printed("down", tmp_path, port) == (0, f"ended; the data stay in {tmp_path}\n")
    assert await printed("down", tmp_path, port) == (0, f"nothing runs in {tmp_path}\n")
    async with up(tmp_path, port) as process:
        async with ClientSession() as five.http:
            found = await five.ask("GET", f"/books/{booked.body['id']}", await five.customer())
            assert (found.status, found.body["status"]) == (200, "BOOKED")
        serving = [it for it in psutil.Process(process.pid).children() if "alarm" in it.cmdline()]
        serving[0].kill()
        assert process.stderr is not None
        said = (await process.stderr.readline()).decode()
    assert process.returncode == 1
    assert said == f"alarm has ended with exit code -9; {tmp_path}/alarm.log ends with:\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP], ids=["Ctrl-C", "a terminal that closes"])
@pytest.mark.usefixtures("terminal")
async def test_who_ends_it_while_it_starts_leaves_nothing(tmp_path: Path, port: int, number: signal.Signals) -> None:
    process = await asyncio.create_subprocess_exec(*words("up", tmp_path, port), stdout=asyncio.subprocess.PIPE)
    async with asyncio.timeout(UP_WITHIN):
        while not (tmp_path / "kafka" / "kafka.log").exists():  # noqa: ASYNC110 - in another process
            await asyncio.sleep(0.05)
    started = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(number)
    assert await asyncio.wait_for(process.wait(), ENDED_WITHIN) == 0
    assert started
    assert [it for it in started if family.alive(it)] == []


def test_a_store_that_ends_by_itself_is_told(tmp_path: Path, mongodb_url: str) -> None:
    with Documents(tmp_path) as server:
        server.kill()
        with pytest.raises(Ended, match=f"documents has ended; {tmp_path}/documents.log ends with:"):
            watch([], [server])


async def test_a_port_in_use_is_told(tmp_path: Path, port: int) -> None:
    with socket.create_server(("127.0.0.1", port + 1)):
        code, said = await printed("up", tmp_path, port)
    assert (code, said) == (1, f"ticket cannot have port {port + 1}: end who listens there, or say --port N\n")


async def printed(command: str, folder: Path, port: int) -> tuple[int | None, str]:
    process = await asyncio.create_subprocess_exec(
        *words(command, folder, port), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    out, _ = await asyncio.wait_for(process.communicate(), ENDED_WITHIN)
    return process.returncode, out.decode()


def at(folder: Path, port: int) -> Five:
    """Who asks the services that run there."""
    five = Five(folder, "postgresql://nobody/none", "mongodb://nobody", "nobody:1")
    for number, name in enumerate(ORDER):
        five.replica(name).port = port + number
    return five
