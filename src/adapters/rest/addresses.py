"""From which address a request came, as far as that can be believed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any, Final, TypeAlias

from attrs import field, frozen

Network: TypeAlias = IPv4Network | IPv6Network

NOWHERE: Final = "nowhere"
"""Of a request that says nothing that can be believed: all such are one sender."""


@frozen(eq=False)
class Senders:
    """`proxies` are believed about who asked them: the last address in `header` that is none of theirs.

    Only one header is read, the one that the proxies write: most of them pass on another one as the caller sent it.
    """

    proxies: Sequence[Network] = ()
    header: bytes = b"x-forwarded-for"
    _trusted: Callable[[str], bool] = field(init=False)

    @_trusted.default
    def _remembered(self) -> Callable[[str], bool]:
        return lru_cache(maxsize=10_000)(partial(_within, networks=self.proxies))

    def of(self, scope: Mapping[str, Any]) -> str:
        """The sender, as one key: an IPv4 address, or the 64 bits of IPv6 that one customer of a network has."""
        address = self.address(scope)
        return sender(address) if ":" in address else address

    def address(self, scope: Mapping[str, Any]) -> str:
        """The sender's address as it is."""
        client = scope.get("client")
        peer: str = client[0] if client else NOWHERE
        return self._told(scope["headers"]) if self.proxies and self._trusted(peer) else peer

    def _told(self, headers: Sequence[tuple[bytes, bytes]]) -> str:
        said = b",".join(value for name, value in headers if name == self.header).decode("latin-1")
        for hop in reversed(said.split(",")):
            address = _forwarded(hop) if self.header == b"forwarded" else _bare(hop.strip())
            if not self._trusted(address):
                return address if sender(address) != NOWHERE else NOWHERE
        return NOWHERE


@lru_cache(maxsize=10_000)
def sender(address: str) -> str:
    """The key of an address; what is none, as a proxy that hides it writes, is NOWHERE."""
    try:
        found = ip_address(address)
    except ValueError:
        return NOWHERE
    if not isinstance(found, IPv6Address):
        return str(found)
    return str(found.ipv4_mapped or IPv6Network((int(found) >> 64 << 64, 64)))


def _within(address: str, networks: Sequence[Network]) -> bool:
    try:
        found = ip_address(address)
    except ValueError:
        return False
    if isinstance(found, IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    return any(found in network for network in networks)


def _forwarded(hop: str) -> str:
    """The address of a hop in RFC 7239's words: for=192.0.2.60;proto=http, for="[2001:db8::1]:4711"."""
    pairs = (pair.partition("=") for pair in hop.split(";"))
    named = [value.strip().strip('"') for name, _, value in pairs if name.strip().lower() == "for"]
    return _bare(named[0]) if named else NOWHERE


def _bare(node: str) -> str:
    """Without a port."""
    if node.startswith("["):
        return node[1:].partition("]")[0]
    return node.partition(":")[0] if node.count(":") == 1 else node
