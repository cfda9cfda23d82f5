"""A connection to a file, and what its errors mean."""

from __future__ import annotations

import json
import sqlite3
from typing import Final
from urllib.parse import quote

from adapters.persistence.drivers import Rows, Step
from adapters.persistence.errors import StoreError
from adapters.persistence.statements import Values
from myticket_core.errors import Unavailable

PATIENCE: Final = 5.0
"""Seconds that another process may hold the file before a write gives up."""

_REASONS: Final = {
    sqlite3.SQLITE_BUSY: "is locked by another process: stop it, or try again later",
    sqlite3.SQLITE_LOCKED: "is locked by another process: stop it, or try again later",
    sqlite3.SQLITE_FULL: "cannot grow: its disk is full",
    sqlite3.SQLITE_READONLY: "cannot be written: it, its folder or its disk is read-only",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened: it is not there, or may not be read and written here",
    sqlite3.SQLITE_PERM: "may not be opened here",
    sqlite3.SQLITE_CORRUPT: "is damaged: put it aside and restore a copy",
    sqlite3.SQLITE_NOTADB: "is not a database, or is damaged: put it aside and restore a copy",
    sqlite3.SQLITE_IOERR: "cannot be read or written: the disk reports an error, or is full",
    sqlite3.SQLITE_PROTOCOL: "is locked by another process: stop it, or try again later",
    sqlite3.SQLITE_NOMEM: "cannot be used: there is no memory left",
}


def trouble(error: BaseException | None) -> str | None:
    """What is wrong with the file rather than with what was asked of it; None: nothing is."""
    code = getattr(error, "sqlite_errorcode", None)
    return None if code is None else _REASONS.get(code & 0xFF)


def connected(path: str, *, read_only: bool) -> sqlite3.Connection:
    """In which nothing is a transaction but what stands between BEGIN and COMMIT. A file that is not there is not made.

    Raises StoreError, also for a file that is no database.
    """
    uri = f"file:{quote(path)}?mode={'ro' if read_only else 'rw'}"
    try:
        connection = sqlite3.connect(
            uri, uri=True, isolation_level=None, timeout=PATIENCE, cached_statements=256, check_same_thread=False
        )
        try:
            connection.execute("PRAGMA schema_version")  # reads the header
        except sqlite3.Error:
            connection.close()
            raise
    except sqlite3.Error as error:
        raise StoreError(f"{path} {trouble(error) or error}") from error
    return connection


def unavailable(path: str, error: Exception) -> Unavailable | None:
    """The error as the caller should see it when the file is what is at fault; None when it is not."""
    reason = trouble(error)
    return None if reason is None else Unavailable(f"{path} {reason}")


def fetched(connection: sqlite3.Connection, step: Step) -> Rows:
    sql, values = step
    return connection.execute(sql, _in_json(values)).fetchall()


def _in_json(values: Values) -> Values:
    return tuple(json.dumps(value) if type(value) is list else value for value in values)
