"""One service's store: one writer, and readers that wait for nobody."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any, Final, TypeVar

from sqlalchemy import literal_column, select, table
from sqlalchemy.sql.base import Executable

from adapters.persistence.draft import Write
from adapters.persistence.errors import StoreError
from adapters.persistence.schema import revisions
from adapters.persistence.signals import Signal
from adapters.persistence.sqlite import Link, file_of
from adapters.persistence.statements import Statements
from adapters.persistence.writer import Writer
from myticket_core.errors import Unavailable
from myticket_core.ports import Clock, Ids

Result = TypeVar("Result")

_ANYTHING: Final[Executable] = select(literal_column("version_num")).select_from(table("alembic_version"))

READERS: Final = 2
"""Connections to read on; each does one statement at a time."""


class Database:
    """`said` fires when something is in the outbox, `added` when something else is that somebody may wait for."""

    def __init__(self, links: Sequence[Link], statements: Statements, said: Signal, writer: Writer | None) -> None:
        self._links, self._statements, self._writer = links, statements, writer
        self._reads = 0
        self.said, self.added = said, Signal()

    @classmethod
    async def open(
        cls, url: str, service: str, clock: Clock | None = None, ids: Ids | None = None, *, read_only: bool = False
    ) -> Database:
        """The store of `service`, of the schema this program knows. Raises StoreError. Without clock and ids it is
        read only, which works while another process writes to it.
        """
        path, statements, said = file_of(url), Statements(), Signal()
        links = [await Link.open(path, read_only=True)]
        try:
            await _check(links[0], service)
            links += [await Link.open(path, read_only=True) for _ in range(READERS - 1)]
            writer = None
            if clock is not None and ids is not None and not read_only:
                writer = Writer(await Link.open(path, read_only=False), statements, clock, ids, said)
        except BaseException:
            for link in links:
                await link.close()
            raise
        return cls(links, statements, said, writer)

    async def write(self, write: Write[Result]) -> Result:
        """Return once it is committed. Raises what its `apply` raises, or Unavailable; then nothing is stored."""
        if self._writer is None:
            raise Unavailable("this store is open for reading only")
        return await self._writer.write(write)

    async def rows(self, statement: Executable, **values: Any) -> Sequence[Sequence[Any]]:
        """What the statement selects, as it lies in the tables. Raises Unavailable."""
        prepared = self._statements[statement]
        self._reads += 1
        link = self._links[self._reads % len(self._links)]
        try:
            return await link.fetch(prepared.sql, prepared.values(values))
        except sqlite3.Error as error:
            down = link.unavailable(error)
            if down is None:
                raise
            raise down from error

    async def ping(self) -> None:
        """Raises Unavailable."""
        await self.rows(_ANYTHING)

    async def close(self) -> None:
        """Writes what was accepted, and lets go of the file; readers first, so that the last one tidies up."""
        for link in self._links:
            await link.close()
        if self._writer is not None:
            await self._writer.close()


async def _check(link: Link, service: str) -> None:
    """Raises StoreError unless the schema is the one this program knows."""
    found = await _revision(link)
    known = revisions(service)
    if found is None or (found in known and found != known[-1]):
        raise StoreError(f"{link.path} has no or an older schema: run `myticket migrate {service}` first")
    if found not in known:
        raise StoreError(f"{link.path} was written by a newer version of myticket: use that one")


async def _revision(link: Link) -> str | None:
    tables = await link.fetch("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'")
    rows = await link.fetch("SELECT version_num FROM alembic_version") if tables else ()
    return rows[0][0] if rows else None
