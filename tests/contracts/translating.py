"""A proxy that changes nothing but the token of a request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aiohttp import ClientSession, TCPConnector

HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "host", "content-length"})
"""Headers of one connection, and what is said anew of the next."""


class Translating:
    """Hands everything on to `to`; opened and closed in the loop it is served in."""

    def __init__(self, token: Callable[[str], str]) -> None:
        self.to, self._token = "", token
        self._http: ClientSession | None = None

    async def open(self) -> None:
        """No connection is kept: the process could close one just when it is asked again, many seconds later."""
        self._http = ClientSession(auto_decompress=False, connector=TCPConnector(force_close=True))

    async def close(self) -> None:
        if self._http is not None:
            await self._http.close()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        assert self._http is not None
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        path = scope["raw_path"].decode() + (f"?{scope['query_string'].decode()}" if scope["query_string"] else "")
        sent = [(name.decode(), value.decode("latin-1")) for name, value in scope["headers"]]
        headers = [(name, self._said(name, value)) for name, value in sent if name not in HOP]
        skipped = ("Accept", "User-Agent", "Content-Type")  # what the caller leaves out is left out
        url = self.to + path
        async with self._http.request(
            scope["method"], url, headers=headers, data=body or None, skip_auto_headers=skipped, allow_redirects=False
        ) as answer:
            found = await answer.read()
            told = [
                (name.encode(), value.encode()) for name, value in answer.headers.items() if name.lower() not in HOP
            ]
            length = [(b"content-length", b"%d" % len(found))] if answer.status != 204 else []
            await send({"type": "http.response.start", "status": answer.status, "headers": [*told, *length]})
            await send({"type": "http.response.body", "body": found})

    def _said(self, name: str, value: str) -> str:
        return self._token(value) if name == "authorization" else value
