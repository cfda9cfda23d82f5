"""Sealing a message for a browser, so that nobody on the way can read it (RFC 8291, over RFC 8188)."""

from __future__ import annotations

from secrets import token_bytes
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDH,
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from myticket_core.notification.subscription import Subscription, from_base64url

RECORD: Final = 4096
"""Bytes of the one record there is; with its head as much as a push service has to take."""
_LAST: Final = b"\x02"


def sealed(
    body: bytes, to: Subscription, own: EllipticCurvePrivateKey | None = None, salt: bytes | None = None
) -> bytes:
    """aes128gcm; `own` key and `salt` are new ones unless they are given, for once."""
    own, salt = own or generate_private_key(SECP256R1()), salt or token_bytes(16)
    theirs, ours = (
        from_base64url(to.p256dh),
        own.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint),
    )
    shared = own.exchange(ECDH(), EllipticCurvePublicKey.from_encoded_point(SECP256R1(), theirs))
    secret = _derived(32, from_base64url(to.auth), b"WebPush: info\0" + theirs + ours, shared)
    key = _derived(16, salt, b"Content-Encoding: aes128gcm\0", secret)
    nonce = _derived(12, salt, b"Content-Encoding: nonce\0", secret)
    head = salt + RECORD.to_bytes(4) + bytes([len(ours)]) + ours
    return head + AESGCM(key).encrypt(nonce, body + _LAST, None)


def _derived(length: int, salt: bytes, info: bytes, of: bytes) -> bytes:
    return HKDF(SHA256(), length, salt, info).derive(of)
