from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, or_

from adapters.persistence.database import Database
from adapters.persistence.draft import Draft, Write
from adapters.persistence.hints import hint, pieces
from adapters.persistence.kind import Flat, Kind
from adapters.persistence.listing import Listing
from adapters.persistence.schema.ticket import ON_SALE, TICKETS
from adapters.persistence.schema.types import micros
from adapters.persistence.searching import Searching
from adapters.persistence.statements import Values, among
from myticket_core.errors import NotFound
from myticket_core.messages import Cause, Decide, Decision, Event, Kept
from myticket_core.paging import Page, Paging
from myticket_core.ticket.model import Status, Ticket, TicketId
from myticket_core.ticket.ports import Search, folded

NEVER: Final = 2**62
"""Microseconds."""
_FLAT: Final = Flat(TICKETS, Ticket, extra=1)
_row = _FLAT.writer()


def _with_folded_name(ticket: Ticket) -> Values:
    return (*_row(ticket), None if ticket.name is None else folded(ticket.name))


KIND: Final = Kind(
    table=TICKETS,
    key="id",
    state=_FLAT.reader(),
    row=_with_folded_name,
    status=lambda ticket: ticket.status.value,
)
_COLUMN = TICKETS.c
_LISTED: Final = Listing(
    KIND,
    ("id", "price", "name", "company_id", "starts", "ends"),
    narrow={
        "text": _COLUMN.folded.like(bindparam("text"), escape="!"),
        "company_id": _COLUMN.company_id == bindparam("company_id"),
        "price_from": _COLUMN.price >= bindparam("price_from"),
        "price_to": _COLUMN.price <= bindparam("price_to"),
        "from_date": or_(_COLUMN.ends.is_(None), _COLUMN.ends >= bindparam("from_date")),
        "to_date": or_(_COLUMN.starts.is_(None), _COLUMN.starts <= bindparam("to_date")),
        "available": _COLUMN.available == bindparam("available"),
    },
    always=(ON_SALE,),
)
_SEARCHED: Final = Searching(
    _LISTED,
    {
        "pieces": hint("pieces(folded) @> {0}", "pieces"),
        "between": hint("period(starts, ends) && int8range(({0}::bigint[])[1], ({0}::bigint[])[2], '[]')", "between"),
    },
)
_MANY: Final = KIND.selected.where(among(_COLUMN.id, "ids"), ON_SALE)


class SqlTickets:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def add(self, decide: Callable[[TicketId], Decision[Ticket]], cause: Cause) -> Kept[Ticket]:
        def apply(draft: Draft) -> Kept[Ticket]:
            kept = draft.kept()
            if kept is not None:
                return Kept(draft.get(KIND, kept, "ticket"), repeated=True)
            id = TicketId(draft.number(KIND))
            ticket, events = decide(id)
            draft.add(KIND, id, ticket)
            draft.tell(events)
            return Kept(ticket)

        return await self._db.write(Write(apply, adds=KIND, keyed=True, cause=cause))

    async def change(self, id: TicketId, decide: Decide[Ticket], cause: Cause) -> Ticket:
        def apply(draft: Draft) -> Ticket:
            ticket = draft.get(KIND, id, "ticket")
            if draft.repeated:
                return ticket
            ticket, events = decide(ticket)
            draft.put(KIND, id, ticket)
            draft.tell(events)
            return ticket

        return await self._db.write(Write(apply, reads=((KIND, id),), cause=cause))

    async def recover(self, told: Ticket, said: Event, cause: Cause) -> None:
        def apply(draft: Draft) -> None:
            known = draft.find(KIND, told.id)
            draft.recover(KIND, told.id, known.recovered(told) if known else told, said)

        ref = KIND, told.id
        await self._db.write(Write(apply, reads=(ref,), numbered=ref, cause=cause))

    async def get(self, id: TicketId) -> Ticket:
        for row in await self._db.rows(KIND.one, which=id):
            ticket = KIND.state(row)
            if ticket.status is not Status.DELETED:
                return ticket
        raise NotFound("ticket", id)

    async def many(self, ids: Sequence[int]) -> Sequence[Ticket]:
        """Those of them that are not deleted."""
        return [KIND.state(row) for row in await self._db.rows(_MANY, ids=ids)]

    async def search(self, search: Search, paging: Paging) -> Page[Ticket]:
        text, begins, ends = folded(search.text or ""), search.from_date, search.to_date
        return await _SEARCHED.page(
            self._db,
            paging,
            text=_part(text),
            pieces=pieces(text) or None,
            company_id=search.company_id,
            price_from=search.price_from,
            price_to=search.price_to,
            from_date=begins and micros(begins),
            to_date=ends and micros(ends),
            between=_between(begins, ends),
            available=search.only_available or None,
        )


def _between(begins: datetime | None, ends: datetime | None) -> list[int] | None:
    """As microseconds; an index of an order alone would be walked through all that is over by then."""
    if not (begins or ends) or (begins and ends and begins > ends):
        return None
    return [micros(begins) if begins else -NEVER, micros(ends) if ends else NEVER]


def _part(text: str) -> str | None:
    """A pattern for names with `text` somewhere in them."""
    return "%" + re.sub("[!%_]", r"!\g<0>", text) + "%" if text else None
