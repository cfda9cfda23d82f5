"""Rows that are put into tables: as one statement for each row, or as one for all rows of all tables.

Every statement is a trip to a database that runs elsewhere, with rows locked meanwhile, and what a group of bookings
writes goes into five tables (docs/figures.md).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, TypeAlias

from attrs import frozen
from sqlalchemy import ColumnElement, Insert, String, Table, Text, Update, bindparam, cast, func, insert, select, update
from sqlalchemy.dialects.postgresql import ARRAY, array
from sqlalchemy.sql.base import Executable
from sqlalchemy.types import TypeDecorator, TypeEngine

Columns: TypeAlias = Mapping[str, ColumnElement[Any]]


@frozen(eq=False, slots=False)
class Put:
    """New rows, or with `key` what stands from now on in those that have it. A row gives the values of `names`;
    `pinned` columns have one value, an SQL expression, for all.
    """

    table: Table
    names: tuple[str, ...]
    key: str | None = None
    pinned: Mapping[str, ColumnElement[Any]] = {}

    @cached_property
    def order(self) -> tuple[str, str]:
        """So that the same of them are the same statement."""
        return self.table.name, self.key or ""

    @cached_property
    def single(self) -> Insert | Update:
        """Of one row; its values are the parameters, in their order."""
        given: Columns = {name: bindparam(f"new_{name}") for name in self.names}
        return self._changed(given) if self.key else insert(self.table).values({**given, **self.pinned})

    def many(self, number: int) -> Insert | Update:
        """Of as many as there are: each parameter is the array of all their values for a column."""
        arrays = [cast(bindparam(parameter(number, it)), ARRAY(self._type(it))) for it in self.names]
        if self.key:
            fixed = {it: self._repeated(it, func.cardinality(arrays[0])) for it in self.pinned}
            rows = func.unnest(*arrays, *fixed.values()).table_valued(*self.names, *fixed)
            return self._changed(dict(rows.render_derived(name=f"rows_{number}").c.items()))
        rows = func.unnest(*arrays).table_valued(*self.names).render_derived(name=f"rows_{number}")
        return insert(self.table).from_select(
            [*self.names, *self.pinned], select(*(rows.c[it] for it in self.names), *self.pinned.values())
        )

    def _changed(self, given: Columns) -> Update:
        new = {name: given[name] for name in self.names if name != self.key}
        found = {**self.pinned, **given}
        which = (self.table.c[name] == found[name] for name in (str(self.key), *self.pinned))
        return update(self.table).values(new).where(*which)

    def _repeated(self, name: str, times: ColumnElement[int]) -> ColumnElement[Any]:
        """A pinned value beside each row. Of a condition by itself PostgreSQL may believe that hardly any meets it,
        and read all that does, and all rows for each.
        """
        return func.array_fill(cast(self.pinned[name], self._type(name)), array([times]))

    def _type(self, name: str) -> TypeEngine[Any]:
        return unbounded(self.table.c[name].type)


def into(table: Table, leaving_out: Sequence[str] = ()) -> Put:
    """New rows, in the order of the table's columns."""
    return Put(table, tuple(column.name for column in table.columns if column.name not in leaving_out))


def together(puts: Sequence[Put]) -> Executable:
    """All of them in one statement. No row may be in it twice, and none sees what another one does."""
    first, *others = (put.many(number) for number, put in enumerate(puts))
    return first.add_cte(*(other.cte(f"put_{number}") for number, other in enumerate(others, 1)))


def parameter(number: int, name: str) -> str:
    """Of the column, in the put that has this place."""
    return f"{name}_{number}"


def unbounded(type: TypeEngine[Any]) -> TypeEngine[Any]:
    """Of text without its length: a cast would cut off silently what the column refuses."""
    inner = type.impl_instance if isinstance(type, TypeDecorator) else type
    return Text() if isinstance(inner, String) else type
