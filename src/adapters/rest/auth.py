"""Who asks: JWT by JWKS, ES256 and RS256 only; or nobody is asked, in a mesh that has asked already."""

from __future__ import annotations

import asyncio
import json
from collections import OrderedDict
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

import jwt
from attrs import define, field, frozen
from jwt.utils import base64url_decode

from adapters.rest.problems import BadToken
from myticket_core.access import Principal, Role
from myticket_core.errors import Unavailable
from myticket_core.ports import Clock
from myticket_core.values import LARGEST

LONGEST_TOKEN: Final = 8192
_ALGORITHM: Final = {"EC": "ES256", "RSA": "RS256"}
_UNREADABLE: Final = (jwt.PyJWTError, ValueError, TypeError, RecursionError)


class Tokens(Protocol):
    async def principal(self, authorization: str | None) -> Principal | None:
        """Who sent this Authorization header; None: nobody says. Raises Unauthenticated, Unavailable."""


class Jwks(Protocol):
    async def fetch(self) -> Mapping[str, Any]:
        """The issuer's JSON Web Key Set as it is now. Raises Unavailable."""


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

    Keys are pinned to their algorithm and fetched again when they are old, or when a token names an unknown one, then
    at most once per `patience`. A verified token is remembered until it expires, `remembered` of them at most.
    """

    jwks: Jwks
    issuer: str
    audience: str
    clock: Clock
    leeway: timedelta = timedelta(seconds=10)
    patience: timedelta = timedelta(seconds=10)
    max_age: timedelta = timedelta(minutes=10)
    remembered: int = 10_000
    _keys: dict[str, jwt.PyJWK] = field(factory=dict, init=False)
    _tried: datetime | None = field(default=None, init=False)
    _fetched: datetime | None = field(default=None, init=False)
    _fetching: asyncio.Lock = field(factory=asyncio.Lock, init=False)
    _known: OrderedDict[str, _Known] = field(factory=OrderedDict, init=False)

    async def principal(self, authorization: str | None) -> Principal | None:
        if authorization is None:
            return None
        now = self.clock.now()
        known = self._known.get(authorization)
        if known is not None and now.timestamp() < known.until and not self._old(now):
            self._known.move_to_end(authorization)
            return known.principal
        return await self._verify(authorization, now)

    async def _verify(self, authorization: str, now: datetime) -> Principal:
        token = _bearer(authorization)
        key = await self._key(_key_id(token), now)
        claims = self._claims(token, key)
        until = _in_time(claims, now.timestamp(), self.leeway.total_seconds())
        principal = _principal(claims)
        self._known[authorization] = _Known(principal, until)
        if len(self._known) > self.remembered:
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
        if self._old(now) or id not in self._keys:
            await self._refresh(now)
        if not self._keys:
            raise Unavailable("the issuer's keys are not known yet", self.patience)
        if id not in self._keys:
            raise BadToken("the token is signed by a key that the issuer does not have")
        return self._keys[id]

    def _old(self, now: datetime) -> bool:
        return self._fetched is None or abs(now - self._fetched) > self.max_age

    async def _refresh(self, now: datetime) -> None:
        """Once per `patience`, however many wait for it; while the issuer is down the keys we have go on."""
        async with self._fetching:
            if self._tried is not None and abs(now - self._tried) < self.patience:
                return
            self._tried = now
            try:
                keys = _usable(await self.jwks.fetch())
            except Unavailable:
                return
            if {id: key.key for id, key in keys.items()} != {id: key.key for id, key in self._keys.items()}:
                self._known.clear()
            self._keys, self._fetched = keys, now


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
    if not isinstance(header, dict) or header.get("alg") not in _ALGORITHM.values() or "crit" in header:
        raise BadToken("tokens are signed by ES256 or RS256, without critical extensions")
    id = header.get("kid")
    if not isinstance(id, str) or not id:
        raise BadToken("the token does not say by which key it is signed")
    return id


def _usable(jwks: Mapping[str, Any]) -> dict[str, jwt.PyJWK]:
    """The keys that may sign, each pinned to the one algorithm of its kind; others of the set are left out."""
    keys: dict[str, jwt.PyJWK] = {}
    for key in jwks.get("keys", ()):
        algorithm = _ALGORITHM.get(key.get("kty"))
        if algorithm and key.get("kid") and key.get("use", "sig") == "sig" and key.get("alg", algorithm) == algorithm:
            try:
                keys[key["kid"]] = jwt.PyJWK(key, algorithm)
            except jwt.PyJWTError:  # of a curve or a form we do not know: no token of it is believed
                continue
    return keys


def _in_time(claims: Mapping[str, Any], now: float, leeway: float) -> float:
    """Until when the token is good. Raises BadToken."""
    ends, begins = claims["exp"], claims.get("nbf", 0)
    for at in (ends, begins):
        if not isinstance(at, int | float) or isinstance(at, bool) or not abs(at) < LARGEST:
            raise BadToken("exp and nbf are numbers of seconds")
    if now >= ends + leeway:
        raise BadToken("the token has expired")
    if now < begins - leeway:
        raise BadToken("the token is not valid yet")
    return float(ends + leeway)


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
        raise BadToken(f"{name} is a positive integer")
    return id
