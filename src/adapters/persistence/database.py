"""One service's store: one writer, and readers that wait for nobody."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from datetime import datetime
from typing import Any, Final, TypeVar

from sqlalchemy import literal_column, select, table
from sqlalchemy.sql.base import Executable

from adapters.persistence.draft import Write
from adapters.persistence.drivers import Driver, Link, Reader, Rows, driver
from adapters.persistence.errors import StoreError
from adapters.persistence.schema import steps_left
from adapters.persistence.signals import Signal
from adapters.persistence.statements import Statements
from adapters.persistence.writer import Writer
from myticket_core.errors import Unavailable
from myticket_core.ports import Clock, Ids

Result = TypeVar("Result")

_ANYTHING: Final[Executable] = select(literal_column("version_num")).select_from(table("alembic_version"))


class Database:
    """`said` fires when something is in the outbox, `added` when something else is that somebody may wait for."""

    def __init__(
        self, store: Driver, reader: Reader, statements: Statements, said: Signal, writer: Writer | None
    ) -> None:
        self._reader, self._statements, self._writer = reader, statements, writer
        self.said, self.added = said, Signal()
        self._asks_time = store.asks_time
        self.leader = store.leader(said.fire)
        """Whose relay publishes what is in the outbox."""

    @classmethod
    async def open(
        cls,
        url: str,
        service: str,
        clock: Clock | None = None,
        ids: Ids | None = None,
        *,
        read_only: bool = False,
        first_id: int = 1,
        setting: str | None = None,
    ) -> Database:
        """The store of `service`, of the schema this program knows. Raises StoreError. Without clock and ids it is
        read only, which works while another process writes to it. New things get numbers from `first_id` on.
        Messages name the `setting` that the URL of a server is from.
        """
        store, said = driver(url, setting), Signal()
        statements, reader = Statements(store.dialect), await store.reader()
        try:
            await _check(store, reader, service)
            writer = None
            if clock is not None and ids is not None and not read_only:
                link = await _linked(store, first_id)
                writer = Writer(store.name, link, statements, clock, ids, said)
        except BaseException:
            await reader.close()
            raise
        return cls(store, reader, statements, said, writer)

    async def write(self, write: Write[Result]) -> Result:
        """Return once it is committed. Raises what its `apply` raises, or Unavailable; then nothing is stored.
        Raises InDoubt: that cannot be said.
        """
        if self._writer is None:
            raise Unavailable("this store is open for reading only")
        return await self._writer.write(write)

    @property
    def unwritten(self) -> bool:
        """Whether nothing of late could be written, though it may well be read: a full disk, one set to read only."""
        return self._writer is not None and self._writer.troubled

    async def rows(self, statement: Executable, **values: Any) -> Sequence[Sequence[Any]]:
        """What the statement selects, as it lies in the tables: little, found by an index. Raises Unavailable."""
        prepared = self._statements[statement]
        return await _served(self._reader.rows((prepared.sql, prepared.values(values))))

    async def scan(self, statement: Executable, **values: Any) -> Sequence[Sequence[Any]]:
        """As `rows`, of a statement that may have to look at many. Raises Unavailable."""
        prepared = self._statements[statement]
        return await _served(self._reader.scan((prepared.sql, prepared.values(values))))

    @property
    def shared(self) -> bool:
        """Whether others than this machine may write to it."""
        return self._asks_time is not None

    async def time(self) -> datetime | None:
        """What time it is where the store is; None: it is a file of this machine. Raises Unavailable."""
        if self._asks_time is None:
            return None
        ((now,),) = await _served(self._reader.rows((self._asks_time, ())))
        found: datetime = now
        return found

    async def ping(self) -> None:
        """Raises Unavailable."""
        await self.rows(_ANYTHING)

    async def close(self) -> None:
        """Writes what was accepted, and lets go of the file; readers first, so that the last one tidies up."""
        await self._reader.close()
        await self.leader.close()
        if self._writer is not None:
            await self._writer.close()


async def _served(rows: Awaitable[Rows]) -> Rows:
    """What somebody has to mend stops a start; who serves already waits until it is mended. Raises Unavailable."""
    try:
        return await rows
    except StoreError as error:
        raise Unavailable(str(error)) from error


async def _linked(store: Driver, first_id: int) -> Link:
    link = await store.link()
    if first_id == 1:
        return link
    try:
        await link.number_from(first_id)
    except BaseException:
        await link.close()
        raise
    return link


async def _check(store: Driver, reader: Reader, service: str) -> None:
    """Raises StoreError unless the schema is the one this program knows."""
    there = await reader.has_table("alembic_version")
    rows = await reader.rows(("SELECT version_num FROM alembic_version", ())) if there else ()
    if steps_left(store.name, service, [number for (number,) in rows]):
        raise StoreError(f"{store.name} has no or an older schema: run `myticket migrate {service}` first")
