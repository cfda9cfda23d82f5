"""What the services have stored, as the rows that the invariants are checked over."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import cache
from typing import Any, Final, TypeAlias, TypeVar

import attrs
from sqlalchemy import Column, Table, select

from adapters.persistence.database import Database
from adapters.persistence.drivers import Fetch, driver
from adapters.persistence.schema.alarm import NOTIFICATIONS
from adapters.persistence.schema.book import BOOKINGS, SALES, WAITING
from adapters.persistence.schema.log import OFFSETS, RECORDS
from adapters.persistence.schema.mypage import BOOKING_PAGES, LIVE_VIEW, TICKET_PAGES
from adapters.persistence.schema.pay import PAYMENTS
from adapters.persistence.schema.shared import FORGOTTEN, LEDGER, OUTBOX, PARKING
from adapters.persistence.schema.ticket import TICKETS
from adapters.persistence.schema.types import Moment, stored
from myticket_core.invariants import (
    BookingPageRow,
    BookingRow,
    LogRow,
    MoveRow,
    NotificationRow,
    OutboxRow,
    PaymentRow,
    SaleRow,
    TicketPageRow,
    TicketRow,
    WaitingRow,
)

RowClass = TypeVar("RowClass")

Members: TypeAlias = dict[str, Any]
Parts: TypeAlias = Mapping[str, Any]
"""Parts of an invariants.Snapshot, by name."""


async def parts(url: str, service: str, setting: str | None = None) -> Parts:
    """What the service's store has to say, "log" being the embedded log's, as it was at one instant.

    Works while others write to it. Raises StoreError; Unavailable when waiting may help.
    """
    looked = await Database.open(url, service, setting=setting)  # which says what is wrong with it, if anything is
    await looked.close()
    async with driver(url, setting).snapshot() as fetch:
        return await _READING[service](fetch)


async def _ticket(fetch: Fetch) -> Parts:
    tickets = [_made(TicketRow, row) for row in await _rows(fetch, TICKETS)]
    return {"tickets": tickets, **await _shared(fetch, "ticket")}


async def _book(fetch: Fetch) -> Parts:
    rows = await _rows(fetch, SALES)
    sales = [_made(SaleRow, {**row, "paused": bool(row["campaign_paused"])}) for row in rows]
    bookings = [_made(BookingRow, row) for row in await _rows(fetch, BOOKINGS)]
    waiting = [_made(WaitingRow, row) for row in await _rows(fetch, WAITING)]
    return {"sales": sales, "bookings": bookings, "waiting": waiting, **await _shared(fetch, "book")}


async def _pay(fetch: Fetch) -> Parts:
    rows = await _rows(fetch, PAYMENTS)
    payments = [_made(PaymentRow, {**row, "in_doubt": row["doubt_until"] is not None}) for row in rows]
    return {"payments": payments, **await _shared(fetch, "pay")}


async def _alarm(fetch: Fetch) -> Parts:
    notifications = [_made(NotificationRow, row) for row in await _rows(fetch, NOTIFICATIONS, but="text")]
    return {"notifications": notifications, "parked": await _parked(fetch)}


async def _mypage(fetch: Fetch) -> Parts:
    live = [row["view"] for row in await _rows(fetch, LIVE_VIEW) if row["id"] == 1]
    bookings = await _rows(fetch, BOOKING_PAGES)
    tickets = await _rows(fetch, TICKET_PAGES)
    return {
        "booking_pages": [_made(BookingPageRow, {**row, **row["document"]}) for row in bookings if row["view"] in live],
        "ticket_pages": [_made(TicketPageRow, row["document"]) for row in tickets if row["view"] in live],
        "parked": await _parked(fetch),
    }


async def _log(fetch: Fetch) -> Parts:
    records = await _rows(fetch, RECORDS)
    last = max((row["position"] for row in records), default=0)
    lag = {row["consumer"]: last - row["position"] for row in await _rows(fetch, OFFSETS)}
    return {"log": [entry for row in records if (entry := _entry(row))], "lag": lag}


_READING: Final[Mapping[str, Callable[[Fetch], Awaitable[Parts]]]] = {
    "ticket": _ticket,
    "book": _book,
    "pay": _pay,
    "alarm": _alarm,
    "mypage": _mypage,
    "log": _log,
}
_KINDS: Final = {"tickets": "ticket", "bookings": "booking", "payments": "payment"}
"""What the ledger calls a table, and the invariants a kind."""


async def _shared(fetch: Fetch, service: str) -> Parts:
    said = [_made(OutboxRow, {**row, "service": service}) for row in await _rows(fetch, OUTBOX, but="data")]
    moves = [_made(MoveRow, {**row, "kind": kind}) for row in await _rows(fetch, LEDGER) if (kind := _kind(row))]
    since = [row["before"] for row in await _rows(fetch, FORGOTTEN)]
    return {"outbox": said, "moves": moves, "since": since, "parked": await _parked(fetch)}


def _kind(row: Members) -> str | None:
    return _KINDS.get(row["kind"])


async def _parked(fetch: Fetch) -> Sequence[tuple[str, str]]:
    return [(row["consumer"], row["id"]) for row in await _rows(fetch, PARKING)]


def _entry(row: Members) -> LogRow | None:
    """A record as the event it is; None for one that says not which, from somebody else."""
    headers = row["headers"]
    if "ce_id" not in headers:
        return None
    version = headers.get("ce_aggregateversion")
    return LogRow(
        id=headers["ce_id"],
        type=headers["ce_type"],
        key=row["key"] or "",
        version=None if version is None else int(version),
    )


async def _rows(fetch: Fetch, table: Table, but: str | None = None) -> Sequence[Members]:
    """All rows in the order of their primary key, by the names of the columns, of which one may be left out.

    There may be a hundred thousand of them: moments come as milliseconds, without becoming datetimes in between.
    """
    columns = [column for column in table.columns if column.name != but]
    found = await fetch(str(select(*columns).order_by(*table.primary_key.columns)))
    readers = [(column.name, _reader(column)) for column in columns]
    return [
        {
            name: value if read is None or value is None else read(value)
            for (name, read), value in zip(readers, row, strict=True)
        }
        for row in found
    ]


def _reader(column: Column[Any]) -> Callable[[Any], Any] | None:
    kind = stored(column.type)
    if isinstance(kind, Moment):
        return lambda micros: micros // 1000
    return None if kind is None else kind.decode


def _made(row_class: Callable[..., RowClass], members: Members) -> RowClass:
    """The members that the class knows; starts and ends as its start_date and end_date."""
    if "starts" in members:
        members = {**members, "start_date": members["starts"], "end_date": members["ends"]}
    return row_class(**{name: members[name] for name in _names(row_class) if name in members})


@cache
def _names(row_class: Any) -> Sequence[str]:
    return [field.name for field in attrs.fields(row_class)]
