"""How a sort of aggregate lies in its table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from operator import attrgetter, itemgetter
from typing import Any, Generic, TypeAlias, TypeVar

from attrs import define, frozen
from sqlalchemy import Column, ColumnElement, Select, Table, TextClause, bindparam, func, select
from sqlalchemy.sql.base import Executable

from adapters.persistence.put import Put
from adapters.persistence.schema.types import stored
from adapters.persistence.statements import Values, among, free, skip

State = TypeVar("State")

Ref: TypeAlias = "tuple[Kind[Any], int | str]"
"""An aggregate, by its key; or an entry of a kind's tally, by what is counted."""


@frozen(eq=False)
class Tally(Generic[State]):
    """Those of a kind that are `here` are counted by `column`. `of` says it of a state: by what, None: it is not."""

    column: Column[Any]
    here: TextClause
    of: Callable[[State], int | str | None]


@frozen(eq=False, slots=False)
class Kind(Generic[State]):
    """`key` is the column an aggregate is asked for by. `state` and `row` map a row in the table's column order.

    `follows` is a kind of which one is read along with each of this one: the one that its column `along`, a column
    of this kind's table, names. Its table sorts after this one's, so that every group takes its locks in one order.
    `status`, where there is one, is kept in the ledger. By `tally` a write may ask how many there are. `pinned`
    columns have one value, an SQL expression, for all of the kind, and are not in its rows.
    """

    table: Table
    key: str
    state: Callable[[Sequence[Any]], State]
    row: Callable[[State], Values]
    follows: Kind[Any] | None = None
    along: Column[Any] | None = None
    status: Callable[[State], str] | None = None
    pinned: Mapping[str, ColumnElement[Any]] = {}
    tally: Tally[State] | None = None

    @cached_property
    def place(self) -> tuple[str, ...]:
        """Where it stands among all kinds; those of one table differ in what is pinned."""
        return (self.table.name, *map(str, self.pinned.values()))

    @cached_property
    def names(self) -> list[str]:
        return [column.name for column in self.table.columns if column.name not in self.pinned]

    @cached_property
    def selected(self) -> Select[Any]:
        """All of the kind, as rows for `state`."""
        return select(*(self.table.c[name] for name in self.names)).where(*self.here)

    @cached_property
    def one(self) -> Select[Any]:
        """The one with the key :which."""
        return self.selected.where(self.table.c[self.key] == bindparam("which"))

    @cached_property
    def load(self) -> Select[Any]:
        """Those with a key in :keys, and those that go along with others in :along; in order of their keys, locked."""
        key: ColumnElement[Any] = self.table.c[self.key]
        others = None
        if self.along is not None:
            others = select(self.along).where(among(next(iter(self.along.table.primary_key)), "along"))
        return self.selected.where(among(key, "keys", others)).order_by(key).with_for_update()

    @cached_property
    def count(self) -> Select[Any]:
        """How many the tally has for each of :keys that it has any for."""
        assert self.tally is not None
        column: ColumnElement[Any] = self.tally.column
        return select(column, func.count()).where(self.tally.here, among(column, "keys")).group_by(column)

    @cached_property
    def insert(self) -> Put:
        return Put(self.table, tuple(self.names), pinned=self.pinned)

    @cached_property
    def update(self) -> Put:
        """Of rows as `updating` makes them."""
        return Put(self.table, (*self._changing, self.key), key=self.key, pinned=self.pinned)

    @cached_property
    def updating(self) -> Callable[[Values], Values]:
        """A row with its key as the last of its values."""
        places: Callable[[Values], Values] = itemgetter(*map(self.names.index, self.update.names))
        return places

    @cached_property
    def free(self) -> Executable:
        """:count numbers that nothing of the kind has, above :after."""
        return free(self.table.c.id)

    @cached_property
    def skip(self) -> Executable:
        """No number up to :number is free any more."""
        return skip(self.table.c.id)

    @property
    def _changing(self) -> list[str]:
        return [name for name in self.names if name != self.key]

    @property
    def here(self) -> list[ColumnElement[bool]]:
        """The condition that a row is one of these, as far as pinned columns say."""
        return [self.table.c[name] == value for name, value in self.pinned.items()]


@define
class Flat(Generic[State]):
    """Both ways between rows and a class whose members are the first columns of the table, under the same names."""

    table: Table
    cls: Callable[..., State]
    extra: int = 0
    """How many columns at the end are derived from the state, and not read back."""

    def reader(self) -> Callable[[Sequence[Any]], State]:
        cls, names = self.cls, self._names
        decoders = [(name, kind.decode) for name in names if (kind := stored(self.table.c[name].type))]

        def state(row: Sequence[Any]) -> State:
            members = dict(zip(names, row, strict=False))
            for name, decode in decoders:
                if members[name] is not None:
                    members[name] = decode(members[name])
            return cls(**members)

        return state

    def writer(self) -> Callable[[State], Values]:
        members, names = attrgetter(*self._names), self._names
        encoders = [(at, kind.encode) for at, name in enumerate(names) if (kind := stored(self.table.c[name].type))]

        def row(state: State) -> Values:
            values = list(members(state))
            for at, encode in encoders:
                if values[at] is not None:
                    values[at] = encode(values[at])
            return tuple(values)

        return row

    @property
    def _names(self) -> tuple[str, ...]:
        columns = self.table.columns.keys()
        return tuple(columns[: len(columns) - self.extra])
