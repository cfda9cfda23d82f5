"""What a document may cost, known before it is validated, in time that is linear in its length.

The limiters that come with libraries walk a fragment again for each of its spreads, which is exponential. Here each
is looked at once, and one that leads to itself is refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import islice
from typing import Any, Final

from attrs import define, field, frozen
from graphql import DocumentNode, FieldNode, FragmentDefinitionNode, FragmentSpreadNode, GraphQLError, IntValueNode
from graphql.language import OperationDefinitionNode, SelectionSetNode, VariableNode

from adapters.graphql.paging import FIRST
from adapters.graphql.repeats import MOST_ALIKE, alike
from myticket_core.paging import LARGEST_PAGE

MOST_TOKENS: Final = 1_000
MOST_DEEP: Final = 20
MOST_COSTLY: Final = 5_000
_TOKEN: Final = re.compile(r'"(?:[^"\\\n]|\\.)*+"?|[\w.-]+|[^\s,\w]')
"""A text without an end is one too, and is not looked through again from within: that would take the square of it."""
READ, LIST, COMMAND, PLAIN = 10, 100, 1_000, 1


class TooMuch(GraphQLError):
    """The document asks for more than one may; nothing was looked up."""


@frozen
class Costs:
    """By the names of fields: what one costs by itself. `lists` have as many of what is below them as `first` says."""

    each: Mapping[str, int]
    lists: frozenset[str]


@frozen
class Sum:
    """What a part of a document comes to. `height`: of what is below; `reads`: how often a store is asked, or told.

    What hangs on the items of a list is read for all of them at once.
    """

    cost: int = 0
    height: int = 0
    reads: int = 0


NOTHING: Final = Sum()


@define
class Bill:
    """Adds up what is in a document."""

    costs: Costs
    variables: Mapping[str, Any]
    fragments: Mapping[str, FragmentDefinitionNode]
    _known: dict[str, Sum] = field(factory=dict)
    _open: set[str] = field(factory=set)

    def of(self, selected: SelectionSetNode | None, depth: int) -> Sum:
        """Raises TooMuch."""
        if selected is None:
            return NOTHING
        if depth > MOST_DEEP:
            raise TooMuch(f"a document goes {MOST_DEEP} levels deep at most")
        cost = height = reads = 0
        for selection in selected.selections:
            it = self._one(selection, depth)
            cost, height, reads = cost + it.cost, max(height, it.height), reads + it.reads
        return Sum(cost, height + 1, reads)

    def _one(self, selection: Any, depth: int) -> Sum:
        if isinstance(selection, FragmentSpreadNode):
            return self.fragment(selection.name.value, depth)
        below = self.of(selection.selection_set, depth + 1)
        return self._field(selection, below) if isinstance(selection, FieldNode) else below

    def _field(self, selection: FieldNode, below: Sum) -> Sum:
        name = selection.name.value
        own = self.costs.each.get(name, PLAIN)
        reads = int(own > PLAIN) + below.reads
        if name == "_entities":
            asked = self._asked_for(selection)
            return Sum(asked * (own + below.cost), below.height, asked * reads)
        times = self._page(selection) if name in self.costs.lists else 1
        return Sum(own + times * below.cost, below.height, reads)

    def fragment(self, name: str, depth: int) -> Sum:
        """Raises TooMuch."""
        if name in self._open:
            raise TooMuch(f"fragment {name[:40]} leads to itself")
        if name not in self._known:
            if name not in self.fragments:
                return NOTHING  # validation says so
            self._open.add(name)
            self._known[name] = self.of(self.fragments[name].selection_set, depth)
            self._open.discard(name)
        if depth + self._known[name].height > MOST_DEEP + 1:
            raise TooMuch(f"a document goes {MOST_DEEP} levels deep at most")
        return self._known[name]

    def _asked_for(self, selection: FieldNode) -> int:
        """How many of a gateway's references, in variables or written out."""
        written = sum(len(getattr(it.value, "values", ())) for it in selection.arguments or ())
        return written + sum(len(it) for it in self.variables.values() if isinstance(it, list)) + 1

    def _page(self, selection: FieldNode) -> int:
        """How many there may be in a list."""
        given = next((it.value for it in selection.arguments or () if it.name.value == "first"), None)
        return _number(given, self.variables)


def counted(text: str) -> str:
    """Itself. Raises TooMuch: more words and signs than are worth parsing, which takes 50 µs for each."""
    if any(True for _ in islice(_TOKEN.finditer(text), MOST_TOKENS, None)):
        raise TooMuch(f"a document has {MOST_TOKENS} words and signs at most")
    return text


def check(document: DocumentNode, variables: Mapping[str, Any], costs: Costs) -> int:
    """How many requests it is worth, if its dearest operation is carried out. Raises TooMuch."""
    fragments = {it.name.value: it for it in document.definitions if isinstance(it, FragmentDefinitionNode)}
    bill = Bill(costs, variables, fragments)
    for name in fragments:  # those that nothing leads to are validated too
        bill.fragment(name, 1)
    operations = [it for it in document.definitions if isinstance(it, OperationDefinitionNode)]
    sums = [bill.of(it.selection_set, 1) for it in operations]
    if alike(document, fragments) > MOST_ALIKE:
        raise TooMuch(f"the same is selected more than {MOST_ALIKE} times beside itself")
    if sum(it.cost for it in sums) > MOST_COSTLY:
        raise TooMuch(f"a document costs {MOST_COSTLY} at most: ask for fewer things, or fewer of each")
    return max([1, *(it.reads for it in sums)])


def _number(given: Any, variables: Mapping[str, Any]) -> int:
    """Of a page: what is said, as far as it is a number; the most there can be when it is anything else."""
    if given is None:
        return FIRST
    if isinstance(given, VariableNode):
        said = variables.get(given.name.value, LARGEST_PAGE)
        return min(max(said, 1), LARGEST_PAGE) if type(said) is int else LARGEST_PAGE
    if isinstance(given, IntValueNode) and len(given.value) <= 6:
        return min(max(int(given.value), 1), LARGEST_PAGE)
    return LARGEST_PAGE
