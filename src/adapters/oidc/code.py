"""Signing people in: OpenID Connect's authorization code flow, with PKCE."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

import aiohttp
from attrs import define, field

from adapters.oidc.client import posted
from adapters.oidc.jwks import TIMEOUT, discovered
from myticket_core.errors import Unauthenticated, Unavailable

SCOPE: Final = "openid"


@define
class CodeFlow:
    """The provider's endpoints are what its discovery document says, asked for once. It knows us by HTTP Basic."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    _document: Mapping[str, Any] = field(factory=dict, init=False, repr=False)

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
        status, said = await posted(endpoint, form, self.client_id, self.client_secret)
        if status >= 500 or not isinstance(said, dict):
            raise Unavailable(f"{endpoint} answers {status}")
        token = said.get("access_token")
        if status in (400, 401, 403) or not isinstance(token, str):
            raise Unauthenticated(f"{endpoint} gives no token: {status} {str(said.get('error'))[:100]}")
        return token

    async def _endpoint(self, name: str) -> str:
        if name not in self._document:
            async with aiohttp.ClientSession(timeout=TIMEOUT) as http:
                self._document = await discovered(http, self.issuer, name)
        return str(self._document[name])
