"""What a group of writes has to know before it is decided: one statement per table, all in one trip."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from operator import attrgetter
from typing import Any, Final, TypeAlias
from zlib import crc32

from attrs import frozen
from sqlalchemy import select
from sqlalchemy.sql.base import Executable

from adapters.persistence.draft import Write
from adapters.persistence.drivers import Link, Rows, Step
from adapters.persistence.group import Group
from adapters.persistence.kind import Kind
from adapters.persistence.schema.shared import INBOX, KEYS
from adapters.persistence.statements import Statements, among

_HEARD: Final = select(INBOX.c.consumer, INBOX.c.event_id).where(among(INBOX.c.event_id, "keys"))
_KEPT: Final = select(KEYS.c.key, KEYS.c.fingerprint, KEYS.c.id).where(among(KEYS.c.key, "keys"))

Wanted: TypeAlias = Mapping["Kind[Any]", Iterable[int | str]]
Question: TypeAlias = tuple[Step, Callable[[Rows], None]]
"""A statement, and who takes what it returns."""


@frozen
class Loading:
    """Begins the transaction, and fills the group within it."""

    link: Link
    statements: Statements
    group: Group

    async def __call__(self, writes: Sequence[Write[Any]]) -> None:
        wanted: dict[Kind[Any], set[int | str]] = defaultdict(set)
        for kind, key in (ref for write in writes for ref in write.reads):
            wanted[kind].add(key)
        kept: dict[Kind[Any], set[int]] = defaultdict(set)
        counted = self._counted(writes)
        questions = [*self._inbox(writes), *self._keys(writes, kept), *self._numbers(writes), *self._states(wanted)]
        questions += self._counts(counted)
        alone = sorted({_number_of(by) for keys in counted.values() for by in keys})
        self._take(questions, await self.link.begin([step for step, _ in questions], alone))
        if kept:  # a repeat returns what its key stands for
            questions = [*self._states(kept)]
            self._take(questions, await self.link.fetches([step for step, _ in questions]))

    def _take(self, questions: Sequence[Question], answers: Sequence[Rows]) -> None:
        for (_, take), rows in zip(questions, answers, strict=True):
            take(rows)

    def _inbox(self, writes: Sequence[Write[Any]]) -> Iterable[Question]:
        events = [write.cause.id for write in writes if write.cause and write.cause.consumer]
        if events:
            yield self._step(_HEARD, keys=events), lambda rows: self.group.inbox.update(map(tuple, rows))

    def _keys(self, writes: Sequence[Write[Any]], kept: dict[Kind[Any], set[int]]) -> Iterable[Question]:
        kinds = {write.key: write.adds for write in writes if write.key and write.adds}

        def take(rows: Rows) -> None:
            for key, fingerprint, id in rows:
                self.group.keys[key] = (fingerprint, id)
                kept[kinds[key]].add(id)

        if kinds:
            yield self._step(_KEPT, keys=list(kinds)), take

    def _numbers(self, writes: Sequence[Write[Any]]) -> Iterable[Question]:
        """What a group before this one has not used is used first."""
        wanted = Counter[Kind[Any]]()
        for write in writes:
            if write.adds:
                wanted[write.adds] += write.numbers
        for kind in _sorted(wanted):
            count, spare = wanted[kind], self.group.numbers.setdefault(kind, ())
            if count > len(spare):
                after = spare[-1] if spare else self.link.before
                yield self._step(kind.free, count=count - len(spare), after=after), partial(self._number, kind)

    def _number(self, kind: Kind[Any], rows: Rows) -> None:
        self.group.numbers[kind] = [*self.group.numbers[kind], *(number for (number,) in rows)]

    def _counted(self, writes: Sequence[Write[Any]]) -> dict[Kind[Any], set[int | str]]:
        counted: dict[Kind[Any], set[int | str]] = defaultdict(set)
        for kind, by in (ref for write in writes for ref in write.counts):
            counted[kind].add(by)
            self.group.counts[kind, by] = 0
        return counted

    def _counts(self, counted: Wanted) -> Iterable[Question]:
        for kind in _sorted(counted):
            yield self._step(kind.count, keys=sorted(counted[kind], key=str)), partial(self._count, kind)

    def _count(self, kind: Kind[Any], rows: Rows) -> None:
        self.group.counts.update(((kind, by), count) for by, count in rows)

    def _states(self, wanted: Wanted) -> Iterable[Question]:
        """Kind after kind in one order, that of their tables, so that no two groups wait for each other in a circle."""
        along = {kind.follows: keys for kind, keys in wanted.items() if kind.follows}
        for kind in _sorted({*wanted, *along}):
            keys = {"keys": sorted(wanted.get(kind, ())), "along": sorted(along.get(kind, ()))}
            yield self._step(kind.load, **keys), partial(self._state, kind)

    def _state(self, kind: Kind[Any], rows: Rows) -> None:
        place = kind.names.index(kind.key)
        for row in rows:
            ref = (kind, row[place])
            self.group.states[ref] = kind.state(row)
            self.group.stored.add(ref)

    def _step(self, statement: Executable, **keys: Any) -> Step:
        prepared = self.statements[statement]
        return prepared.sql, prepared.values(keys)


def _number_of(by: int | str) -> int:
    """Two that share one wait for each other without need."""
    return by if isinstance(by, int) else crc32(by.encode())


def _sorted(kinds: Iterable[Kind[Any]]) -> Sequence[Kind[Any]]:
    """In one order everywhere, so that the same questions are the same statement."""
    return sorted(kinds, key=attrgetter("place"))
