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
from graphql import DocumentNode, FieldNode, FragmentDefinitionNode, FragmentSpreadNode, GraphQLError
from graphql.language import OperationDefinitionNode, SelectionSetNode

from adapters.graphql.prices import PLAIN, UNKNOWN, Costs, Price, asked_for, defaults, page
from adapters.graphql.repeats import MOST_ALIKE, alike

MOST_TOKENS: Final = 1_000
MOST_DEEP: Final = 20
MOST_COSTLY: Final = 5_000
_TOKEN: Final = re.compile(r'"(?:[^"\\\n]|\\.)*+"?|[\w.-]+|[^\s,\w]')
"""A text without an end is one too, and is not looked through again from within: that would take the square of it."""


class TooMuch(GraphQLError):
    """The document asks for more than one may; nothing was looked up."""


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

    def of(self, selected: SelectionSetNode | None, kind: str, depth: int) -> Sum:
        """What is selected of a type. Raises TooMuch."""
        if selected is None:
            return NOTHING
        if depth > MOST_DEEP:
            raise TooMuch(f"a document goes {MOST_DEEP} levels deep at most")
        cost = height = reads = 0
        for selection in selected.selections:
            it = self._one(selection, kind, depth)
            cost, height, reads = cost + it.cost, max(height, it.height), reads + it.reads
        return Sum(cost, height + 1, reads)

    def _one(self, selection: Any, kind: str, depth: int) -> Sum:
        if isinstance(selection, FragmentSpreadNode):
            return self.fragment(selection.name.value, depth)
        if isinstance(selection, FieldNode):
            price = self.costs.prices.get((kind, selection.name.value), UNKNOWN)
            return self._field(selection, price, self.of(selection.selection_set, price.kind, depth + 1))
        narrower = selection.type_condition
        return self.of(selection.selection_set, narrower.name.value if narrower else kind, depth + 1)

    def _field(self, selection: FieldNode, price: Price, below: Sum) -> Sum:
        reads = int(price.own > PLAIN) + below.reads
        if selection.name.value == "_entities":
            asked = asked_for(selection, self.variables)
            return Sum(asked * (price.own + below.cost), below.height, asked * reads)
        times = page(selection, self.variables) if price.paged else 1
        return Sum(price.own + times * below.cost, below.height, reads)

    def fragment(self, name: str, depth: int) -> Sum:
        """Raises TooMuch."""
        if name in self._open:
            raise TooMuch(f"fragment {name[:40]} leads to itself")
        if name not in self._known:
            if name not in self.fragments:
                return NOTHING  # validation says so
            self._open.add(name)
            it = self.fragments[name]
            self._known[name] = self.of(it.selection_set, it.type_condition.name.value, depth)
            self._open.discard(name)
        if depth + self._known[name].height > MOST_DEEP + 1:
            raise TooMuch(f"a document goes {MOST_DEEP} levels deep at most")
        return self._known[name]


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
    worth = _worth(document, bill)
    if alike(document, fragments) > MOST_ALIKE:
        raise TooMuch(f"the same is selected more than {MOST_ALIKE} times beside itself")
    return worth


def _worth(document: DocumentNode, bill: Bill) -> int:
    """Raises TooMuch: all operations together, each with its own defaults, cost more than one may."""
    left, worth = MOST_COSTLY, 1
    for it in document.definitions:
        if isinstance(it, OperationDefinitionNode):
            said = Bill(bill.costs, {**defaults(it), **bill.variables}, bill.fragments)
            comes_to = said.of(it.selection_set, bill.costs.roots.get(it.operation, ""), 1)
            left, worth = left - comes_to.cost, max(worth, comes_to.reads)
        if left < 0:
            raise TooMuch(f"a document costs {MOST_COSTLY} at most: ask for fewer things, or fewer of each")
    return worth
