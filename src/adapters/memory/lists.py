"""Sorting and paging, the same for every list."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from myticket_core.errors import Invalid
from myticket_core.paging import Order, Page, Paging

Item = TypeVar("Item")


def page(
    items: Iterable[Item], paging: Paging, sortable: tuple[str, ...], members: Callable[[Item], object] = lambda it: it
) -> Page[Item]:
    """One page of the items, sorted by `sortable` members; the first of these is the id, which settles ties."""
    for order in paging.order:
        if order.field not in sortable:
            raise Invalid("sort", order.field, ", ".join(sortable))
    found = list(items)
    for order in (Order(sortable[0]), *reversed(paging.order)):  # sorting is stable: the last sort weighs most
        found.sort(key=lambda item: _rank(getattr(members(item), order.field)), reverse=order.descending)
    return Page(found[paging.offset : paging.offset + paging.size], len(found), paging)


def _rank(value: Any) -> tuple[bool, Any]:
    return value is not None, value
