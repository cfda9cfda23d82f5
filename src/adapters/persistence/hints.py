"""What PostgreSQL finds by an index (migrations/ticket/0004), where other conditions say the same without one.

SQLite has no such indexes, and looks at every row.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Boolean, ColumnElement, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler


def pieces(text: str) -> list[str]:
    """Those of one or two characters that whatever contains `text` has; what has them need not contain it."""
    return sorted({text[at : at + 2] for at in range(max(1, len(text) - 1))} - {""})


class hint(ColumnElement[bool]):  # noqa: N801  it reads as a function
    """A condition for PostgreSQL, in which {0} stands for the parameter."""

    inherit_cache = False
    type = Boolean()

    def __init__(self, condition: str, parameter: str) -> None:
        self.condition: str = condition
        self.parameter: ColumnElement[Any] = bindparam(parameter)

    def self_group(self, against: Any = None) -> hint:
        return self


@compiles(hint, "postgresql")
def _by_index(element: hint, compiler: SQLCompiler, **how: Any) -> str:
    return element.condition.format(compiler.process(element.parameter, **how))


@compiles(hint, "sqlite")
def _anything(element: hint, compiler: SQLCompiler, **how: Any) -> str:
    return "1"
