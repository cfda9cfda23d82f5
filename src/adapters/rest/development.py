"""Tokens without an identity provider: for the embedded system on loopback, and for tests."""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from secrets import token_hex
from typing import Any, Final

import jwt
import msgspec
from attrs import frozen
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from jwt.algorithms import ECAlgorithm
from litestar.handlers import HTTPRouteHandler

from adapters.rest.call import Call
from adapters.rest.reply import Reply
from adapters.rest.routes import Answered, operation, route
from myticket_core.access import Role
from myticket_core.ports import Clock

ISSUER: Final = "urn:myticket:development"
AUDIENCE: Final = "myticket"
FILE: Final = "issuer.pem"
KEY_SET: Final = "application/jwk-set+json"


@frozen
class DevelopmentIssuer:
    """Signs tokens with a key that stays in a folder, readable by its owner alone; the same key after a restart."""

    key: EllipticCurvePrivateKey
    clock: Clock

    @classmethod
    def kept_in(cls, folder: Path, clock: Clock) -> DevelopmentIssuer:
        """With the key of the folder, made now if there is none; of several makers at once all use the same."""
        path = folder / FILE
        if not path.exists():
            _make(path)
        path.chmod(0o600)
        key = load_pem_private_key(path.read_bytes(), password=None)
        if not isinstance(key, EllipticCurvePrivateKey):
            raise ValueError(f"{path} is not an elliptic curve key; remove it to have a new one made")
        return cls(key, clock)

    def token(
        self,
        role: Role,
        company_id: int | None = None,
        customer_id: int | None = None,
        lifetime: timedelta = timedelta(hours=12),
    ) -> str:
        """An ES256 token, good from now on for `lifetime`."""
        now, id = self.clock.now(), company_id if role is Role.ORGANIZER else customer_id
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": role.value if id is None else f"{role.value}-{id}",
            "role": role.value,
            "company_id": company_id,
            "customer_id": customer_id,
            "iat": int(now.timestamp()),
            "exp": int((now + lifetime).timestamp()),
        }
        said = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(said, self.key, "ES256", headers={"kid": self.jwks()["keys"][0]["kid"]})

    def jwks(self) -> Mapping[str, Any]:
        """The public key, as any OIDC server shows its keys. Its id is its thumbprint (RFC 7638)."""
        public: dict[str, Any] = ECAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        thumb = json.dumps({name: public[name] for name in ("crv", "kty", "x", "y")}, separators=(",", ":"))
        id = base64.urlsafe_b64encode(hashlib.sha256(thumb.encode()).digest()).rstrip(b"=").decode()
        return {"keys": [{**public, "kid": id, "alg": "ES256", "use": "sig"}]}

    async def fetch(self) -> Mapping[str, Any]:
        return self.jwks()


def _make(path: Path) -> None:
    """Written whole beside its place, then linked there unless somebody else was first."""
    pem = generate_private_key(SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    draft = path.with_name(f".{path.name}.{token_hex(8)}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError:
        return
    finally:
        draft.unlink(missing_ok=True)


def jwks_route(issuer: DevelopmentIssuer) -> HTTPRouteHandler:
    """/.well-known/jwks.json, for other services that believe this issuer."""
    body = msgspec.json.encode(issuer.jwks())

    async def shown(call: Call) -> Reply:
        return Reply(200, KEY_SET, body)

    answers = {200: Answered("The keys", media=(KEY_SET,))}
    told = operation("service", "keys", "The keys that tokens are signed by", answers)
    return route("GET", "/.well-known/jwks.json", shown, None, told)
