"""The pages as documents with columns beside them, in the live view or in one that is being built."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeVar

import attrs
from attrs import frozen
from sqlalchemy import ColumnElement, literal_column, select

from adapters.persistence.kind import Kind
from adapters.persistence.schema.mypage import BOOKING_PAGES, LIVE_VIEW, PAGE_CHANGES, TICKET_PAGES
from adapters.persistence.schema.types import Json
from adapters.persistence.statements import Values
from myticket_core.mypage.model import BookingPage, Entry, TicketPage

AnyPage = TypeVar("AnyPage", BookingPage, TicketPage)

_BESIDE_BOOKING: Final = (
    "booking_id",
    "ticket_id",
    "company_id",
    "customer_id",
    "price",
    "start_date",
    "status",
    "payment_status",
    "refund_due",
    "refund_amount",
    "changed",
)
_BESIDE_TICKET: Final = ("ticket_id", "company_id", "name", "price", "start_date", "status", "changed")
APART: Final = {BookingPage: ("refund_due", "refund_amount", "changed"), TicketPage: ("changed",)}
"""Members that are in columns only, in this order before the document: earlier versions read no others from that.
The last is the store's own count, in which two views differ whatever they show."""

_json = Json()


@frozen
class View:
    """The two kinds of documents of one view."""

    bookings: Kind[BookingPage]
    tickets: Kind[TicketPage]


CHANGES: Final[Kind[int]] = Kind(PAGE_CHANGES, "id", lambda row: int(row[1]), lambda last: (1, last))
"""The number of the last change. Whoever changes a page holds its row until they commit: nobody's number appears
before a smaller one."""

SHOWN: Final[Kind[tuple[int, int]]] = Kind(LIVE_VIEW, "id", lambda row: (row[1], row[2]), lambda both: (1, *both))
"""The number of the live view, and how often another one was begun. Whoever begins, joins or swaps holds its row."""


def _view(number: ColumnElement[Any]) -> View:
    pinned = {"view": number}
    bookings = Kind(BOOKING_PAGES, "booking_id", _reader(BookingPage), _writer(_BESIDE_BOOKING), pinned=pinned)
    tickets = Kind(TICKET_PAGES, "ticket_id", _reader(TicketPage), _writer(_BESIDE_TICKET), pinned=pinned)
    return View(bookings, tickets)


def _reader(cls: type[AnyPage]) -> Callable[[Sequence[Any]], AnyPage]:
    """From the document, which is the last column; what another version of this program knows is left out."""
    names, apart = {field.name for field in attrs.fields(cls)}, APART[cls]

    def state(row: Sequence[Any]) -> AnyPage:
        members = {name: value for name, value in _json.decode(row[-1]).items() if name in names}
        members |= zip(apart, row[-1 - len(apart) : -1], strict=True)
        members["seen"] = tuple((source, version) for source, version in members["seen"])
        members["history"] = tuple(Entry(*line) for line in members["history"])
        return cls(**members)

    return state


def _writer(beside: Sequence[str]) -> Callable[[Any], Values]:
    def row(page: BookingPage | TicketPage) -> Values:
        members = attrs.asdict(page, recurse=False)
        members["history"] = [attrs.astuple(line) for line in page.history]
        values = [members[name] for name in beside]
        for name in APART[type(page)]:
            del members[name]
        return (*values, _json.encode(members))

    return row


LIVE: Final = _view(select(LIVE_VIEW.c.view).where(LIVE_VIEW.c.id == literal_column("1")).scalar_subquery())
"""To read from. Which one that is, is looked up within the statement: another process may swap."""

NUMBERED: Final[Mapping[int, View]] = {number: _view(literal_column(str(number))) for number in (1, 2)}
"""To write to: the views by their numbers, whichever is the live one."""
