"""Serving HTTP: a socket of our own, signals, and a stop that answers what was accepted."""

from __future__ import annotations

import asyncio
import errno
import signal
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any, Final, cast

import uvicorn

from apps.connection import FIRST, PATIENCE, Connection
from apps.failures import CannotRun
from apps.knocking import turn_away

ARRIVE: Final = 0.05
"""Seconds in which what was connected before the end began is accepted."""
SETTLE: Final = 0.2
"""Seconds in which a connection that was kept for it may still ask something."""
FINISH: Final = 10
"""Seconds within which the requests in hand have to be answered."""
IDLE: Final = 5
"""Seconds a connection is kept on which nothing is asked."""
UNREAD: Final = 30
"""Seconds an answer waits to be read before its connection is cut."""
LARGEST_MESSAGE: Final = 64 * 1024
"""Bytes of a message of a WebSocket, as of a body."""
ENDING: Final = (signal.SIGTERM, signal.SIGINT)


class CannotListen(CannotRun):
    """The address cannot be had."""


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0: any free one. Raises CannotListen."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio sends small parts at once on sockets that say they are TCP, and lets them wait 40 ms on others
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):  # of Linux; handed on to what is accepted
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 1000 * UNREAD)
    try:
        listener.bind((host, port))
        listener.listen(2048)
    except OSError as error:
        listener.close()
        in_use = error.errno == errno.EADDRINUSE
        reason = "it is in use; choose another with --port" if in_use else error.strerror
        raise CannotListen(f"cannot listen on {host}, port {port}: {reason}") from error
    return listener


@contextmanager
def interruptible() -> Iterator[None]:
    """Until a server listens to them, SIGTERM, SIGINT and SIGHUP end what is within, wherever it waits: no failure.

    Without a handler, process 1 of a container would not hear SIGTERM at all.
    """
    task, told = asyncio.current_task(), False
    assert task is not None

    def end() -> None:
        nonlocal told
        told = True
        task.cancel()

    try:
        with _hearing(end):
            yield
    except asyncio.CancelledError:
        if not told:
            raise
        task.uncancel()


@contextmanager
def _hearing(end: Callable[[], None]) -> Iterator[None]:
    loop, heard = asyncio.get_running_loop(), _heard()
    for number in heard:
        loop.add_signal_handler(number, end)
    try:
        yield
    finally:
        for number in heard:
            loop.remove_signal_handler(number)


def _heard() -> Sequence[signal.Signals]:
    """SIGHUP too, which a terminal says that closes; under nohup it is ignored, and stays so."""
    return ENDING if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN else (*ENDING, signal.SIGHUP)


class Server(uvicorn.Server):
    """Ends when it is told to, or by SIGTERM, SIGINT or SIGHUP; a second one does not wait for anybody.

    uvicorn closes an accepted connection that has not been read from without a word: here it is read first.
    """

    def __init__(
        self,
        app: Any,
        ready: Callable[[], None],
        leaving: Callable[[], None],
        patience: float = PATIENCE,
        *,
        sockets: bool = False,
    ) -> None:
        """`ready` is called when requests are answered, `leaving` first of all when the end begins.

        A request has to arrive within `patience` seconds. `sockets`: the application takes WebSockets too.
        """
        super().__init__(
            uvicorn.Config(
                app,
                http=cast(Any, partial(Connection, patience=patience)),
                ws=_websockets() if sockets else "none",
                ws_max_size=LARGEST_MESSAGE,
                ws_per_message_deflate=False,
                lifespan="off",
                log_config=None,
                access_log=False,
                proxy_headers=False,  # adapters.rest.addresses reads them, where proxies are named
                server_header=False,
                timeout_keep_alive=IDLE,
                timeout_graceful_shutdown=FINISH,
            )
        )
        self._ready, self._leaving = ready, leaving

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """uvicorn's own would end the process by the signal; stopping when asked to is a success."""
        with _hearing(self.end):
            yield

    def end(self) -> None:
        """Asked to a second time it waits for nobody."""
        self.force_exit = self.should_exit
        if self.force_exit:
            for connection in self._connections():
                connection.transport.abort()  # from Python 3.12 on a listener ends with the last of its connections
        self.should_exit = True
        self._leaving()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Nobody connects any more from the first line on, so that nothing waits to be accepted when it closes."""
        for listener in sockets or ():
            turn_away(listener)
        for connection in self._connections():
            if _answering(connection) or _socket(connection):
                connection.shutdown()  # closed once it is answered, a WebSocket at once
        await asyncio.sleep(ARRIVE)
        await self._settled()
        await super().shutdown(sockets)

    async def _settled(self) -> None:
        """Until whoever has connected has asked, and been heard: what is closed under a request is reset."""
        if self.server_state.connections:
            await asyncio.sleep(SETTLE - ARRIVE)
        with suppress(TimeoutError):
            async with asyncio.timeout(FIRST):
                while not self.force_exit and any(map(_expected, self._connections())):  # noqa: ASYNC110
                    await asyncio.sleep(ARRIVE)

    def _connections(self) -> list[Any]:
        return list(self.server_state.connections)


def _websockets() -> Any:
    """Its library comes with an extra."""
    from apps.websocket import WebSocket

    return WebSocket


def _socket(connection: Any) -> bool:
    return not hasattr(connection, "cycle")


def _expected(connection: Any) -> bool:
    return not _socket(connection) and connection.expected


def _answering(connection: Any) -> bool:
    return getattr(connection, "cycle", None) is not None and not connection.cycle.response_complete
