"""A connection that nobody can hold for ever: uvicorn ends those on which nothing is asked, and no others."""

from __future__ import annotations

from asyncio import TimerHandle
from http import HTTPStatus
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

PATIENCE: Final = 30.0
"""Seconds within which a request has to arrive, from its first byte, or from when the connection was made."""
FIRST: Final = 5.0
"""Seconds within which who means to ask something does, however busy they are."""
GRACE: Final = 5.0
"""Seconds more for the application, which knows better what to say about a body that does not come."""
LARGEST_HEAD: Final = 32 * 1024
LARGEST_UNREAD: Final = 1024 * 1024
"""Bytes of a body that may still come after its request was answered: whoever sends it has not read the answer yet."""


class Connection(HttpToolsProtocol):
    """HTTP/1.1 by httptools. What comes too slowly, or has no end, is answered 408 or 431 if it can be, and cut off."""

    def __init__(self, *given: Any, patience: float = PATIENCE, **more: Any) -> None:
        super().__init__(*given, **more)
        self._patience = patience
        self._timer: TimerHandle | None = None
        self._in_head, self._arriving, self._upgraded = False, True, False
        self._head = self._chunk = self._unread = 0
        self._since = 0.0
        self._refusing = HTTPStatus.BAD_REQUEST

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._since = self.loop.time()
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._unwatch()

    def data_received(self, data: bytes) -> None:
        self._chunk = len(data)
        super().data_received(data)
        if self._in_head:
            self._head += self._chunk
            if self._head > LARGEST_HEAD:
                self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        if self._upgraded:
            self._unwatch()
        elif self._arriving or self._nothing_asked():
            self._watch()
        else:
            self._unwatch()

    def handle_websocket_upgrade(self) -> None:
        """From here on it is another protocol's, which has its own ways to end what is idle."""
        self._upgraded = True
        super().handle_websocket_upgrade()

    def on_message_begin(self) -> None:
        self._in_head = self._arriving = True
        self._head = -self._chunk  # what came before it in this chunk is not its head
        self._unread, self._since = 0, self.loop.time()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._in_head = False
        if self._chunk > LARGEST_HEAD or self._head > 0:
            size = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
            if size > LARGEST_HEAD:
                self._refusing = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
                raise ValueError("too large a head")  # which the parser hands to send_400_response
        if not self._addressed():
            raise ValueError("no Host, or several")
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        super().on_body(body)
        if self.cycle.response_complete:
            self._unread += len(body)
            if self._unread > LARGEST_UNREAD:
                self.transport.close()

    def on_message_complete(self) -> None:
        self._arriving = False
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Whatever it is that the request cannot be read for."""
        self._refuse(self._refusing)

    def _addressed(self) -> bool:
        """To one Host, as RFC 9112 (3.2) wants it; HTTP/1.0 may say none."""
        hosts = [name for name, _ in self.headers].count(b"host")
        return hosts == 1 or (hosts == 0 and self.parser.get_http_version() == "1.0")

    def _nothing_asked(self) -> bool:
        """Something came, and it was no request; nor is the connection known to be idle."""
        return self._answered and self.timeout_keep_alive_task is None

    @property
    def expected(self) -> bool:
        """Whether a request is to be expected: its head has begun, or nothing was asked since it was connected."""
        cycle: Any = self.cycle  # None until something is asked
        begun = cycle is None or self._in_head
        return begun and not self.transport.is_closing() and self.loop.time() < self._since + FIRST

    @property
    def _answered(self) -> bool:
        cycle: Any = self.cycle  # None until something is asked
        return cycle is None or bool(cycle.response_complete)

    def _refuse(self, status: HTTPStatus) -> None:
        if self.transport.is_closing():
            return
        body = status.phrase.encode()
        head = f"HTTP/1.1 {status.value} {status.phrase}\r\ncontent-type: text/plain; charset=utf-8\r\n"
        self.transport.write(f"{head}content-length: {len(body)}\r\nconnection: close\r\n\r\n".encode() + body)
        self.transport.close()

    def _watch(self) -> None:
        if self._timer is None:
            self._timer = self.loop.call_later(self._patience, self._late)

    def _unwatch(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _late(self) -> None:
        if not self._answered:
            self._timer = self.loop.call_later(GRACE, self.transport.abort)
        elif self._in_head:
            self._refuse(HTTPStatus.REQUEST_TIMEOUT)
        else:
            self.transport.close()
