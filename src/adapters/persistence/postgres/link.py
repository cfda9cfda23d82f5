from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Final

import asyncpg

from adapters.persistence.drivers import Rows, Step
from adapters.persistence.postgres.trouble import BUSY, DOWN, unavailable
from adapters.persistence.statements import Values
from myticket_core.errors import InDoubt, Unavailable

SAID: Final = "myticket_said"
"""The channel on which a writer tells that the outbox grew."""

_TELLING: Final = f"SET LOCAL lock_timeout = 20000; NOTIFY {SAID}; COMMIT"
"""Who tells something commits behind all others of the server who do, and waits for that as long as for its disk."""

MOMENT: Final = 50
"""Milliseconds that who is in a hurry waits for what another one holds: a few of its commits."""

_LOCKS: Final = 2**31
"""So many numbers can be locked apart; of two that cannot, one waits for the other without need."""


class PgLink:
    """A connection that is lost is made anew by the next `begin`."""

    def __init__(self, name: str, connecting: Callable[[], Awaitable[Any]]) -> None:
        self._name, self._connecting = name, connecting
        self._connection: Any = None
        self._first = "BEGIN"

    async def connect(self) -> None:
        """Raises StoreError, Unavailable."""
        self._connection = await self._connecting()

    async def begin(self, steps: Sequence[Step], alone: Sequence[int] = ()) -> Sequence[Rows]:
        if self._connection is None or self._connection.is_closed():
            await self.connect()
        await self._connection.execute(f"{self._first}; {_alone(alone)}" if alone else self._first)
        return await self.fetches(steps)

    @contextmanager
    def hurried(self) -> Iterator[None]:
        self._first = f"BEGIN; SET LOCAL lock_timeout = {MOMENT}"
        try:
            yield
        finally:
            self._first = "BEGIN"

    async def fetches(self, steps: Sequence[Step]) -> Sequence[Rows]:
        return [await self._connection.fetch(sql, *values) for sql, values in steps]

    async def commit(self, steps: Sequence[tuple[str, Sequence[Values]]], *, said: bool) -> None:
        for sql, rows in steps:
            await self._connection.executemany(sql, rows)
        try:
            await self._connection.execute(_TELLING if said else "COMMIT")
        except DOWN as lost:
            raise InDoubt(f"{self._name} did not say in time whether it is stored") from lost

    async def rollback(self) -> None:
        if self._connection is None:
            return
        with suppress(*DOWN, asyncpg.PostgresError):
            await self._connection.execute("ROLLBACK")
            return
        self._connection.terminate()  # whatever it was doing, nothing of it is committed by this process any more
        self._connection = None

    async def close(self) -> None:
        if self._connection is not None:
            with suppress(*DOWN):
                await self._connection.close(timeout=1)

    def unavailable(self, error: Exception) -> Unavailable | None:
        if isinstance(error, Unavailable):
            return error
        return unavailable(self._name, error) if isinstance(error, (BUSY, *DOWN)) else None


def _alone(numbers: Sequence[int]) -> str:
    """Advisory locks until the transaction ends, always taken in one order. As the first of its statements: what
    those after it read was committed by whoever had the lock before.
    """
    locks = sorted({number % _LOCKS for number in numbers})
    return f"SELECT pg_advisory_xact_lock(0, n) FROM unnest('{{{','.join(map(str, locks))}}}'::int[]) AS n"
