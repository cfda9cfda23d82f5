"""Lists: whose, which part, in which order."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Generic, TypeVar

from attrs import frozen
from sqlalchemy import ColumnElement, Select, TextClause, bindparam, func, select

from adapters.persistence.database import Database
from adapters.persistence.kind import Kind
from myticket_core.access import Scope
from myticket_core.errors import Invalid
from myticket_core.paging import Order, Page, Paging

State = TypeVar("State")


@frozen(eq=False)
class Listing(Generic[State]):
    """The states of a kind that fulfil `always`, as pages. `sortable` columns, of which the first is the key.

    `narrow` has a condition for each value that may be given, in which it is a parameter of that name.
    """

    kind: Kind[State]
    sortable: tuple[str, ...]
    narrow: Mapping[str, ColumnElement[bool]]
    always: tuple[TextClause | ColumnElement[bool], ...] = ()

    async def page(self, db: Database, paging: Paging, **given: Any) -> Page[State]:
        """A given value that is None does not narrow. Nothing comes first, as in a sort of Python's."""
        values = {name: value for name, value in given.items() if value is not None}
        order = tuple({order.field: self._sortable(order) for order in paging.order}.values())
        statement, count = _statements(self, frozenset(values), order)
        rows = await db.scan(statement, limit=paging.size, offset=paging.offset, **values)
        if rows:
            total = rows[0][-1]
        else:
            ((total,),) = await db.scan(count, **values)
        return Page([self.kind.state(row[:-1]) for row in rows], total, paging)

    def _sortable(self, order: Order) -> Order:
        if order.field not in self.sortable:
            raise Invalid("sort", order.field, ", ".join(self.sortable))
        return order


@lru_cache(maxsize=200)
def _statements(
    listing: Listing[Any], given: frozenset[str], order: tuple[Order, ...]
) -> tuple[Select[Any], Select[Any]]:
    """A page with the number of all as the last column, and that number alone."""
    kind = listing.kind
    conditions = (*listing.always, *(listing.narrow[name] for name in sorted(given)))
    count = select(func.count()).select_from(kind.table).where(*conditions, *kind.here)
    page = kind.selected.where(*conditions).add_columns(count.scalar_subquery())
    page = page.order_by(*(_ordered(kind, it) for it in (*order, Order(listing.sortable[0]))))
    return page.limit(bindparam("limit")).offset(bindparam("offset")), count


def _ordered(kind: Kind[Any], order: Order) -> ColumnElement[Any]:
    column = kind.table.c[order.field]
    return column.desc().nulls_last() if order.descending else column.asc().nulls_first()


def owners(kind: Kind[Any]) -> Mapping[str, ColumnElement[bool]]:
    """The conditions for `owner`, for a table that says whose its rows are."""
    return {name: kind.table.c[name] == bindparam(name) for name in ("customer_id", "company_id")}


def owner_of(owner: Scope) -> Mapping[str, Any]:
    """The values of `owners`."""
    return {"customer_id": owner.customer_id, "company_id": owner.company_id}
