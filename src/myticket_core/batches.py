"""A batch, of which some may fail."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from myticket_core.errors import Incomplete
from myticket_core.ports import Together

T = TypeVar("T")


async def each(items: Iterable[T], do: Callable[[T], Awaitable[None]], together: Together, onward: int) -> None:
    """Do it with each, whatever it raises with others. Raises Incomplete: the next batch begins at `onward`."""
    done = 0

    async def counted(item: T) -> None:
        nonlocal done
        await do(item)
        done += 1

    try:
        await together([counted(item) for item in items])
    except Exception as error:
        raise Incomplete(onward, error, done) from error
