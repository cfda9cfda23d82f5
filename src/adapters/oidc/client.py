"""What a service shows to be let in by another one."""

from __future__ import annotations

import asyncio
import time
from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import quote_plus

import aiohttp
from attrs import define, field, frozen

from adapters.oidc.jwks import TIMEOUT
from myticket_core.errors import Unavailable

EARLY: Final = 30.0
"""Seconds before its end at which a token is not used any more: it has a way to go, and clocks differ."""
UNSAID: Final = 60.0
"""How long a token is used whose provider does not say how long it is good."""


@frozen
class _Token:
    value: str = field(repr=False)
    until: float


@define
class ClientCredentials:
    """The OAuth 2.0 client credentials grant (RFC 6749, 4.4), the client known by HTTP Basic.

    A token is kept until shortly before its end. However many ask at once, the provider is asked once, and goes on
    being asked when whoever waits goes away. A failure is nobody's for longer than those who waited for it.
    """

    token_url: str
    client_id: str
    client_secret: str = field(repr=False)
    now: Callable[[], float] = field(default=time.monotonic, repr=False)
    _kept: _Token | None = field(default=None, init=False, repr=False)
    _asking: asyncio.Task[_Token] | None = field(default=None, init=False, repr=False)

    async def token(self) -> str:
        """Raises Unavailable."""
        if self._kept is None or self.now() >= self._kept.until:
            self._kept = await asyncio.shield(self._asked())
        return self._kept.value

    def _asked(self) -> asyncio.Task[_Token]:
        if self._asking is None:
            self._asking = asyncio.create_task(self._ask())
            self._asking.add_done_callback(self._answered)
        return self._asking

    def _answered(self, asking: asyncio.Task[_Token]) -> None:
        self._asking = None
        if not asking.cancelled() and asking.exception() is None:
            self._kept = asking.result()  # for the next one, should nobody have waited for it

    async def _ask(self) -> _Token:
        began = self.now()
        said = await self._answer()
        value, seconds = said.get("access_token"), said.get("expires_in", UNSAID)
        if not isinstance(value, str) or not value or not value.isascii() or not value.isprintable() or " " in value:
            raise Unavailable(f"{self.token_url} gives no access_token")
        if str(said.get("token_type", "Bearer")).lower() != "bearer":
            raise Unavailable(f"{self.token_url} gives a token that is not a Bearer token")
        return _Token(value, began + _used_for(seconds))

    async def _answer(self) -> dict[str, Any]:
        form = {"grant_type": "client_credentials"}
        async with aiohttp.ClientSession(timeout=TIMEOUT) as http:
            status, said = await posted(http, self.token_url, form, self.client_id, self.client_secret)
        if status != 200 or not isinstance(said, dict):
            why = said.get("error") if isinstance(said, dict) else None
            raise Unavailable(
                f"{self.token_url} gives OIDC_CLIENT_ID {self.client_id} no token: {status} {str(why)[:100]}"
            )
        return said


async def posted(
    http: aiohttp.ClientSession, url: str, form: Mapping[str, str], id: str, secret: str
) -> tuple[int, Any]:
    """The status of a token endpoint's answer to us, and its JSON, whatever that is. Raises Unavailable."""
    headers = {"Accept": "application/json", **basic(id, secret)}
    try:
        async with http.post(url, data=form, headers=headers, allow_redirects=False) as answer:
            return answer.status, await answer.json(content_type=None)
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        raise Unavailable(f"{url} does not answer: {type(error).__name__} {error}") from error


def basic(id: str, secret: str) -> dict[str, str]:
    """Who we are. Both parts are encoded as in a form first (RFC 6749, 2.3.1): an id may have a colon."""
    pair = f"{quote_plus(id)}:{quote_plus(secret)}"
    return {"Authorization": f"Basic {b64encode(pair.encode()).decode()}"}


def _used_for(seconds: object) -> float:
    """Short-lived tokens are used for half their life."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not seconds > 0:
        return UNSAID / 2
    return max(seconds - EARLY, seconds / 2)
