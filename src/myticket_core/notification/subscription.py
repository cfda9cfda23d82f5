"""A browser's subscription to push messages, as the Push API gives it (W3C): where to hand them in, and for which keys.

The URL comes from whoever subscribes, and this system will send requests there: it has to lead out of the house.
"""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64decode
from typing import Final, Self

from attrs import asdict, field, frozen

from myticket_core.errors import Invalid

LONGEST: Final = 1000
"""Characters of a URL; those of the push services that browsers use have some 200 to 500."""
_URL: Final = re.compile(
    r"(https?)://([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::([1-9][0-9]{0,4}))?(?:/[^\s#\\]*)?", re.ASCII
)
_NAMES_OF_THE_HOUSE: Final = frozenset({"localhost", "local", "internal", "intranet", "lan", "home", "arpa"})
_UNICAST: Final = "2000::/3"
_KEY: Final = re.compile(r"[A-Za-z0-9_-]{87}=?", re.ASCII)
_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{22}(==)?", re.ASCII)
_P: Final = 2**256 - 2**224 + 2**192 + 2**96 - 1
_B: Final = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
"""Of the curve P-256: y² = x³ - 3x + b, modulo p."""


@frozen
class Subscription:
    """`p256dh`: a point of P-256, uncompressed; `auth`: 16 bytes that the browser shares with us; both in base64url."""

    endpoint: str = field(repr=False)
    p256dh: str = field(repr=False)
    auth: str = field(repr=False)

    def checked(self, near: bool = False) -> Self:
        """Itself. `near`: it may also lead to this machine and its network, without TLS. Raises Invalid."""
        if not _leads_out(self.endpoint, near):
            raise Invalid(
                "endpoint", "…", f"an https URL of a push service on the Internet, {LONGEST} characters at most"
            )
        if not _is_key(self.p256dh):
            raise Invalid("keys.p256dh", "…", "a point of P-256, uncompressed, in base64url: 87 characters")
        if not _SECRET.fullmatch(self.auth):
            raise Invalid("keys.auth", "…", "16 bytes in base64url: 22 characters")
        return self

    @property
    def place(self) -> str:
        """The same for the same browser, which cannot be found by it."""
        import hashlib  # with ipaddress a twentieth of what it takes to import the whole core, for the few who push

        return hashlib.sha256(self.endpoint.encode()).hexdigest()[:32]

    def written(self) -> str:
        """As the address of a contact."""
        return json.dumps(asdict(self))

    @classmethod
    def read(cls, address: str) -> Self:
        return cls(**json.loads(address))


def from_base64url(text: str) -> bytes:
    return urlsafe_b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4))


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public network, and no other name for one that is near (6to4, Teredo, NAT64).

    What is no IP address is not.
    """
    import ipaddress

    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if ip.version == 6 and (ip not in ipaddress.IPv6Network(_UNICAST) or ip.sixtofour or ip.teredo):
        return False
    return ip.is_global and not ip.is_multicast


def _leads_out(url: str, near: bool) -> bool:
    """Names are looked at here; what they stand for is known only when they are looked up."""
    found = _URL.fullmatch(url) if len(url) <= LONGEST and url.isascii() and url.isprintable() else None
    if found is None or int(found[3] or 0) > 0xFFFF:
        return False
    return near or (found[1] == "https" and _is_outside(found[2]))


def _is_outside(host: str) -> bool:
    if host.startswith("["):
        return is_public(host[1:-1])
    *before, last = host.lower().split(".")
    if last.isdigit():
        return is_public(host)
    return bool(before) and all(before) and last[:1].isalpha() and last not in _NAMES_OF_THE_HOUSE


def _is_key(text: str) -> bool:
    raw = from_base64url(text) if _KEY.fullmatch(text) else b""
    x, y = int.from_bytes(raw[1:33]), int.from_bytes(raw[33:])
    return raw[:1] == b"\x04" and x < _P and y < _P and (y * y - (x * x * x - 3 * x + _B)) % _P == 0
