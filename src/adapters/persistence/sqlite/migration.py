"""Migrating a SQLite file under its write lock."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import Final
from urllib.parse import quote

from sqlalchemy import Connection, StaticPool, create_engine
from sqlalchemy.exc import DBAPIError

from adapters.persistence.errors import StoreError
from adapters.persistence.schema import steps_left
from adapters.persistence.sqlite.connection import trouble

PATIENCE: Final = 30.0
"""Seconds to wait for another process that migrates the same store."""


def migrate_file(path: str, service: str, upgrade: Callable[[Connection], None]) -> None:
    """All or nothing; a file that is not there is made. Raises StoreError."""
    try:
        with closing(_connected(path)) as connection:
            if _steps_left(connection, path, service):
                _write_ahead(connection)
                _climb(connection, path, service, upgrade)
    except (sqlite3.Error, DBAPIError) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        raise StoreError(f"{path} {trouble(cause) or cause}") from error


def _connected(path: str) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{quote(path)}?mode=rwc", uri=True, isolation_level=None, timeout=PATIENCE)


def _steps_left(connection: sqlite3.Connection, path: str, service: str) -> bool:
    """Raises StoreError when the store is ahead of this program, or another's."""
    tables = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchall()
    found = connection.execute("SELECT version_num FROM alembic_version").fetchall() if tables else []
    return steps_left(path, service, [revision for (revision,) in found])


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Kept in the file from now on; changing it is not waited for by SQLite itself when two do it at once."""
    connection.execute("BEGIN EXCLUSIVE")
    connection.execute("COMMIT")
    connection.execute("PRAGMA journal_mode=WAL")


def _climb(connection: sqlite3.Connection, path: str, service: str, upgrade: Callable[[Connection], None]) -> None:
    """Under the write lock; whoever comes second finds nothing left to do.

    SQLAlchemy has to know of the transaction too: of one that it does not, Alembic commits each step.
    """
    engine = create_engine("sqlite://", creator=lambda: connection, poolclass=StaticPool)
    with engine.begin() as connected:  # which rolls back and begins nothing in the file
        connection.execute("BEGIN IMMEDIATE")
        if _steps_left(connection, path, service):
            upgrade(connected)
