"""The keys of an issuer of tokens: fetched when they are needed, each pinned to its algorithm."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

import jwt
import structlog
from attrs import define, field

from adapters.rest.problems import BadToken
from myticket_core.errors import Unavailable

ALGORITHM: Final = {"EC": "ES256", "RSA": "RS256"}
MAX_AGE: Final = timedelta(minutes=10)
PATIENCE: Final = timedelta(seconds=10)

log = structlog.get_logger("myticket.rest")


class Jwks(Protocol):
    async def fetch(self) -> Mapping[str, Any]:
        """The issuer's JSON Web Key Set as it is now. Raises Unavailable."""


@define
class Keys:
    """The keys by their ids, fetched again when they are older than MAX_AGE or an unknown one is asked for.

    That is at most once per PATIENCE, however many ask. `generation` rises when the set of keys is another one.
    """

    jwks: Jwks
    generation: int = field(default=0, init=False)
    _keys: dict[str, jwt.PyJWK] = field(factory=dict, init=False)
    _tried: datetime | None = field(default=None, init=False)
    _fetched: datetime | None = field(default=None, init=False)
    _told: str = field(default="", init=False)
    _fetching: asyncio.Lock = field(factory=asyncio.Lock, init=False)

    async def get(self, id: str, now: datetime) -> jwt.PyJWK:
        """Raises BadToken: there is no such key; Unavailable: no key is known at all yet."""
        if self.old(now) or id not in self._keys:
            await self._refresh(now)
        if not self._keys:
            raise Unavailable("the issuer's keys are not known yet", PATIENCE)
        if id not in self._keys:
            raise BadToken("the token is signed by a key that the issuer does not have")
        return self._keys[id]

    def old(self, now: datetime) -> bool:
        return self._fetched is None or abs(now - self._fetched) > MAX_AGE

    async def _refresh(self, now: datetime) -> None:
        """While the issuer is down the keys we have go on."""
        async with self._fetching:
            if self._tried is not None and abs(now - self._tried) < PATIENCE:
                return
            self._tried = now
            try:
                keys = _usable(await self.jwks.fetch())
            except Unavailable as away:
                return self._tell(str(away))
            self._tell("" if keys else f"none of them can be used: only {' and '.join(ALGORITHM.values())} are")
            if _material(keys) != _material(self._keys):
                self.generation += 1
            self._keys, self._fetched = keys, now

    def _tell(self, why: str) -> None:
        """Once, until it is another reason or none: nobody else says it, and who asks is told to come again."""
        if why and why != self._told:
            log.warning("the issuer's keys cannot be had: check OIDC_ISSUER and OIDC_JWKS_URL", why=why)
        self._told = why


def _material(keys: Mapping[str, jwt.PyJWK]) -> dict[str, Any]:
    return {id: key.key for id, key in keys.items()}


def _usable(jwks: Mapping[str, Any]) -> dict[str, jwt.PyJWK]:
    """The keys that may sign, each pinned to the one algorithm of its kind; others of the set are left out."""
    keys: dict[str, jwt.PyJWK] = {}
    for key in filter(_signs, jwks.get("keys", ())):
        try:
            keys[key["kid"]] = jwt.PyJWK(key, ALGORITHM[key["kty"]])
        except jwt.PyJWTError:  # of a curve or a form we do not know: no token of it is believed
            continue
    return keys


def _signs(key: Any) -> bool:
    if not isinstance(key, dict) or not isinstance(key.get("kid"), str) or not isinstance(key.get("kty"), str):
        return False
    algorithm = ALGORITHM.get(key["kty"])
    return algorithm is not None and key.get("use", "sig") == "sig" and key.get("alg", algorithm) == algorithm
