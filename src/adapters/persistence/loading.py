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
from adapters.persistence.kind import Kind, Ref
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

    async def __call__(self, writes: Sequence[Write[Any]], besides: Iterable[Ref] = ()) -> Sequence[Ref]:
        """Returns what repeated keys stand for and was not read: `besides` of the next try, in a new transaction. In
        this one its rows would be locked last, against the order in which all groups take their locks.
        """
        wanted: dict[Kind[Any], set[int | str]] = defaultdict(set)
        for kind, key in (*(ref for write in writes for ref in write.reads), *besides):
            wanted[kind].add(key)
        counted, kinds = self._counted(writes), {write.key: write.adds for write in writes if write.key and write.adds}
        questions = [*self._inbox(writes), *self._keys(list(kinds)), *self._skips(writes), *self._numbers(writes)]
        questions += [*self._states(wanted), *self._counts(counted)]
        alone = sorted({_number_of(by) for keys in counted.values() for by in keys})
        self._take(questions, await self.link.begin([step for step, _ in questions], alone))
        kept = [(kinds[key], id) for key, (_, id) in self.group.keys.items()]
        return [(kind, id) for kind, id in kept if id not in wanted[kind]]

    async def overtaken(self, keys: Sequence[str]) -> bool:
        """Whether one of these stands for something by now. Rows are read as they are after the wait for their locks,
        keys as they were before it.
        """
        questions = [*self._keys(keys)]
        self._take(questions, await self.link.fetches([step for step, _ in questions]))
        return not self.group.keys.keys().isdisjoint(keys)

    def _take(self, questions: Sequence[Question], answers: Sequence[Rows]) -> None:
        for (_, take), rows in zip(questions, answers, strict=True):
            take(rows)

    def _inbox(self, writes: Sequence[Write[Any]]) -> Iterable[Question]:
        events = [write.cause.id for write in writes if write.cause and write.cause.consumer]
        if events:
            yield self._step(_HEARD, keys=events), lambda rows: self.group.inbox.update(map(tuple, rows))

    def _keys(self, keys: Sequence[str]) -> Iterable[Question]:
        def take(rows: Rows) -> None:
            self.group.keys.update((key, (fingerprint, id)) for key, fingerprint, id in rows)

        if keys:
            yield self._step(_KEPT, keys=keys), take

    def _numbers(self, writes: Sequence[Write[Any]]) -> Iterable[Question]:
        wanted = Counter[Kind[Any]]()
        for write in writes:
            if write.adds:
                wanted[write.adds] += write.numbers
        for kind in _sorted(+wanted):
            yield self._step(kind.free, count=wanted[kind], after=self.link.before), partial(self._number, kind)

    def _number(self, kind: Kind[Any], rows: Rows) -> None:
        self.group.numbers[kind] = [number for (number,) in rows]

    def _skips(self, writes: Sequence[Write[Any]]) -> Iterable[Question]:
        highest: dict[Kind[Any], int] = {}
        for kind, number in (write.numbered for write in writes if write.numbered):
            highest[kind] = max(highest.get(kind, 0), number)
        for kind in _sorted(highest):
            yield self._step(kind.skip, number=highest[kind]), lambda _: None

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
