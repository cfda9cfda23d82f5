"""SQL, said once in SQLAlchemy and kept compiled: what runs is text and a tuple of values.

Through SQLAlchemy's async connection one statement is four trips to SQLite's thread; as text it is one, and costs a
quarter (benchmarks/persistence.py). So SQLAlchemy says what is to be done, and the driver is spoken to directly.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from operator import attrgetter, itemgetter
from typing import Any, TypeAlias

from attrs import frozen
from sqlalchemy import BigInteger, Boolean, ClauseElement, Column, ColumnElement, Dialect, Integer, Select, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.base import Executable
from sqlalchemy.sql.compiler import SQLCompiler

from adapters.persistence.put import Put, parameter, together

Values: TypeAlias = tuple[Any, ...]


@frozen
class Prepared:
    """`names` in the order the text wants them; `fixed` are the values that stand in the statement itself."""

    sql: str
    names: tuple[str, ...]
    fixed: Mapping[str, Any]

    def values(self, given: Mapping[str, Any]) -> Values:
        return tuple(given[name] if name in given else self.fixed[name] for name in self.names)


class Statements:
    """The statements of one database, each compiled when it is first used."""

    def __init__(self, dialect: Dialect) -> None:
        self._prepared = lru_cache(maxsize=500)(partial(prepared, dialect=dialect))
        self._together = lru_cache(maxsize=500)(partial(_together, dialect=dialect))
        self._far = dialect.name == "postgresql"

    def __getitem__(self, statement: Executable) -> Prepared:
        return self._prepared(statement)

    def written(self, rows: Mapping[Put | Executable, Sequence[Values]]) -> Sequence[tuple[str, Sequence[Values]]]:
        """What a group writes: statements, each with its rows. What is put is one statement where each is a trip."""
        if not self._far:
            return [(self[it.single if isinstance(it, Put) else it].sql, values) for it, values in rows.items()]
        puts = {it: values for it, values in rows.items() if isinstance(it, Put)}
        others = [(self[it].sql, values) for it, values in rows.items() if not isinstance(it, Put)]
        return [self._at_once(puts), *others] if puts else others

    def _at_once(self, rows: Mapping[Put, Sequence[Values]]) -> tuple[str, Sequence[Values]]:
        puts = tuple(sorted(rows, key=attrgetter("order")))
        sql, arranged = self._together(puts)
        return sql, [arranged([column for put in puts for column in zip(*rows[put], strict=True)])]


def _together(puts: Sequence[Put], dialect: Dialect) -> tuple[str, Callable[[Sequence[Any]], Values]]:
    """The statement of all of them, and what brings their columns into its order."""
    found = prepared(together(puts), dialect)
    columns = [parameter(number, name) for number, put in enumerate(puts) for name in put.names]
    return found.sql, itemgetter(*map(columns.index, found.names))


def prepared(statement: Executable, dialect: Dialect) -> Prepared:
    compiled = statement.compile(dialect=dialect, for_executemany=True)  # type: ignore[attr-defined]
    return Prepared(compiled.string, tuple(compiled.positiontup), compiled.params)


class among(ColumnElement[bool]):  # noqa: N801  it reads as a function
    """`column` is one of the values in the list `name`: one parameter, so that the text never changes.

    Or it is one of those that `also` selects. Two conditions with an OR between them would read all of the table:
    PostgreSQL uses an index for a list alone.
    """

    inherit_cache = False
    type = Boolean()

    def __init__(self, column: ColumnElement[Any], name: str, also: Select[Any] | None = None) -> None:
        self.column: ColumnElement[Any] = column
        self.listed: ColumnElement[Any] = bindparam(name)
        self.also = also

    def self_group(self, against: Any = None) -> among:
        return self


@compiles(among, "sqlite")
def _in_json(element: among, compiler: SQLCompiler, **how: Any) -> str:
    """The list goes in as JSON text."""
    listed = f"SELECT value FROM json_each({compiler.process(element.listed, **how)})"
    if element.also is not None:
        listed = f"{listed} UNION ALL {compiler.process(element.also, **how)}"
    return f"{compiler.process(element.column, **how)} IN ({listed})"


@compiles(among, "postgresql")
def _any_of(element: among, compiler: SQLCompiler, **how: Any) -> str:
    """The list goes in as an array."""
    column, listed = compiler.process(element.column, **how), compiler.process(element.listed, **how)
    if element.also is not None:
        sort = compiler.dialect.type_compiler_instance.process(element.column.type)
        listed = f"CAST({listed} AS {sort}[]) || ARRAY({compiler.process(element.also, **how)})"
    return f"{column} = ANY ({listed})"


class free(Executable, ClauseElement):  # noqa: N801  it reads as a function
    """:count numbers that `column`, a table's own number, has nowhere, and nobody was given before: above :after."""

    inherit_cache = False

    def __init__(self, column: Column[Any]) -> None:
        self.column, self.count = column, bindparam("count", type_=Integer)
        self.after = bindparam("after", type_=Integer)


@compiles(free, "sqlite")
def _after_the_last(element: free, compiler: SQLCompiler, **how: Any) -> str:
    """Nobody else writes while a group does."""
    counted = (
        f"count(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM count WHERE n < {compiler.process(element.count, **how)})"
    )
    after = compiler.process(element.after, **how)
    last = f"SELECT max(coalesce(max({element.column.name}), 0), {after}) FROM {element.column.table.name}"
    return f"WITH RECURSIVE {counted} SELECT n + ({last}) FROM count"


@compiles(free, "postgresql")
def _from_the_sequence(element: free, compiler: SQLCompiler, **how: Any) -> str:
    count = compiler.process(element.count, **how)
    return f"SELECT nextval('{_sequence(element.column)}') FROM generate_series(1, {count})"


class skip(Executable, ClauseElement):  # noqa: N801  it reads as a function
    """From now on `free` gives numbers above :number, which came from elsewhere."""

    inherit_cache = False

    def __init__(self, column: Column[Any]) -> None:
        self.column, self.number = column, bindparam("number", type_=BigInteger)


@compiles(skip, "sqlite")
def _seen_in_the_table(element: skip, compiler: SQLCompiler, **how: Any) -> str:
    """Which is where it looks."""
    return f"SELECT {compiler.process(element.number, **how)}"


@compiles(skip, "postgresql")
def _forward(element: skip, compiler: SQLCompiler, **how: Any) -> str:
    sequence = _sequence(element.column)
    number = compiler.process(element.number, **how)
    return f"SELECT setval('{sequence}', {number}) FROM {sequence} WHERE last_value < {number}"


def _sequence(column: Column[Any]) -> str:
    """That of a `bigserial`, which every number's column is made as."""
    return f"{column.table.name}_{column.name}_seq"
