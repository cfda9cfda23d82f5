from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import aiohttp
from attrs import frozen

from adapters.oidc.issuer import believed
from myticket_core.errors import Unavailable

TIMEOUT: Final = aiohttp.ClientTimeout(total=5)


@frozen
class HttpJwks:
    """The key set at `url`, or where the issuer's discovery document says it is."""

    issuer: str
    url: str | None = None

    async def fetch(self) -> Mapping[str, Any]:
        """Raises Unavailable: no answer in time, or none that is a key set."""
        async with aiohttp.ClientSession(timeout=TIMEOUT) as http:
            url = self.url or await self._discovered(http)
            return await _object(http, url, "keys", list)

    async def _discovered(self, http: aiohttp.ClientSession) -> str:
        return str((await discovered(http, self.issuer, "jwks_uri"))["jwks_uri"])


async def discovered(http: aiohttp.ClientSession, issuer: str, name: str) -> Mapping[str, Any]:
    """The issuer's discovery document, which says `name`. Raises Unavailable."""
    said = await _object(http, f"{issuer.rstrip('/')}/.well-known/openid-configuration", name, str)
    return believed(said, issuer)


async def _object(http: aiohttp.ClientSession, url: str, member: str, kind: type) -> Mapping[str, Any]:
    try:
        async with http.get(url, allow_redirects=False) as answer:
            answer.raise_for_status()
            body = await answer.json(content_type=None)
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        raise Unavailable(f"{url} does not answer: {type(error).__name__} {error}") from error
    if not isinstance(body, dict) or not isinstance(body.get(member), kind):
        raise Unavailable(f"{url} does not say its {member}")
    return body
