"""A WebSocket that fills no memory: uvicorn answers pings whether or not anybody reads what it says."""

from __future__ import annotations

from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame


class WebSocket(WebSocketsSansIOProtocol):
    """Whoever pings and does not read the answers is not read either, until they do."""

    def handle_ping(self) -> None:
        super().handle_ping()
        self._hold()

    async def receive(self) -> Any:
        """Once it has handed on a message, uvicorn reads again, whatever is still unread."""
        event = await super().receive()
        self._hold()
        return event

    def resume_writing(self) -> None:
        super().resume_writing()
        if not self.read_paused:  # else what was said before is not heard yet, and `receive` goes on
            self.transport.resume_reading()

    def handle_cont(self, event: Frame) -> None:
        """The limit of a message counts its bytes: of empty fragments there may be any number, and each was kept."""
        if event.data or event.fin:
            super().handle_cont(event)

    def _hold(self) -> None:
        if not self.writable.is_set():
            self.transport.pause_reading()
