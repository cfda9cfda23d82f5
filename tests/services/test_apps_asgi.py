"""A service in a server of somebody else's."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from contextlib import asynccontextmanager
from functools import partial

import httpx
import pytest
import uvicorn

from apps import asgi
from apps.places import SERVICES
from apps.server import ENDING, listen


@pytest.fixture
def environ(monkeypatch, tmp_path):
    monkeypatch.setenv("MYTICKET_DATA", str(tmp_path))
    monkeypatch.setenv("MYTICKET_AUTH", "off")
    monkeypatch.setenv("MYTICKET_TRUSTED_MESH", "1")
    before = os.umask(0o022)
    yield
    os.umask(before)


def test_there_is_one_of_each_service(environ):
    assert [getattr(asgi, name)()._service for name in SERVICES] == list(SERVICES)


def test_development_tokens_are_refused(monkeypatch, tmp_path):
    monkeypatch.setenv("MYTICKET_DATA", str(tmp_path))
    with pytest.raises(SystemExit, match=r"cannot be served with the development tokens.* or use `myticket serve`$"):
        asgi.ticket()


async def test_what_is_wrong_is_all_that_its_server_says(monkeypatch, tmp_path):
    monkeypatch.setenv("MYTICKET_DATA", str(tmp_path))
    for told, words in (({}, ["MYTICKET_OIDC_ISSUER"]), ({"PORT": "x", "LOG_LEVEL": "x"}, ["PORT", "LOG_LEVEL"])):
        server = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "uvicorn", "--factory", "apps.asgi:book", "--port", "0"),
            env={**os.environ, **told},
            stderr=asyncio.subprocess.PIPE,
        )
        _, said = await asyncio.wait_for(server.communicate(), 30)
        assert server.returncode == 1
        for line, word in zip(said.decode().splitlines(), words, strict=True):
            assert line.startswith("myticket: ")
            assert word in line


async def test_it_works_from_start_up_to_shut_down(environ, tmp_path):
    server = uvicorn.Server(uvicorn.Config("apps.asgi:ticket", factory=True, lifespan="on", log_config=None))
    with listen("127.0.0.1", 0) as listener:
        serving = asyncio.create_task(server.serve([listener]))
        while not server.started:
            assert not serving.done()
            await asyncio.sleep(0.01)
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{listener.getsockname()[1]}") as http:
            made = await http.post("/tickets", json={"price": 1, "companyId": 1})
            assert made.status_code == 201
            assert (await http.get("/readyz")).json() == {"status": "UP"}
            assert [it.name for it in tmp_path.iterdir() if it.stat().st_mode & 0o077] == [], "it is its owner's alone"
        server.should_exit = True
        await serving


@asynccontextmanager
async def process(*words):
    """A server of its own, and what asks it: the socket is there before, so nobody waits for it."""
    with listen("127.0.0.1", 0) as listener:
        command = [sys.executable, "-m", "uvicorn", "--fd", str(listener.fileno()), "--log-level", "error", *words]
        server = await asyncio.create_subprocess_exec(*command, pass_fds=[listener.fileno()])
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    try:
        async with httpx.AsyncClient(base_url=url, timeout=60) as http:
            yield server, http
    finally:
        if server.returncode is None:
            server.kill()
        await server.wait()


@pytest.mark.parametrize("number", ENDING)
async def test_a_stream_that_is_open_ends_with_its_service(environ, number):
    async with (
        process("--factory", "apps.asgi:mypage") as (server, http),
        http.stream("GET", "/mypages/stream") as stream,
    ):
        assert (stream.status_code, stream.headers["content-type"]) == (200, "text/event-stream")
        server.send_signal(number)
        async with asyncio.timeout(30):
            await stream.aread()  # to its end: one that breaks off raises
            await server.wait()


async def lived(while_it_does=lambda: None):
    """From start up to shut down, in a server that does nothing else."""
    sent = []

    async def receive():
        if not sent:
            return {"type": "lifespan.startup"}
        while_it_does()
        return {"type": "lifespan.shutdown"}

    async def send(message):
        sent.append(message["type"])

    await asgi.ticket()({"type": "lifespan"}, receive, send)
    return sent


def hearing():
    return [signal.getsignal(number) for number in ENDING]


@pytest.fixture
def ears():
    """Sets who hears SIGTERM, for the test."""
    before = signal.getsignal(signal.SIGTERM)
    yield partial(signal.signal, signal.SIGTERM)
    signal.signal(signal.SIGTERM, before)


async def test_who_heard_of_the_end_hears_of_it_while_it_lives_and_afterwards(environ, ears):
    heard = []
    ears(lambda number, frame: heard.append(number))
    before = hearing()
    await lived(lambda: signal.raise_signal(signal.SIGTERM))
    assert (heard, hearing()) == ([signal.SIGTERM], before)


async def test_where_nobody_hears_of_the_end_the_default_stays(environ, ears):
    ears(signal.SIG_DFL)
    within = []
    await lived(lambda: within.append(signal.getsignal(signal.SIGTERM)))
    assert within == [signal.SIG_DFL]


async def test_outside_of_the_main_thread_it_lives_and_hears_nothing(environ):
    sent = await asyncio.to_thread(asyncio.run, lived())
    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


async def test_what_cannot_start_says_why(environ, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "sqlite:////nowhere/at/all.sqlite")
    sent = []

    async def receive():
        return {"type": "lifespan.startup"}

    async def send(message):
        sent.append(message)

    with pytest.raises(Exception, match="cannot be opened"):
        await asgi.ticket()({"type": "lifespan"}, receive, send)
    assert [message["type"] for message in sent] == ["lifespan.startup.failed"]
    assert "/nowhere/at/all.sqlite cannot be opened" in sent[0]["message"]
