"""Signing people in: OpenID Connect's authorization code flow, with PKCE."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final
from urllib.parse import urlencode

import aiohttp
from attrs import define, field

from adapters.oidc.client import posted
from adapters.oidc.discovery import Discovery
from adapters.oidc.jwks import TIMEOUT
from myticket_core.errors import Unauthenticated, Unavailable

SCOPE: Final = "openid"
CONNECTIONS: Final = 20
"""To the provider at once: who finds none free waits for one within the same time."""
KEEP: Final = 3.0
"""Seconds an idle one is kept: fewer than servers do, so that none is closed under a code, which is good once."""


@define
class CodeFlow:
    """The provider's endpoints are what its discovery document says. It knows us by HTTP Basic."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    now: Callable[[], float] = field(default=time.monotonic, repr=False)
    _discovery: Discovery = field(init=False, repr=False)
    _http: aiohttp.ClientSession | None = field(default=None, init=False, repr=False)

    @_discovery.default
    def _of_the_issuer(self) -> Discovery:
        return Discovery(self.issuer, self.now)

    async def address(self, back: str, state: str, challenge: str, anew: bool = False) -> str:
        """Where a browser goes to sign in, to come `back` with a code; `anew`: whoever is signed in there already
        (OpenID Connect Core, 3.1.2.1, prompt). Raises Unavailable.
        """
        asked = {"response_type": "code", "client_id": self.client_id, "redirect_uri": back, "scope": SCOPE,
                 "state": state, "code_challenge": challenge, "code_challenge_method": "S256"}  # fmt: skip
        if anew:
            asked["prompt"] = "login"
        endpoint = await self._endpoint("authorization_endpoint")
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked)}"

    async def token(self, code: str, verifier: str, back: str) -> str:
        """The access token for the code. Raises Unavailable, Unauthenticated: the code is not good for one."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": verifier}
        endpoint = await self._endpoint("token_endpoint")
        status, said = await posted(self._opened(), endpoint, form, self.client_id, self.client_secret)
        if status == 429 or status >= 500 or not isinstance(said, dict):
            raise Unavailable(f"{endpoint} answers {status}")
        token = said.get("access_token")
        if status in (400, 401, 403) or not isinstance(token, str):
            raise Unauthenticated(f"{endpoint} gives no token: {status} {str(said.get('error'))[:100]}")
        return token

    async def close(self) -> None:
        if self._http is not None:
            await self._http.close()

    async def _endpoint(self, name: str) -> str:
        return await self._discovery.endpoint(self._opened(), name)

    def _opened(self) -> aiohttp.ClientSession:
        """Made by the first question, as it belongs to the loop that runs then. A cookie of the provider's would be
        one person's, sent with another's code.
        """
        if self._http is None or self._http.closed:
            connector = aiohttp.TCPConnector(limit=CONNECTIONS, keepalive_timeout=KEEP)
            jar = aiohttp.DummyCookieJar()
            self._http = aiohttp.ClientSession(connector=connector, cookie_jar=jar, timeout=TIMEOUT)
        return self._http
