"""What my page has stored in documents, as the rows that the invariants are checked over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import attrs

from adapters.persistence.mongo.documents import BOOKINGS, TICKETS, AnyPage, Kind, plain
from adapters.persistence.mongo.store import Documents
from myticket_core.invariants import BookingPageRow, TicketPageRow

RowClass = TypeVar("RowClass", bound=attrs.AttrsInstance)


async def read_pages(documents: Documents) -> Mapping[str, Any]:
    """Parts of an invariants.Snapshot, by name, of the live view. Works while others write; raises Unavailable."""

    async def read(view: int) -> dict[str, Any]:
        return {
            "booking_pages": await _rows(documents, BOOKINGS, view, BookingPageRow),
            "ticket_pages": await _rows(documents, TICKETS, view, TicketPageRow),
        }

    waiting = await documents.ask(documents.parking.find().sort([("consumer", 1), ("turn", 1)]).to_list(None))
    return {**await documents.in_live(read), "parked": [(entry["consumer"], entry["id"]) for entry in waiting]}


async def _rows(documents: Documents, kind: Kind[AnyPage], view: int, row_class: type[RowClass]) -> Sequence[RowClass]:
    shown = {field.name: 1 for field in attrs.fields(row_class)}
    found = documents.collection(kind.collection).find({"view": view}, {**shown, "_id": 0}).sort(kind.key, 1)
    pages = await documents.ask(found.to_list(None))
    return [row_class(**{name: plain(value) for name, value in page.items()}) for page in pages]
