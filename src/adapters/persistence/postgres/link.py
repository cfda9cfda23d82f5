from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Final

import asyncpg

from adapters.persistence.drivers import Rows, Step
from adapters.persistence.postgres.in_one import in_one
from adapters.persistence.postgres.trouble import DOWN, explained, unavailable
from adapters.persistence.statements import Values
from myticket_core.errors import InDoubt, Unavailable

SAID: Final = "myticket_said"
"""The channel on which a writer tells that the outbox grew."""

_TELLING: Final = f"SET LOCAL lock_timeout = 20000; NOTIFY {SAID}"
"""Who tells something commits behind all others of the server who do, and waits for that as long as for its disk."""

MOMENT: Final = 50
"""Milliseconds that who is in a hurry waits for what another one holds: a few of its commits."""

TIDY: Final = 2.0
"""Seconds for what failed to be put in order; a connection that takes longer is given up."""

_LOCKS: Final = 2**31
"""So many numbers can be locked apart; of two that cannot, one waits for the other without need."""


_FORWARD: Final = """
SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, $1) FROM pg_sequences
WHERE schemaname = current_schema() AND sequencename LIKE '%\\_id\\_seq' AND coalesce(last_value, 0) < $1"""
"""The sequences of ids that are behind it."""


class PgLink:
    """A connection that is lost is made anew by the next `begin`. `telling`: whether other processes have to be told
    that the outbox grew, since it is one of them that publishes.
    """

    def __init__(self, name: str, connecting: Callable[[], Awaitable[Any]], telling: Callable[[], bool]) -> None:
        self._name, self._connecting, self._telling = name, connecting, telling
        self._connection: Any = None
        self._hurried, self.before = False, 0

    async def number_from(self, first: int) -> None:
        if self._connection is None:
            await self.connect()
        with explained(self._name):
            async with self._connection.transaction():
                await self._connection.execute("SELECT pg_advisory_xact_lock(1, 0)")  # else one might go back
                await self._connection.execute(_FORWARD, first - 1)

    async def connect(self) -> None:
        """Raises StoreError, Unavailable."""
        self._connection = await self._connecting()

    async def begin(self, steps: Sequence[Step], alone: Sequence[int] = ()) -> Sequence[Rows]:
        if self._connection is None or self._connection.is_closed():
            await self.connect()
        if first := [*self._beginning(), *_alone(alone)]:
            await self._connection.execute("; ".join(first))
        return await self.fetches(steps)

    def _beginning(self) -> Iterator[str]:
        if not self._connection.is_in_transaction():
            yield "BEGIN"
        if self._hurried:
            yield f"SET LOCAL lock_timeout = {MOMENT}"

    @contextmanager
    def hurried(self) -> Iterator[None]:
        self._hurried = True
        try:
            yield
        finally:
            self._hurried = False

    async def fetches(self, steps: Sequence[Step]) -> Sequence[Rows]:
        if len(steps) < 2:
            return [await self._connection.fetch(sql, *values) for sql, values in steps]
        sql, values = in_one(steps)
        rows: Sequence[Rows] = await self._connection.fetchrow(sql, *values)
        return rows

    async def commit(self, steps: Sequence[tuple[str, Sequence[Values]]], *, said: bool, onward: bool) -> None:
        for sql, rows in steps:
            await self._connection.executemany(sql, rows)
        told = [_TELLING] if said and self._telling() else []
        try:
            await self._connection.execute("; ".join([*told, "COMMIT AND CHAIN" if onward else "COMMIT"]))
        except DOWN as lost:
            raise InDoubt(f"{self._name} did not say in time whether it is stored") from lost

    async def rollback(self) -> None:
        if self._connection is None:
            return
        with suppress(*DOWN, asyncpg.PostgresError):
            async with asyncio.timeout(TIDY):  # asyncpg first waits for who does not answer to hear that it is given up
                await self._connection.execute("ROLLBACK")
            return
        self._connection.terminate()  # whatever it was doing, nothing of it is committed by this process any more
        self._connection = None

    async def close(self) -> None:
        if self._connection is not None:
            with suppress(*DOWN):
                await self._connection.close(timeout=1)

    def unavailable(self, error: Exception) -> Unavailable | None:
        return unavailable(self._name, error)


def _alone(numbers: Sequence[int]) -> Iterator[str]:
    """Advisory locks until the transaction ends, always taken in one order. As the first of its statements: what
    those after it read was committed by whoever had the lock before.
    """
    if numbers:
        locks = sorted({number % _LOCKS for number in numbers})
        yield f"SELECT pg_advisory_xact_lock(0, n) FROM unnest('{{{','.join(map(str, locks))}}}'::int[]) AS n"
