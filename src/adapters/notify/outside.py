"""Requests to addresses that somebody else has given: they leave the house, or are not made."""

from __future__ import annotations

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from myticket_core.notification.subscription import is_public

LOOKUPS: Final = 8
"""Names looked up at once."""
KNOWN: Final = 300
"""Seconds for which it is known what a name stands for."""
_NO_TIMEOUT: Final = aiohttp.ClientTimeout(total=None, sock_connect=None)  # the caller's is the one timeout


class PublicOnly(AbstractResolver):
    """A name stands for what is public of it: what it stood for when it was given says nothing of today.

    In threads of its own: whoever has a slow name server for the name they gave holds up nobody's commit.
    """

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(LOOKUPS, thread_name_prefix="lookup")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Raises OSError."""
        ask = partial(socket.getaddrinfo, host, port, family, socket.SOCK_STREAM)
        found = await asyncio.get_running_loop().run_in_executor(self._threads, ask)
        public = [(kind, proto, str(at[0])) for kind, _, proto, _, at in found if is_public(str(at[0]))]
        if not public:
            raise OSError(None, "it is not on the public network")
        return [
            ResolveResult(hostname=host, host=ip, port=port, family=kind, proto=proto, flags=socket.AI_NUMERICHOST)
            for kind, proto, ip in public
        ]

    async def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


def session(near: bool) -> aiohttp.ClientSession:
    """As many connections as are asked for: how many that are is bounded by what is handed over at once.

    `near`: they may also stay on this machine and its network.
    """
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, ttl_dns_cache=KNOWN, resolver=None if near else PublicOnly()),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"User-Agent": "myticket"},
        timeout=_NO_TIMEOUT,
    )
