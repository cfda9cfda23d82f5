"""A page on its way to a browser, and what every one of them forbids."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Final, TypeAlias

from adapters.web.answers import Page
from adapters.web.asking import Telling

Headers: TypeAlias = Sequence[tuple[str, str]]

SAFE: Final = (
    ("content-security-policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
     "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
)  # fmt: skip
TLS_ONLY: Final = ("strict-transport-security", "max-age=31536000")
"""Where people come by TLS a browser does so by itself from then on, before anybody between can answer in our name."""
FRESH: Final = (("cache-control", "no-store"), ("vary", "cookie, accept-language"))
FOR_EVER: Final = ("cache-control", "public, max-age=31536000, immutable")


async def sent(page: Page, more: Headers, send: Any) -> None:
    headers = [*SAFE, *page.headers, *more]
    if page.events is not None:
        await _handed_on(page.events, headers, send)
        return
    about = [("content-type", page.media), ("content-length", str(len(page.body)))]
    await send(_start(page.status, headers if page.status == 204 else [*headers, *about]))
    await send({"type": "http.response.body", "body": page.body, "more_body": False})


async def _handed_on(events: AbstractAsyncContextManager[Telling], headers: Headers, send: Any) -> None:
    async with events as telling:
        await send(_start(telling.status, [*headers, ("content-type", telling.media)]))
        async for part in telling.parts:
            await send({"type": "http.response.body", "body": part, "more_body": True})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


def _start(status: int, headers: Headers) -> dict[str, Any]:
    sent = [(name.encode(), value.encode("latin-1")) for name, value in headers]
    return {"type": "http.response.start", "status": status, "headers": sent}
