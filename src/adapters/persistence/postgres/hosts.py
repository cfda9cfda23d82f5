"""The servers of a database, of which one takes what is written; the others follow it, and any may be the next.

asyncpg has one patience for a whole list of hosts: behind one that is silent it would come to no other.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlsplit

import asyncpg

from adapters.persistence.postgres.address import REFUSED
from adapters.persistence.postgres.trouble import DOWN, line
from myticket_core.errors import Unavailable

READS: Final = "primary"
"""What was committed is there, also while nothing may be written."""
WRITES: Final = "read-write"

_ELSEWHERE_TOO: Final = (*REFUSED, asyncpg.TooManyConnectionsError, asyncpg.ProtocolViolationError)
"""What another host is not asked for: who asks is wrong, or has to know."""


class Hosts:
    """`urls` are of one database, each of one host."""

    def __init__(self, name: str, urls: Sequence[str]) -> None:
        self._name, self._urls = name, deque(urls)

    @property
    def looks(self) -> str:
        """What is enough to look at it: a standby too, which may be behind, where no other is named."""
        return READS if len(self._urls) > 1 else "any"

    async def connect(self, able: str, **how: Any) -> Any:
        """A connection to the first that is able to, asked in turn from the one that was the last time.

        Raises what asyncpg raises; Unavailable where each of several is in trouble.
        """
        said = []
        for _ in range(len(self._urls)):
            url = self._urls[0]
            try:
                return await asyncpg.connect(url, target_session_attrs=able, **how)
            except BaseException as error:
                self._pass_by(url)
                if len(self._urls) == 1 or not isinstance(error, DOWN) or isinstance(error, _ELSEWHERE_TOO):
                    raise
                said.append(f"{_host(url)} {line(error)}")
        raise Unavailable(f"{self._name} cannot be used: {'; '.join(said)}")

    def _pass_by(self, url: str) -> None:
        """Also for whoever asks at this moment, and when its caller gave up: the next one asks another."""
        if self._urls[0] == url:
            self._urls.rotate(-1)


def _host(url: str) -> str:
    return f"{urlsplit(url).netloc.rpartition('@')[2]}:"
