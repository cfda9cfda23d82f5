"""Poolers: what is set, locked and heard has to be in a session that is nobody else's."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

import asyncpg

from adapters.persistence.errors import StoreError
from adapters.persistence.postgres.address import PATIENCE
from adapters.persistence.postgres.trouble import DOWN, POOLED

_ROUND: Final = (0, 0, 1)
"""Who is asked: a pooler that gives whatever is free gives the same to both, one that takes turns two to the first."""
_ROUNDS: Final = 3
"""One alone may look right where others use the pooler at the same moment."""


async def unshared(name: str, connecting: Callable[[], Awaitable[Any]]) -> None:
    """Raises StoreError when two connections are not a session of their own each: a pooler in transaction mode."""
    try:
        async with _opened(connecting) as one, _opened(connecting) as other:
            answered = [(who, await (one, other)[who].fetchval("SELECT pg_backend_pid()")) for who in _ROUND * _ROUNDS]
    except asyncpg.TooManyConnectionsError:  # to migrate, one is enough, and to serve, the next one fails
        return
    if len(set(answered)) > 2 or len({session for _, session in answered}) < 2:
        raise StoreError(f"{name} {POOLED}")


@asynccontextmanager
async def _opened(connecting: Callable[[], Awaitable[Any]]) -> AsyncIterator[Any]:
    connection = await connecting()
    try:
        yield connection
    finally:
        with suppress(*DOWN):
            await connection.close(timeout=PATIENCE)
