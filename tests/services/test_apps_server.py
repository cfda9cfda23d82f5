"""The HTTP server stops when asked to, having answered what it accepted; an address that cannot be had is told."""

import asyncio
import os
import signal
import socket
from contextlib import asynccontextmanager

import pytest

from apps import connection
from apps.server import CannotListen, Server, listen
from tests.until import until

REQUEST = b"GET / HTTP/1.1\r\nHost: here\r\n\r\n"


class App:
    """Answers as soon as `may_answer`; counts what it was asked."""

    def __init__(self):
        self.asked, self.may_answer, self.leaving = asyncio.Semaphore(0), asyncio.Event(), asyncio.Event()

    async def __call__(self, scope, receive, send):
        self.asked.release()
        await self.may_answer.wait()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"ok"})


class Crowded(Server):
    """In the moment in which it begins to end, more have connected than it has accepted."""

    async def main_loop(self):
        await super().main_loop()
        address = self.servers[0].sockets[0].getsockname()
        self.crowd = [socket.create_connection(address) for _ in range(5)]


@asynccontextmanager
async def serving(app, kind=Server):
    listener = listen("127.0.0.1", 0)
    ready = asyncio.Event()
    server = kind(app, ready.set, app.leaving.set)
    task = asyncio.create_task(server.serve([listener]))
    async with asyncio.timeout(10):
        await ready.wait()
        yield server, listener.getsockname(), task
        await task


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
async def test_a_request_in_hand_is_answered_and_the_connection_closed(terminal, number):
    app = App()
    async with serving(app) as (server, address, _):
        reader, writer = await asyncio.open_connection(*address)
        writer.write(REQUEST)
        await app.asked.acquire()
        os.kill(os.getpid(), number)
        await app.leaving.wait()
        await until(lambda: not server.servers[0].is_serving())
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection(*address)
        app.may_answer.set()
        answer = await reader.read()
        writer.close()
    assert answer.startswith(b"HTTP/1.1 200")
    assert b"connection: close" in answer.lower()


async def test_what_ignores_a_closed_terminal_goes_on_ignoring_it():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        app = App()
        async with serving(app) as (server, _, _):
            os.kill(os.getpid(), signal.SIGHUP)
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
            server.end()
    finally:
        signal.signal(signal.SIGHUP, before)


@pytest.mark.parametrize("late", [len(REQUEST), 20], ids=["nothing came", "a part came"])
async def test_who_has_connected_is_answered_however_slow_to_ask(late):
    app = App()
    app.may_answer.set()
    async with serving(app) as (server, address, _):
        reader, writer = await asyncio.open_connection(*address)
        writer.write(REQUEST[:-late])
        await asyncio.sleep(0.05)
        server.end()
        await asyncio.sleep(1)  # what is tried is that time goes by
        writer.write(REQUEST[-late:])
        assert (await reader.read()).startswith(b"HTTP/1.1 200")
        writer.close()


async def test_who_connected_when_it_ends_is_answered_too():
    app = App()
    app.may_answer.set()
    async with serving(app, Crowded) as (server, address, _):
        server.end()
        await until(lambda: hasattr(server, "crowd"))
        with pytest.raises((ConnectionRefusedError, TimeoutError)):
            await asyncio.to_thread(socket.create_connection, address, 0.1)
        opened = [await asyncio.open_connection(sock=client) for client in server.crowd]
        for _, writer in opened:
            writer.write(REQUEST)
        for reader, writer in opened:
            assert (await reader.read()).startswith(b"HTTP/1.1 200")
            writer.close()


async def test_who_connected_and_asks_nothing_is_not_waited_for_long(monkeypatch):
    monkeypatch.setattr(connection, "FIRST", 0.1)
    async with serving(App()) as (server, address, task):
        _, writer = await asyncio.open_connection(*address)
        began = asyncio.get_running_loop().time()
        server.end()
        await task
        assert asyncio.get_running_loop().time() - began < 1
        writer.close()


async def test_a_second_signal_waits_for_nobody():
    app = App()
    async with serving(app) as (server, address, task):
        _, writer = await asyncio.open_connection(*address)
        writer.write(REQUEST)
        await app.asked.acquire()
        server.end()
        server.end()
        await task
        writer.close()


def test_a_port_in_use_is_told():
    with listen("127.0.0.1", 0) as first, pytest.raises(CannotListen, match="it is in use; choose another with --port"):
        listen("127.0.0.1", first.getsockname()[1])


def test_an_address_that_is_not_ours_is_told():
    with pytest.raises(CannotListen, match=r"cannot listen on 192\.0\.2\.1, port 0: Cannot assign"):
        listen("192.0.2.1", 0)
