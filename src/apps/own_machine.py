"""Where anybody could say who they are, only this machine's own user is answered.

A page of somebody else's can have a browser ask 127.0.0.1 too: under a name of its own (DNS rebinding), or by a form.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final
from urllib.parse import urlsplit

from attrs import frozen

from adapters.rest.problems import PROBLEM, Problem
from adapters.system import RandomIds, SystemClock
from apps.setting_addresses import is_loopback

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})


@frozen
class OwnMachine:
    """An application for those who ask by a name of this machine, from no page or from one of this machine."""

    app: Any

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if _near(scope):
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close"})
        else:
            await _refuse(scope, send)


def _near(scope: Any) -> bool:
    said: dict[bytes, str] = {name: value.decode("latin-1") for name, value in scope["headers"]}
    host, origin = said.get(b"host"), said.get(b"origin")
    if host is not None and not _is_near(f"//{host}"):
        return False
    return origin is None or scope.get("method") in SAFE or _is_near(origin)


@lru_cache(maxsize=100)
def _is_near(address: str) -> bool:
    try:
        return is_loopback(urlsplit(address).hostname or "")
    except ValueError:
        return False


async def _refuse(scope: Any, send: Any) -> None:
    problem = Problem("forbidden", "this is for its own machine alone: ask it as 127.0.0.1 or localhost")
    body = problem.body(scope["path"], RandomIds().new(), SystemClock().now())
    headers = [(b"content-type", PROBLEM.encode()), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": problem.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
