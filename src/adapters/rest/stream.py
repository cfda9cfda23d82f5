"""One stream of events (text/event-stream): what waits to be read, and how it is written."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from time import monotonic
from typing import Any, Final

import structlog
from attrs import define, field

from adapters.rest.reply import Reply
from myticket_core.mypage.changes import Mark
from myticket_core.mypage.ports import PageId

MEDIA: Final = "text/event-stream"
HEARTBEAT: Final = 15.0
"""Seconds of silence after which a stream says that it is there, and how far it is."""
UNREAD: Final = 10.0
"""Seconds within which what is written has to be taken, or the stream is cut off."""
LONGEST: Final = 900.0
"""Seconds until a stream ends: its reader comes again, resumes, and is judged anew. Their token may be over by then."""
MOST: Final = 1000
"""Events that wait for a reader, one of each page; whoever lets more come together is cut off."""
RETRY: Final = b"retry: 2000\n"
_HEADERS: Final = {"Cache-Control": "no-store", "X-Accel-Buffering": "no", "Content-Type": MEDIA}

log = structlog.get_logger("myticket.rest")


@define(eq=False)
class Stream:
    """Of each page only the newest event waits. `mark`: how far that goes."""

    mark: Mark | None = None
    over: bool = False
    _waiting: dict[PageId, bytes] = field(factory=dict, init=False)
    _woken: asyncio.Event = field(factory=asyncio.Event, init=False)

    def put(self, page: PageId, event: bytes) -> None:
        self._waiting.pop(page, None)  # it goes to the end: its id is that of the last one
        self._waiting[page] = event
        if len(self._waiting) > MOST:
            self.end()
        self._woken.set()

    def fill(self, page: PageId, event: bytes) -> None:
        """What was found in the store, unless something came since."""
        self._waiting.setdefault(page, event)
        self._woken.set()

    def end(self) -> None:
        self.over = True
        self._woken.set()

    async def wait(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(HEARTBEAT):
                await self._woken.wait()
        self._woken.clear()

    def take(self) -> bytes:
        """What waits, and behind all of it how far that goes; resuming from there misses nothing."""
        events, self._waiting = list(self._waiting.values()), {}
        at = f"id: {self.mark}\n\n".encode()
        return b"\n".join(events) + at if events else b": \n" + at


class Streaming(Reply):
    """Writes the stream until it is over, its reader has gone, or does not read; `left` is told in any case."""

    def __init__(self, stream: Stream, left: Callable[[], None]) -> None:
        super().__init__(200, None, b"", _HEADERS)
        self._stream, self._left = stream, left

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        gone = asyncio.create_task(self._gone(receive))
        try:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw})
            if await self._written(send):
                await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            gone.cancel()
            self._left()

    async def _written(self, send: Any) -> bool:
        """Whether it came to its end; else the server closes the connection."""
        chunk, until = RETRY + self._stream.take(), monotonic() + LONGEST
        while True:
            try:
                async with asyncio.timeout(UNREAD):
                    await send({"type": "http.response.body", "body": chunk, "more_body": True})
            except TimeoutError:
                log.warning("a stream is not read, and cut off")
                return False
            if self._stream.over or monotonic() > until:
                return True
            await self._stream.wait()
            chunk = self._stream.take()

    async def _gone(self, receive: Any) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self._stream.end()
