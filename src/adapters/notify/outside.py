"""Requests to addresses that somebody else has given: they leave the house, or are not made."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Hashable, Sequence
from concurrent.futures import ThreadPoolExecutor
from time import monotonic
from typing import Final

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from attrs import frozen

from adapters.notify.slots import Slots, room
from myticket_core.notification.subscription import is_public

LOOKUPS: Final = 32
"""Names looked up at once."""
OF_ONE: Final = 1
"""And of them for one recipient: who names what is looked up slowly holds up nobody else."""
MOMENT: Final = 1.0
"""Seconds that a lookup waits until it is among those."""
KNOWN: Final = 300
"""Seconds for which it is known what a name stands for; after that it is looked up again, beside what is under way."""
NAMES: Final = 1000
"""Of which that is remembered."""
_NO_TIMEOUT: Final = aiohttp.ClientTimeout(total=None, sock_connect=None)  # the caller's is the one timeout


@frozen
class _Known:
    """`at`: address and its family."""

    at: Sequence[tuple[str, int]]
    until: float

    @property
    def is_new(self) -> bool:
        return monotonic() < self.until


class PublicOnly(AbstractResolver):
    """A name stands for what is public of it: what it stood for when it was given says nothing of today.

    In threads of its own: whoever has a slow name server for the name they gave holds up nobody's commit. What a name
    stood for last is good until it is looked up anew, so that one that everybody uses waits for no thread.
    """

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(LOOKUPS, thread_name_prefix="lookup")
        self._known: dict[str, _Known] = {}
        self._slots = Slots(OF_ONE)
        self._asking: set[asyncio.Task[None]] = set()

    async def know(self, host: str, whose: Hashable) -> None:
        """What it stands for, for `resolve`. Raises OSError; Full: another name of theirs is being looked up."""
        known = self._known.get(host)
        if known is None:
            asking = self._begun(host, whose)
            await asyncio.wait((asking,))
            asking.result()
        elif not known.is_new:
            self._begun(host, whose)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Raises OSError: it is not known."""
        if host not in self._known:
            raise OSError(None, "nobody has looked it up")
        return [
            ResolveResult(hostname=host, host=ip, port=port, family=kind, proto=0, flags=socket.AI_NUMERICHOST)
            for ip, kind in self._known[host].at
        ]

    async def close(self) -> None:
        for asking in self._asking:
            asking.cancel()
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _begun(self, host: str, whose: Hashable) -> asyncio.Task[None]:
        """It goes on when whoever waits goes away: until its thread is free again it is one of theirs."""
        asking = asyncio.create_task(self._ask(host, self._slots.of(whose)))
        self._asking.add(asking)
        asking.add_done_callback(self._ended)
        return asking

    def _ended(self, asking: asyncio.Task[None]) -> None:
        self._asking.discard(asking)
        if not asking.cancelled():
            asking.exception()  # whoever waits for it raises it

    async def _ask(self, host: str, slot: asyncio.Semaphore) -> None:
        async with room(MOMENT, slot):
            try:
                known = await asyncio.get_running_loop().run_in_executor(self._threads, self._look, host)
            except OSError:
                self._known.pop(host, None)
                raise
        self._known.pop(host, None)
        self._known[host] = known
        if len(self._known) > NAMES:
            del self._known[next(iter(self._known))]

    def _look(self, host: str) -> _Known:
        """In a thread. While it waited for one, another may have looked."""
        known = self._known.get(host)
        return known if known is not None and known.is_new else _looked_up(host)


def _looked_up(host: str) -> _Known:
    """Raises OSError."""
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    public = [(str(at[0]), kind) for kind, _, _, _, at in found if is_public(str(at[0]))]
    if not public:
        raise socket.gaierror(socket.EAI_NONAME, "it is not on the public network")
    return _Known(public, monotonic() + KNOWN)


def session(resolver: AbstractResolver | None) -> aiohttp.ClientSession:
    """As many connections as are asked for: how many that are is bounded by what is handed over at once.

    Without a resolver they may also stay on this machine and its network.
    """
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, resolver=resolver, use_dns_cache=resolver is None, ttl_dns_cache=KNOWN),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"User-Agent": "myticket"},
        timeout=_NO_TIMEOUT,
    )
