"""Lists: whose, which part, in which order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Generic, TypeVar

from attrs import frozen
from sqlalchemy import Column, ColumnElement, Select, TextClause, bindparam, func, select
from sqlalchemy.sql.base import ReadOnlyColumnCollection

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
        values, order = wanted(given), self.order(paging)
        statement, count = _statements(self, frozenset(values), order)
        rows = await db.scan(statement, limit=paging.size, offset=paging.offset, **values)
        if rows:
            total = rows[0][-1]
        else:
            ((total,),) = await db.scan(count, **values)
        return Page([self.kind.state(row[:-1]) for row in rows], total, paging)

    def order(self, paging: Paging) -> tuple[Order, ...]:
        """A member that is named twice counts where it is named first, as it is named last. Raises Invalid."""
        return tuple({order.field: self._sortable(order) for order in paging.order}.values())

    def where(self, given: Iterable[str]) -> list[ColumnElement[bool]]:
        """What narrows by the given values."""
        return [self.narrow[name] for name in sorted(given)]

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
    conditions = (*listing.always, *listing.where(given))
    count = select(func.count()).select_from(kind.table).where(*conditions, *kind.here)
    page = kind.selected.where(*conditions).add_columns(count.scalar_subquery())
    return part(page, ordered(listing, kind.table.c, order)), count


def wanted(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in given.items() if value is not None}


def part(found: Select[Any], order: Iterable[ColumnElement[Any]]) -> Select[Any]:
    """Of what is found, in this order, :limit from :offset on."""
    return found.order_by(*order).limit(bindparam("limit")).offset(bindparam("offset"))


def ordered(
    listing: Listing[Any], columns: ReadOnlyColumnCollection[str, Any], order: tuple[Order, ...]
) -> list[ColumnElement[Any]]:
    """Ties by the key. A column that has no NULL says nothing of it: PostgreSQL would look for another index."""
    return [_direction(columns[it.field], it.descending) for it in (*order, Order(listing.sortable[0]))]


def _direction(column: Column[Any], descending: bool) -> ColumnElement[Any]:
    direction = column.desc() if descending else column.asc()
    if not column.nullable:
        return direction
    return direction.nulls_last() if descending else direction.nulls_first()


def owners(kind: Kind[Any]) -> Mapping[str, ColumnElement[bool]]:
    """The conditions for `owner`, for a table that says whose its rows are."""
    return {name: kind.table.c[name] == bindparam(name) for name in ("customer_id", "company_id")}


def owner_of(owner: Scope) -> Mapping[str, Any]:
    """The values of `owners`."""
    return {"customer_id": owner.customer_id, "company_id": owner.company_id}
