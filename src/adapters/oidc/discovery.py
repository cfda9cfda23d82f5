"""Where the endpoints of an OpenID provider are: what its discovery document says."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

import aiohttp
from attrs import define, field

from adapters.oidc.jwks import discovered
from myticket_core.errors import Unavailable

AWAY: Final = 5.0
"""Seconds for which a provider that is away is left alone, however many want to sign in."""


@define
class Discovery:
    """Asked for once. That it could not be had is everybody's answer for AWAY seconds."""

    issuer: str
    now: Callable[[], float] = field(default=time.monotonic, repr=False)
    _document: Mapping[str, Any] = field(factory=dict, init=False, repr=False)
    _asking: asyncio.Lock = field(factory=asyncio.Lock, init=False, repr=False)
    _why: str = field(default="", init=False)
    _again_at: float = field(default=0.0, init=False)

    async def endpoint(self, http: aiohttp.ClientSession, name: str) -> str:
        """Raises Unavailable."""
        async with self._asking:
            if name not in self._document:
                await self._ask(http, name)
        return str(self._document[name])

    async def _ask(self, http: aiohttp.ClientSession, name: str) -> None:
        if self._why and self.now() < self._again_at:
            raise Unavailable(self._why)
        try:
            self._document = await discovered(http, self.issuer, name)
        except Unavailable as away:
            self._why, self._again_at = str(away), self.now() + AWAY
            raise
