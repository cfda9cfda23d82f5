"""Who asks: JWT by JWKS, ES256 and RS256 only; or nobody is asked, in a mesh that has asked already."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, Protocol

import jwt
from attrs import define, field, frozen
from jwt.utils import base64url_decode

from adapters.rest.keys import ALGORITHM, Jwks, Keys
from adapters.rest.problems import BadToken
from myticket_core.access import Principal, Role
from myticket_core.ports import Clock
from myticket_core.values import LARGEST

LONGEST_TOKEN: Final = 8192
LEEWAY: Final = 10.0
"""Seconds that the issuer's clock and ours may be apart."""
MOST_KNOWN: Final = 10_000
_UNREADABLE: Final = (jwt.PyJWTError, ValueError, TypeError, RecursionError)


class Tokens(Protocol):
    async def principal(self, authorization: str | None) -> Principal | None:
        """Who sent this Authorization header; None: nobody says. Raises Unauthenticated, Unavailable."""


@frozen
class TrustedMesh:
    """Everybody is an admin: for a mesh that authenticates in front. Who may use it is decided by apps."""

    async def principal(self, authorization: str | None) -> Principal | None:
        return Principal(subject="mesh", role=Role.ADMIN)


@frozen
class _Known:
    principal: Principal
    until: float


@define
class TokenVerifier:
    """Believes a token that is signed by a key of the issuer, for this audience, and neither expired nor too early.

    A verified token is remembered until it expires or the issuer's keys change, `MOST_KNOWN` of them at most.
    """

    jwks: Jwks
    issuer: str
    audience: str
    clock: Clock
    _keys: Keys = field(init=False)
    _known: OrderedDict[str, _Known] = field(factory=OrderedDict, init=False)

    @_keys.default
    def _of_issuer(self) -> Keys:
        return Keys(self.jwks)

    async def principal(self, authorization: str | None) -> Principal | None:
        if authorization is None:
            return None
        now = self.clock.now()
        known = self._known.get(authorization)
        if known is not None and now.timestamp() < known.until and not self._keys.old(now):
            self._known.move_to_end(authorization)
            return known.principal
        return await self._verify(authorization, now)

    async def _verify(self, authorization: str, now: datetime) -> Principal:
        token = _bearer(authorization)
        key = await self._key(_key_id(token), now)
        claims = self._claims(token, key)
        until = _in_time(claims, now.timestamp())
        principal = _principal(claims)
        self._known[authorization] = _Known(principal, until)
        if len(self._known) > MOST_KNOWN:
            self._known.popitem(last=False)
        return principal

    def _claims(self, token: str, key: jwt.PyJWK) -> Mapping[str, Any]:
        """Signature, issuer and audience; time is judged by our own clock."""
        options: Any = {"require": ["exp", "iss", "aud", "sub"], **dict.fromkeys(_TIMES, False)}
        try:
            return jwt.decode(token, key, [key.algorithm_name], options, audience=self.audience, issuer=self.issuer)
        except _UNREADABLE as error:
            raise BadToken(f"the token is not valid: {error}") from None

    async def _key(self, id: str, now: datetime) -> jwt.PyJWK:
        before = self._keys.generation
        key = await self._keys.get(id, now)
        if self._keys.generation != before:
            self._known.clear()
        return key


_TIMES: Final = ("verify_exp", "verify_nbf", "verify_iat")


def _bearer(authorization: str) -> str:
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise BadToken("send Authorization: Bearer and a token")
    if len(token) > LONGEST_TOKEN or not token.isascii():
        raise BadToken(f"a token has at most {LONGEST_TOKEN} ASCII characters")
    return token


def _key_id(token: str) -> str:
    """The key the header names. Raises BadToken: another algorithm, `crit`, no key."""
    try:
        header = json.loads(base64url_decode(token.split(".")[0]))
    except _UNREADABLE:
        raise BadToken("this is not a token") from None
    if not isinstance(header, dict) or header.get("alg") not in ALGORITHM.values() or "crit" in header:
        raise BadToken("tokens are signed by ES256 or RS256, without critical extensions")
    id = header.get("kid")
    if not isinstance(id, str) or not id:
        raise BadToken("the token does not say by which key it is signed")
    return id


def _in_time(claims: Mapping[str, Any], now: float) -> float:
    """Until when the token is good. Raises BadToken."""
    ends, begins = claims["exp"], claims.get("nbf", 0)
    for at in (ends, begins):
        if not isinstance(at, int | float) or isinstance(at, bool) or not abs(at) < LARGEST:
            raise BadToken("exp and nbf are numbers of seconds")
    if now >= ends + LEEWAY:
        raise BadToken("the token has expired")
    if now < begins - LEEWAY:
        raise BadToken("the token is not valid yet")
    return float(ends + LEEWAY)


def _principal(claims: Mapping[str, Any]) -> Principal:
    subject, role = claims["sub"], claims.get("role")
    if not isinstance(subject, str) or not 0 < len(subject) <= 128 or not subject.isprintable():
        raise BadToken("sub is the name of who asks, at most 128 characters")
    if role not in list(Role):
        raise BadToken(f"role is one of {', '.join(Role)}")
    return Principal(subject, Role(role), _id(claims, "company_id"), _id(claims, "customer_id"))


def _id(claims: Mapping[str, Any], name: str) -> int | None:
    id = claims.get(name)
    if id is not None and (not isinstance(id, int) or isinstance(id, bool) or not 1 <= id <= LARGEST):
        raise BadToken(f"{name} is a whole number from 1 to {LARGEST}")
    return id
