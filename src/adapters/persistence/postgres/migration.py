"""Migrating a PostgreSQL database in one transaction, one process at a time."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection, NullPool, inspect, text
from sqlalchemy.ext.asyncio import create_async_engine

from adapters.persistence.postgres.trouble import explained
from adapters.persistence.schema import steps_left

_ALONE = text("SELECT pg_advisory_xact_lock(hashtext('myticket migrate'))")


async def migrate_database(name: str, url: str, service: str, upgrade: Callable[[Connection], None]) -> None:
    """All or nothing. Raises StoreError, Unavailable."""
    engine = create_async_engine(url.replace("postgresql://", "postgresql+asyncpg://", 1), poolclass=NullPool)
    try:
        with explained(name):
            async with engine.begin() as connection:
                await connection.execute(_ALONE)
                await connection.run_sync(_climb, name, service, upgrade)
    finally:
        await engine.dispose()


def _climb(connection: Connection, name: str, service: str, upgrade: Callable[[Connection], None]) -> None:
    there = inspect(connection).has_table("alembic_version")
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalars() if there else ()
    if steps_left(name, service, list(found)):
        upgrade(connection)
