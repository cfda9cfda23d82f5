"""How often a document selects the same beside itself: whether that can be merged takes comparing each with each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final

from attrs import define, field
from graphql import DocumentNode, FieldNode, FragmentDefinitionNode, FragmentSpreadNode
from graphql.language import InlineFragmentNode, SelectionSetNode

MOST_ALIKE: Final = 20
"""Selections that are answered in one place: comparing them takes the square of it."""


@define
class Repeats:
    """Looks at each selection once. Nothing in it leads to itself."""

    fragments: Mapping[str, FragmentDefinitionNode]
    _known: dict[int, int] = field(factory=dict)

    def most(self, selected: SelectionSetNode | None) -> int:
        """How many of the selections here, or anywhere below, are answered in one place; one at least."""
        if selected is None:
            return 1
        if id(selected) not in self._known:
            self._known[id(selected)] = self._heaviest(selected)
        return self._known[id(selected)]

    def _heaviest(self, selected: SelectionSetNode) -> int:
        """Under one name twelve times what has another one sixteen times below is answered in one place 192 times."""
        weights: Counter[str] = Counter()
        for name, weight in self._answered_as(selected, set()):
            weights[name] += weight
        return max(weights.values(), default=1)

    def _answered_as(self, selected: SelectionSetNode, seen: set[str]) -> Iterator[tuple[str, int]]:
        """The names under which something is answered here, and of its fragments; each of these is entered once."""
        for it in selected.selections:
            if isinstance(it, FieldNode):
                yield (it.alias or it.name).value, self.most(it.selection_set)
            elif isinstance(it, FragmentSpreadNode):
                yield f"...{it.name.value}", 1
                if it.name.value in self.fragments and it.name.value not in seen:
                    seen.add(it.name.value)
                    yield from self._answered_as(self.fragments[it.name.value].selection_set, seen)
            elif isinstance(it, InlineFragmentNode):
                yield "...", 1
                yield from self._answered_as(it.selection_set, seen)


def alike(document: DocumentNode, fragments: Mapping[str, FragmentDefinitionNode]) -> int:
    """The most that are answered in one place of a document of which nothing leads to itself."""
    repeats = Repeats(fragments)
    return max((repeats.most(getattr(it, "selection_set", None)) for it in document.definitions), default=1)
