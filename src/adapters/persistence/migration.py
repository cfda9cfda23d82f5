"""Bringing a store to this program's schema."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import Any, Final
from urllib.parse import quote

from sqlalchemy import Connection, StaticPool, create_engine
from sqlalchemy.exc import DBAPIError

from adapters.persistence.errors import StoreError
from adapters.persistence.schema import VERSIONS, revisions
from adapters.persistence.sqlite import file_of, trouble

PATIENCE: Final = 30.0
"""Seconds to wait for another process that migrates the same store."""

Progress = Callable[[str], None]


def migrate(url: str, service: str, progress: Progress = lambda line: None) -> None:
    """Make the store of `service` if it is not there, and bring it to this program's schema, all or nothing.

    It is told each step that is taken; an up-to-date store takes none. Several may be started at once. A store of a
    newer program is left alone. Raises StoreError.
    """
    path = file_of(url)
    try:
        with closing(_connected(path)) as connection:
            if _steps_left(connection, path, service):
                _write_ahead(connection)
                _climb(connection, path, service, progress)
    except (sqlite3.Error, DBAPIError) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        raise StoreError(f"{path} {trouble(cause) or cause}") from error


def _connected(path: str) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{quote(path)}?mode=rwc", uri=True, isolation_level=None, timeout=PATIENCE)


def _steps_left(connection: sqlite3.Connection, path: str, service: str) -> bool:
    """Raises StoreError when the store is ahead of this program."""
    known = revisions(service)
    tables = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchall()
    found = connection.execute("SELECT version_num FROM alembic_version").fetchall() if tables else []
    if found and found[0][0] not in known:
        raise StoreError(f"{path} was written by a newer version of myticket: use that one")
    return not found or found[0][0] != known[-1]


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Kept in the file from now on; changing it is not waited for by SQLite itself when two do it at once."""
    connection.execute("BEGIN EXCLUSIVE")
    connection.execute("COMMIT")
    connection.execute("PRAGMA journal_mode=WAL")


def _climb(connection: sqlite3.Connection, path: str, service: str, progress: Progress) -> None:
    """Under the write lock; whoever comes second finds nothing left to do."""
    engine = create_engine("sqlite://", creator=lambda: connection, poolclass=StaticPool)
    with engine.connect() as connected:  # which rolls back, so the transaction begins after it
        connection.execute("BEGIN IMMEDIATE")
        if _steps_left(connection, path, service):
            _upgrade(connected, service, progress)
        connected.commit()


def _upgrade(connected: Connection, service: str, progress: Progress) -> None:
    """Alembic is imported only here: it costs more than the rest of a start."""
    from alembic import command
    from alembic.config import Config

    def applied(step: Any, **_: Any) -> None:
        progress(f"{service}: {step.up_revision.revision} {step.up_revision.doc}")

    config = Config(attributes={"connection": connected, "applied": applied})
    config.set_main_option("script_location", str(VERSIONS).replace("%", "%%"))
    config.set_main_option("version_locations", str(VERSIONS / service).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    command.upgrade(config, "head")
