"""A push service on loopback, and the browsers that have subscribed there: it looks at who pushes, they read."""

from __future__ import annotations

import asyncio
import json
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from secrets import token_bytes
from typing import Any

import http_ece
import jwt
from aiohttp import web
from attrs import define, field, frozen
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from myticket_core.notification.subscription import Subscription


@frozen
class Browser:
    """What only it knows, and what it gives away."""

    endpoint: str
    key: EllipticCurvePrivateKey = field(factory=lambda: generate_private_key(SECP256R1()))
    auth: bytes = field(factory=lambda: token_bytes(16))

    @property
    def subscription(self) -> Subscription:
        point = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return Subscription(self.endpoint, base64url(point), base64url(self.auth))

    @property
    def body(self) -> dict[str, Any]:
        """As its toJSON() says it."""
        said = self.subscription
        return {"endpoint": said.endpoint, "expirationTime": None, "keys": {"p256dh": said.p256dh, "auth": said.auth}}


@frozen
class Pushed:
    """`by` are the claims of who pushed, `key` theirs; `said` is what the browser reads."""

    path: str
    headers: Mapping[str, str]
    by: Mapping[str, Any]
    key: str
    said: Mapping[str, Any]


@define
class PushService:
    """`moods`: path → the status, and headers, of its answers; a future: it is answered when that is done.

    What it has taken it says only while it is `answering`.
    """

    url: str = ""
    browsers: dict[str, Browser] = field(factory=dict)
    moods: dict[str, Any] = field(factory=dict)
    asked: list[str] = field(factory=list)
    taken: list[Pushed] = field(factory=list)
    taking: asyncio.Event = field(factory=asyncio.Event)
    answering: asyncio.Event = field(factory=asyncio.Event)

    def browser(self, path: str) -> Browser:
        self.browsers[path] = Browser(f"{self.url}{path}")
        return self.browsers[path]

    async def push(self, request: web.Request) -> web.Response:
        self.asked.append(request.path)
        mood = self.moods.get(request.path, (201, {}))
        if isinstance(mood, asyncio.Future):
            mood = await mood
        if mood[0] == 201:
            self.taken.append(self._read(request, await request.read()))
            self.taking.set()
            await self.answering.wait()
        return web.Response(status=mood[0], headers=mood[1], text=f"about {request.path}")

    async def until(self, many: int) -> None:
        async with asyncio.timeout(20):
            while len(self.taken) < many:
                self.taking.clear()
                await self.taking.wait()

    def told(self, path: str) -> list[Mapping[str, Any]]:
        return [pushed.said for pushed in self.taken if pushed.path == path]

    def _read(self, request: web.Request, body: bytes) -> Pushed:
        kind, _, parts = request.headers["Authorization"].partition(" ")
        said = dict(part.strip().split("=", 1) for part in parts.split(","))
        assert (kind, said.keys()) == ("vapid", {"t", "k"})
        point = EllipticCurvePublicKey.from_encoded_point(SECP256R1(), urlsafe_b64decode(said["k"] + "="))
        by = jwt.decode(said["t"], point, algorithms=["ES256"], audience=self.url, options={"require": ["exp", "sub"]})
        assert by["exp"] - time.time() <= 24 * 3600
        assert len(body) <= 4096
        browser = self.browsers[request.path]
        plain = http_ece.decrypt(body, private_key=browser.key, auth_secret=browser.auth, version="aes128gcm")
        return Pushed(request.path, dict(request.headers), by, said["k"], json.loads(plain))


@asynccontextmanager
async def pushing() -> AsyncIterator[PushService]:
    service, app = PushService(), web.Application()
    service.answering.set()
    app.router.add_post("/{path:.*}", service.push)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    service.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield service
    finally:
        await runner.cleanup()


def base64url(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
