"""Reading a list that a store gives in parts, by id, to its end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from math import inf
from typing import Any, Final, TypeVar

Item = TypeVar("Item")

AT_ONCE: Final = 500


async def everything(fetch: Callable[[Any, int], Awaitable[Sequence[Item]]], most: float = inf) -> Sequence[Item]:
    """What `fetch` gives after an id, so many at once, until there are no more or `most` are found."""
    found, part, after = list[Item](), list[Any](), 0
    while len(found) < most:
        part = [*await fetch(after, AT_ONCE)]
        found += part
        if len(part) < AT_ONCE:
            break
        after = part[-1].id
    return found
