"""What the fields of a schema cost, and how many of what is below them are asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from attrs import frozen
from graphql import FieldNode, IntValueNode
from graphql.language import ListValueNode, OperationDefinitionNode, OperationType, VariableNode

from adapters.graphql.paging import FIRST
from myticket_core.paging import LARGEST_PAGE

READ, LIST, COMMAND, PLAIN = 10, 100, 1_000, 1


@frozen
class Price:
    """Of a field: `own` is what it costs by itself, `kind` the type of what is below it.

    `paged`: there is as much of that as `first` says.
    """

    own: int = PLAIN
    kind: str = ""
    paged: bool = False


UNKNOWN: Final = Price()
"""Of what no schema has: validation says so."""


@frozen
class Costs:
    """By type and field; and the types at which operations begin."""

    prices: Mapping[tuple[str, str], Price]
    roots: Mapping[OperationType, str]


def defaults(operation: OperationDefinitionNode) -> Mapping[str, Any]:
    """Of its variables, as far as a price hangs on them."""
    defined = operation.variable_definitions or ()
    return {it.variable.name.value: _constant(it.default_value) for it in defined if it.default_value is not None}


def page(selection: FieldNode, variables: Mapping[str, Any]) -> int:
    """How many there may be in a list: what is said, if it is a number; the most there can be if it is not."""
    given = next((it.value for it in selection.arguments or () if it.name.value == "first"), None)
    said = FIRST if given is None else _said(given, variables)
    return min(max(said, 1), LARGEST_PAGE) if type(said) is int else LARGEST_PAGE


def asked_for(selection: FieldNode, variables: Mapping[str, Any]) -> int:
    """How many of a gateway's references, in variables or written out."""
    written = sum(len(getattr(it.value, "values", ())) for it in selection.arguments or ())
    return written + sum(len(it) for it in variables.values() if isinstance(it, list)) + 1


def _said(given: Any, variables: Mapping[str, Any]) -> Any:
    """A variable that is left out leaves out what it stands for."""
    return variables.get(given.name.value, FIRST) if isinstance(given, VariableNode) else _constant(given)


def _constant(written: Any) -> Any:
    if isinstance(written, IntValueNode) and len(written.value) <= 6:
        return int(written.value)
    return list(written.values) if isinstance(written, ListValueNode) else None
