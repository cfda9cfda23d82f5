"""Pages of a list: which part is asked for, and the part."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar

from attrs import field, frozen

from myticket_core.errors import Invalid

Item = TypeVar("Item")
LARGEST_PAGE = 1000
LAST_PAGE = 2**31 - 1
BEYOND = 5_000
"""Items behind a page that are counted in any case; where there are more, a port may let its total end there."""


@frozen
class Order:
    """Sort by a member of the item, in its Python name."""

    field: str
    descending: bool = False


@frozen
class Paging:
    """`number` counts from 0; `size` is 1 to 1000; equal items are ordered by id, so pages never overlap."""

    number: int = field(default=0)
    size: int = field(default=20)
    order: tuple[Order, ...] = ()

    @number.validator
    def _from_zero(self, _: object, value: object) -> None:
        if not isinstance(value, int) or not 0 <= value <= LAST_PAGE:
            raise Invalid("page", value, "0 or more, below 2^31")

    @size.validator
    def _bounded(self, _: object, value: object) -> None:
        if not isinstance(value, int) or not 1 <= value <= LARGEST_PAGE:
            raise Invalid("size", value, f"1 to {LARGEST_PAGE}")

    @property
    def offset(self) -> int:
        return self.number * self.size


@frozen
class Page(Generic[Item]):
    """One page and how many items there are in all."""

    items: Sequence[Item]
    total: int
    paging: Paging

    @property
    def pages(self) -> int:
        return -(-self.total // self.paging.size)
