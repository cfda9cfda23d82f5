"""Pages of what may be a million: counted no further than anybody looks, and found in the way that suits how many.

Which way that is, is not left to PostgreSQL's planner: it plans for values it does not know, and takes the pieces of
one word for independent of each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Generic, TypeVar

from attrs import frozen
from sqlalchemy import ColumnElement, Integer, Select, bindparam, func, literal_column, select, true

from adapters.persistence.database import Database
from adapters.persistence.listing import Listing, ordered, part, wanted
from myticket_core.paging import BEYOND, Order, Page, Paging

State = TypeVar("State")


@frozen(eq=False)
class Searching(Generic[State]):
    """`hints` are conditions that an index answers, each for a value that may be given; they narrow nothing more."""

    listing: Listing[State]
    hints: Mapping[str, ColumnElement[bool]]

    async def page(self, db: Database, paging: Paging, **given: Any) -> Page[State]:
        """As Listing.page; the total ends BEYOND the page."""
        values, order, most = wanted(given), self.listing.order(paging), paging.offset + paging.size + BEYOND
        names, which = frozenset(values), {"limit": paging.size, "offset": paging.offset, **values}
        rows = await db.scan(_gathered(self, names, order), most=most, **which) if names else ()
        total = rows[0][-1] if rows else (await db.scan(_count(self, names), most=most, **values))[0][0]
        if total == most or not names:
            rows = await db.scan(_walked(self, names, order), **which)
        columns, state = len(self.listing.kind.names), self.listing.kind.state
        return Page([state(row[:columns]) for row in rows], total, paging)

    def where(self, names: frozenset[str]) -> list[Any]:
        hints = self.hints.keys() & names
        found = self.listing.where(names - hints)
        return [*self.listing.always, *found, *(self.hints[name] for name in sorted(hints))]


@lru_cache(maxsize=100)
def _count(searching: Searching[Any], names: frozenset[str]) -> Select[Any]:
    kind, one = searching.listing.kind, literal_column("1", Integer).label("one")
    found = select(one).select_from(kind.table).where(*searching.where(names), *kind.here)
    return select(func.count()).select_from(found.limit(bindparam("most")).subquery("found"))


@lru_cache(maxsize=200)
def _gathered(searching: Searching[Any], names: frozenset[str], order: tuple[Order, ...]) -> Select[Any]:
    """Few, and how many: found by what narrows, then put in order; apart, or the index of the order might be walked."""
    few = searching.listing.kind.selected.where(*searching.where(names)).limit(bindparam("most"))
    found = few.cte("found").prefix_with("MATERIALIZED", dialect="postgresql")
    number = select(func.count()).select_from(found).scalar_subquery()
    return part(select(found, number), ordered(searching.listing, found.c, order))


@lru_cache(maxsize=200)
def _walked(searching: Searching[Any], names: frozenset[str], order: tuple[Order, ...]) -> Select[Any]:
    """Many: the index of the order is walked, and as many looked at as it takes.

    IS TRUE keeps other indexes out of it. Rows are read only of what is on the page.
    """
    listing = searching.listing
    kind, columns = listing.kind, listing.kind.table.c
    narrow = [condition.is_(true()) for condition in listing.where(names - searching.hints.keys())]
    in_order = ordered(listing, columns, order)
    keys = part(select(columns[kind.key]).where(*listing.always, *kind.here, *narrow), in_order)
    return kind.selected.where(columns[kind.key].in_(keys)).order_by(*in_order)
