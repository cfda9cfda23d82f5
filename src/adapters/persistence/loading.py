"""What a group of writes has to know before it is decided, read in one statement per table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final

from attrs import frozen
from sqlalchemy import select
from sqlalchemy.sql.base import Executable

from adapters.persistence.group import Group, Write
from adapters.persistence.kind import Kind
from adapters.persistence.schema.shared import INBOX, KEYS
from adapters.persistence.sqlite import Link
from adapters.persistence.statements import Statements, among

_HEARD: Final = select(INBOX.c.consumer, INBOX.c.event_id).where(among(INBOX.c.event_id, "keys"))
_KEPT: Final = select(KEYS.c.key, KEYS.c.fingerprint, KEYS.c.id).where(among(KEYS.c.key, "keys"))


@frozen
class Loading:
    """Fills a group, within its transaction."""

    link: Link
    statements: Statements
    group: Group

    async def __call__(self, writes: Sequence[Write[Any]]) -> None:
        await self._inbox([write.cause.id for write in writes if write.cause and write.cause.consumer])
        wanted: dict[Kind[Any], set[int]] = defaultdict(set)
        for write in writes:
            for kind, key in write.reads:
                wanted[kind].add(key)
        await self._keys({write.key: write.adds for write in writes if write.key and write.adds}, wanted)
        for kind in {write.adds for write in writes if write.adds}:
            await self._number(kind)
        await self._states(wanted)

    async def _inbox(self, events: Sequence[str]) -> None:
        if events:
            self.group.inbox |= {(consumer, event) for consumer, event in await self._rows(_HEARD, events)}

    async def _keys(self, kinds: Mapping[str, Kind[Any]], wanted: Mapping[Kind[Any], set[int]]) -> None:
        """What keys stand for is wanted too, since a repeat returns it."""
        if kinds:
            for key, fingerprint, id in await self._rows(_KEPT, list(kinds)):
                self.group.keys[key] = (fingerprint, id)
                wanted[kinds[key]].add(id)

    async def _number(self, kind: Kind[Any]) -> None:
        """The last number given out, remembered from group to group: nobody else writes here."""
        if kind not in self.group.last:
            ((self.group.last[kind],),) = await self._rows(kind.last)

    async def _states(self, wanted: dict[Kind[Any], set[int]]) -> None:
        """Table after table in order of their names, so that no two groups ever wait for each other in a circle."""
        while wanted:
            kind = min(wanted, key=lambda kind: kind.table.name)
            place = kind.names.index(kind.key)
            for row in await self._rows(kind.load, sorted(wanted.pop(kind))):
                state, ref = kind.state(row), (kind, row[place])
                self.group.states[ref] = state
                self.group.stored.add(ref)
                for other, key in kind.follows(state):
                    wanted[other].add(key)

    async def _rows(self, statement: Executable, keys: Sequence[object] = ()) -> Sequence[Sequence[Any]]:
        prepared = self.statements[statement]
        return await self.link.fetch(prepared.sql, prepared.values({"keys": list(keys)}))
