"""Who pushes, as push services are told (VAPID, RFC 8292): a key pair, and whom to write to about it."""

from __future__ import annotations

import time
from functools import lru_cache
from typing import Final

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, derive_private_key, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.utils import base64url_encode

from myticket_core.notification.subscription import from_base64url

HOUR: Final = 3600
LIFETIME: Final = 12
"""Hours; push services take none of more than 24."""


class Vapid:
    """`key`: the private number in base64url; `subject`: mailto:…, or an https URL."""

    def __init__(self, key: str, subject: str) -> None:
        self._key = derive_private_key(int.from_bytes(from_base64url(key)), SECP256R1())
        self._subject = subject
        point = self._key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        self.public = base64url_encode(point).decode()
        """What browsers subscribe with."""
        self._signed = lru_cache(maxsize=100)(self._sign)

    def authorization(self, origin: str) -> str:
        """The header for the push service there; the same for an hour, as push services wish it."""
        return self._signed(origin, int(time.time() / HOUR))

    def _sign(self, origin: str, hour: int) -> str:
        claims = {"aud": origin, "exp": (hour + LIFETIME) * HOUR, "sub": self._subject}
        return f"vapid t={jwt.encode(claims, self._key, 'ES256')}, k={self.public}"


def new_key() -> str:
    """A private one, of the form that `Vapid` takes."""
    return base64url_encode(generate_private_key(SECP256R1()).private_numbers().private_value.to_bytes(32)).decode()
