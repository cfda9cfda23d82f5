"""What a database has to be able to do; one module each does it: sqlite.py, postgres.py."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from typing import Any, Protocol, TypeAlias

from sqlalchemy import Connection, Dialect

from adapters.persistence.errors import StoreError
from adapters.persistence.statements import Values
from myticket_core.errors import Unavailable

Rows: TypeAlias = Sequence[Sequence[Any]]
Step: TypeAlias = tuple[str, Values]
"""One statement with its values; a list among them stands for a set."""
Fetch: TypeAlias = Callable[[str], Awaitable[Rows]]
Progress: TypeAlias = Callable[[str], None]
"""Told a line."""
Upgrade: TypeAlias = Callable[[Connection, Progress], None]
"""Takes the steps, and tells each."""


class Reader(Protocol):
    """What was committed, read by however many at once."""

    async def rows(self, step: Step) -> Rows:
        """Few of them, found at once. Raises Unavailable."""

    async def scan(self, step: Step) -> Rows:
        """Of however many are looked at. Raises Unavailable."""

    async def has_table(self, name: str) -> bool: ...

    async def close(self) -> None: ...


class Link(Protocol):
    """The connection that writes: `begin`, then `commit` or `rollback`, one after the other.

    New things get numbers above `before`, where the store does not count them by itself.
    """

    before: int

    async def number_from(self, first: int) -> None:
        """New things get no smaller number from now on. Before anything is begun. Raises Unavailable."""

    async def begin(self, steps: Sequence[Step], alone: Sequence[int] = ()) -> Sequence[Rows]:
        """Begin a transaction, unless the commit before has, and the rows of each within it; aggregates that are read
        are locked until it ends.

        Transactions that have one of the numbers `alone`, which are in order, in common follow one another.
        """

    def hurried(self) -> AbstractContextManager[None]:
        """What is begun within it waits for a moment at most for what another process holds."""

    async def fetches(self, steps: Sequence[Step]) -> Sequence[Rows]:
        """The rows of each, within the transaction."""

    async def commit(self, steps: Sequence[tuple[str, Sequence[Values]]], *, said: bool, onward: bool) -> None:
        """Run each statement once per row, then commit; `said`: the outbox grew, `onward`: `begin` follows at once.
        When it raises, roll back: nothing is stored, unless it raised InDoubt.
        """

    async def rollback(self) -> None:
        """Whatever has been begun has not been; nothing to do when nothing was."""

    async def close(self) -> None: ...

    def unavailable(self, error: Exception) -> Unavailable | None:
        """The error as the caller should see it when the store is what is at fault; None when it is not.

        NotThis when others can be written: Busy while another process holds something that is wanted, Overtaken when
        it did, Refused until somebody has mended that.
        """


class Leader(Protocol):
    """Of all processes that relay from one store, one leads."""

    async def leads(self) -> bool:
        """Whether this one does; to be asked at least every few seconds. Raises Unavailable."""

    async def close(self) -> None: ...


class Driver(Protocol):
    """One store. `name` is how messages call it: without its password. By `asks_time` a server says what time it is
    there; None: the store is a file of this machine.
    """

    name: str
    asks_time: str | None
    dialect: Dialect

    async def reader(self) -> Reader:
        """Raises StoreError; Unavailable when waiting may help."""

    async def link(self) -> Link:
        """Raises StoreError; Unavailable when waiting may help."""

    def migrate(self, service: str, upgrade: Upgrade, tell: Progress) -> None:
        """Run `upgrade`, unless there is nothing to do: in a transaction, by one process at a time. It runs again when
        that was rolled back so that others could go on using the store.

        Not within an event loop. Raises StoreError, Unavailable.
        """

    def leader(self, heard: Callable[[], None]) -> Leader:
        """`heard` is called when another process says that the outbox grew."""

    def snapshot(self) -> AbstractAsyncContextManager[Fetch]:
        """What asks a statement of the store as it was at one instant. Raises StoreError, Unavailable."""


def driver(url: str, setting: str | None = None) -> Driver:
    """Of sqlite:///relative/file, sqlite:////absolute/file or postgresql://user@host/database. Raises StoreError.

    `setting` is where the URL is from, for whoever has to correct it.
    """
    scheme = url.partition(":")[0]
    if scheme in ("postgresql", "postgresql+asyncpg", "postgres"):
        from adapters.persistence.postgres import Postgres

        return Postgres(url, setting)
    if scheme == "sqlite":
        from adapters.persistence.sqlite import Sqlite

        return Sqlite(url)
    raise StoreError(
        f"{url.partition('@')[2] or url} is no store: say postgresql://user@host/database, "
        "sqlite:///relative/file or sqlite:////absolute/file"
    )
