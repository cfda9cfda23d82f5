"""The servers of a database, of which one takes what is written; the others follow it, and any may be the next.

asyncpg has one patience for a whole list of hosts: behind one that is silent it would come to no other.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import asyncpg

from adapters.persistence.postgres.trouble import DOWN, line
from myticket_core.errors import Unavailable

READS: Final = "primary"
"""What was committed is there, also while nothing may be written."""
WRITES: Final = "read-write"


class Hosts:
    """`urls` are of one database, each of one host."""

    def __init__(self, name: str, urls: Sequence[str]) -> None:
        self._name, self._urls = name, urls

    async def connect(self, able: str, **how: Any) -> Any:
        """A connection to the first that is able to, asked in turn from the one that was the last time.

        Raises what asyncpg raises; Unavailable where each of several is in trouble.
        """
        errors = []
        for url in self._urls:
            try:
                connection = await asyncpg.connect(url, target_session_attrs=able, **how)
            except DOWN as error:
                errors.append(error)
                continue
            self._urls = [url, *(other for other in self._urls if other != url)]
            return connection
        if len(errors) == 1:
            raise errors[0]
        raise Unavailable(f"{self._name} cannot be used: {'; '.join(map(line, errors))}")
