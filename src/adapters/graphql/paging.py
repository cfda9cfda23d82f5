"""Lists as connections: a cursor says after which place to go on, whatever the size of what was read before."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, Generic, TypeVar

import strawberry

from adapters.graphql.scalars import Long
from myticket_core.errors import Invalid
from myticket_core.paging import LARGEST_PAGE, Order, Page, Paging

Node = TypeVar("Node")
FIRST: Final = 20
MOST_SORTS: Final = 5


@strawberry.federation.type(shareable=True)
class PageInfo:
    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


@strawberry.type
class Edge(Generic[Node]):
    cursor: str
    node: Node


@strawberry.type
class Connection(Generic[Node]):
    edges: list[Edge[Node]]
    nodes: list[Node] = strawberry.field(description="The edges' nodes, for who needs no cursors")
    page_info: PageInfo
    total_count: Long

    @classmethod
    async def of(
        cls,
        read: Callable[[Paging], Awaitable[Page[Any]]],
        node: Callable[[Any], Node],
        first: int,
        after: str | None,
        order: Sequence[Order] = (),
    ) -> Any:
        """Raises Invalid: first, after, orderBy, and what `read` raises."""
        start = _start(after)
        items, total = await _read(read, start, first, tuple(order))
        edges = [Edge(cursor=_cursor(start + at), node=node(item)) for at, item in enumerate(items)]
        info = PageInfo(
            has_next_page=start + len(items) < total,
            has_previous_page=start > 0,
            start_cursor=edges[0].cursor if edges else None,
            end_cursor=edges[-1].cursor if edges else None,
        )
        return cls(edges=edges, nodes=[edge.node for edge in edges], page_info=info, total_count=total)


def orders(given: Sequence[Any] | None) -> Sequence[Order]:
    """From an input of `field` and `descending`. Raises Invalid."""
    if given and len(given) > MOST_SORTS:
        raise Invalid("order_by", len(given), f"at most {MOST_SORTS}")
    return [Order(it.field.value, it.descending) for it in given or ()]


async def _read(
    read: Callable[[Paging], Awaitable[Page[Any]]], start: int, first: int, order: tuple[Order, ...]
) -> tuple[Sequence[Any], int]:
    """Stores read pages: what begins within one lies in two of them."""
    if not 1 <= first <= LARGEST_PAGE:
        raise Invalid("first", first, f"1 to {LARGEST_PAGE}")
    number, skipped = divmod(start, first)
    page = await read(Paging(number, first, order))
    if not skipped or len(page.items) < first:
        return page.items[skipped:], page.total
    second = await read(Paging(number + 1, first, order))
    return [*page.items[skipped:], *second.items[:skipped]], second.total


def _cursor(place: int) -> str:
    return urlsafe_b64encode(f"after {place}".encode()).decode()


def _start(after: str | None) -> int:
    if after is None:
        return 0
    try:
        word, _, place = urlsafe_b64decode(after.encode("ascii")).decode("ascii").partition(" ")
        if word != "after" or not place.isdigit() or len(place) > 9:
            raise ValueError
        return int(place) + 1
    except (ValueError, Error):
        raise Invalid("after", after, "a cursor of this list") from None
