"""On which days a ticket was booked, counted where its bookings' pages lie: no document leaves the database."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, bindparam, func, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from adapters.persistence.documents import LIVE
from adapters.persistence.schema.mypage import BOOKING_PAGES
from myticket_core.mypage.days import AHEAD, DAY


class booked_on(ColumnElement[int]):  # noqa: N801  it reads as a function
    """The day in Korea on which a page's booking was made; null: it never was."""

    inherit_cache = True
    type = BigInteger()


_ON: Final = (
    f"(SELECT (min({{at}}) + {AHEAD}) / {DAY} FROM {{lines}} WHERE {{source}} = 'book' AND {{status}} = 'BOOKED')"
)


@compiles(booked_on, "sqlite")
def _in_sqlite(element: booked_on, compiler: SQLCompiler, **how: Any) -> str:
    at, source, status = (f"json_extract(value, '$[{place}]')" for place in (0, 1, 3))
    return _ON.format(at=at, source=source, status=status, lines="json_each(document, '$.history')")


@compiles(booked_on, "postgresql")
def _in_postgres(element: booked_on, compiler: SQLCompiler, **how: Any) -> str:
    at, source, status = (f"(line ->> {place})" for place in (0, 1, 3))
    lines = "json_array_elements(document::json -> 'history') AS line"
    return _ON.format(at=f"{at}::bigint", source=source, status=status, lines=lines)


_DAYS: Final = (
    select(booked_on().label("day"))
    .select_from(BOOKING_PAGES)
    .where(BOOKING_PAGES.c.ticket_id == bindparam("ticket_id"), *LIVE.bookings.here)
    .subquery()
)
BY_DAY: Final = select(_DAYS.c.day, func.count()).where(_DAYS.c.day.is_not(None)).group_by(_DAYS.c.day)
