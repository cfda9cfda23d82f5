"""A bank that only pretends, but remembers: one SQLite file outside every service's store, as a bank would be.

The method of payment is a test card and says how the first charge of a key is answered:

| method                             | answer                                                    |
|------------------------------------|-----------------------------------------------------------|
| sandbox-approve, or none           | charged                                                   |
| sandbox-decline                    | refused, for good                                         |
| sandbox-slow                       | charged, after two seconds                                |
| sandbox-timeout                    | charged, and the answer is lost                           |
| sandbox-unavailable                | not charged: try again later, or with another card        |

Every name is known without `sandbox-` too; a card of any other name is refused. What was answered once stands: a
later charge of the same key is answered alike, whatever its card. Written without waiting for the disk: a kill of the
process loses nothing, a power cut may, which a pretended bank can afford.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final

from myticket_core.errors import InDoubt, NotFound, Unavailable
from myticket_core.payment.ports import Charged, Refused
from myticket_core.ports import Clock

SLOW: Final = timedelta(seconds=2)
CARDS: Final = frozenset({"approve", "decline", "slow", "timeout", "unavailable"})

_TABLE: Final = """
    CREATE TABLE IF NOT EXISTS charges (
        key TEXT PRIMARY KEY, amount INTEGER NOT NULL, refusal TEXT, refunded INTEGER NOT NULL DEFAULT 0
    ) WITHOUT ROWID
"""


class Sandbox:
    """Each call is one short statement, so nothing else runs between what it reads and what it stores."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._clock = clock
        self._bank = sqlite3.connect(path, isolation_level=None, timeout=0.5)
        self._bank.execute("PRAGMA journal_mode=WAL")
        self._bank.execute("PRAGMA synchronous=NORMAL")
        self._bank.execute(_TABLE)

    async def charge(self, key: str, amount: int, method: str | None) -> Charged | Refused:
        card = (method or "approve").removeprefix("sandbox-")
        if await self.find(key) is None:
            if card == "unavailable":
                raise Unavailable("the sandbox card is out of order", retry_after=timedelta(seconds=2))
            if card == "slow":
                await self._clock.sleep(SLOW)
            self._remember(key, amount, _refusal(card))
            if card == "timeout":
                raise InDoubt("the sandbox card never answers")
        try:
            return self._answer(key)
        except Unavailable as error:
            raise InDoubt(str(error)) from error

    async def find(self, key: str) -> Charged | Refused | None:
        return None if self._row(key) is None else self._answer(key)

    async def refund(self, key: str) -> None:
        row = self._row(key)
        if row is None or row[0] is not None:
            raise NotFound("charge", key)
        self._run("UPDATE charges SET refunded = 1 WHERE key = ? AND NOT refunded", key)

    def close(self) -> None:
        self._bank.close()

    def _remember(self, key: str, amount: int, refusal: str | None) -> None:
        """The first one with the key counts, however many come at once."""
        self._run(
            "INSERT INTO charges (key, amount, refusal) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", key, amount, refusal
        )

    def _answer(self, key: str) -> Charged | Refused:
        """Of a key that has an answer."""
        row = self._row(key)
        refusal = row and row[0]
        return Charged(f"sandbox-{key}") if refusal is None else Refused(refusal)

    def _row(self, key: str) -> tuple[str | None] | None:
        found: tuple[str | None] | None = self._run("SELECT refusal FROM charges WHERE key = ?", key).fetchone()
        return found

    def _run(self, sql: str, *values: object) -> sqlite3.Cursor:
        """A statement that fails has changed nothing."""
        try:
            return self._bank.execute(sql, values)
        except sqlite3.Error as error:
            raise Unavailable(f"the sandbox cannot be used: {error}") from error


def charges(path: Path) -> Sequence[tuple[str, int, bool]]:
    """For an audit: key, amount and whether it was given back, of everything that was charged."""
    bank = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=5)
    try:
        rows = bank.execute("SELECT key, amount, refunded FROM charges WHERE refusal IS NULL ORDER BY key")
        return [(key, amount, bool(refunded)) for key, amount, refunded in rows]
    finally:
        bank.close()


def _refusal(card: str) -> str | None:
    if card not in CARDS:
        return f"there is no sandbox card {card!r}"
    return "the card was declined" if card == "decline" else None
