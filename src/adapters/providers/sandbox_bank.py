"""The sandbox's file."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from attrs import frozen

from myticket_core.errors import Unavailable

_TABLES: Final = """
    CREATE TABLE IF NOT EXISTS charges (
        key TEXT PRIMARY KEY, amount INTEGER NOT NULL, refusal TEXT, refunded INTEGER NOT NULL DEFAULT 0, card TEXT
    ) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS refunds (
        key TEXT PRIMARY KEY, amount INTEGER NOT NULL, round INTEGER NOT NULL, status TEXT NOT NULL
    ) WITHOUT ROWID;
"""
_CHARGE: Final = "INSERT INTO charges (key, amount, refusal, card) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"
_REFUND: Final = """
    INSERT INTO refunds (key, amount, round, status)
    SELECT key, ?2, ?3, ?4 FROM charges WHERE key = ?1 AND refusal IS NULL AND NOT refunded AND ?2 BETWEEN 0 AND amount
    ON CONFLICT (key) DO UPDATE SET amount = excluded.amount, round = excluded.round, status = excluded.status
    WHERE refunds.status = 'failed' AND excluded.round > refunds.round
"""
_REFUNDED: Final = """
    SELECT round, status FROM refunds WHERE key = ?1
    UNION ALL SELECT 1, 'done' FROM charges WHERE key = ?1 AND refunded
"""
_EVERYTHING: Final = """
    SELECT key, charges.amount, CASE WHEN refunded THEN charges.amount ELSE coalesce(refunds.amount, 0) END
    FROM charges LEFT JOIN (SELECT key, amount FROM refunds WHERE status = 'done') AS refunds USING (key)
    WHERE refusal IS NULL ORDER BY key
"""


@frozen
class Row:
    refusal: str | None
    card: str | None


@frozen
class Begun:
    round: int
    status: str  # pending | done | failed


class Bank:
    """One row per key, and one of its refund. `refunded` in a charge is how earlier versions gave everything back."""

    def __init__(self, path: Path, read_only: bool = False) -> None:
        """Raises sqlite3.Error."""
        where = f"{path.absolute().as_uri()}{'?mode=ro' if read_only else ''}"
        self._file = sqlite3.connect(where, uri=True, isolation_level=None, timeout=5 if read_only else 0.5)
        if not read_only:
            try:
                self._make()
            except sqlite3.Error:
                self._file.close()
                raise

    def charge(self, key: str, amount: int, refusal: str | None, card: str) -> None:
        """The first one with the key counts, however many come at once."""
        self._run(_CHARGE, key, amount, refusal, card)

    def charged(self, key: str) -> Row | None:
        found = self._run("SELECT refusal, card FROM charges WHERE key = ?", key).fetchone()
        return found and Row(*found)

    def refund(self, key: str, amount: int, round: int, status: str) -> bool:
        """Whether this has begun it. Once per key and round, within what was charged, and only after a failed one."""
        return self._run(_REFUND, key, amount, round, status).rowcount > 0

    def pay_out(self, key: str) -> None:
        self._run("UPDATE refunds SET status = 'done' WHERE key = ? AND status = 'pending'", key)

    def refunded(self, key: str) -> Begun | None:
        found = self._run(_REFUNDED, key).fetchone()
        return found and Begun(*found)

    def everything(self) -> Sequence[tuple[str, int, int]]:
        """Raises sqlite3.Error."""
        try:
            return self._file.execute(_EVERYTHING).fetchall()
        finally:
            self.close()

    def close(self) -> None:
        self._file.close()

    def _make(self) -> None:
        self._file.execute("PRAGMA journal_mode=WAL")
        self._file.execute("PRAGMA synchronous=NORMAL")
        self._file.executescript(_TABLES)
        columns = {name for _, name, *_ in self._file.execute("PRAGMA table_info(charges)")}
        if "card" not in columns:
            self._file.execute("ALTER TABLE charges ADD COLUMN card TEXT")

    def _run(self, sql: str, *values: object) -> sqlite3.Cursor:
        """A statement that fails has changed nothing."""
        try:
            return self._file.execute(sql, values)
        except sqlite3.Error as error:
            raise Unavailable(f"the sandbox cannot be used: {error}") from error
