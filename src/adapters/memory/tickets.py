from __future__ import annotations

from collections.abc import Callable, Sequence

from adapters.memory.database import MemoryDatabase
from adapters.memory.lists import page
from myticket_core.errors import NotFound
from myticket_core.messages import Cause, Decide, Decision, Event, Kept
from myticket_core.paging import Page, Paging
from myticket_core.ticket.model import Status, Ticket, TicketId
from myticket_core.ticket.ports import Search, folded

SORTABLE = ("id", "price", "name", "company_id", "starts", "ends")


class MemoryTickets:
    def __init__(self, database: MemoryDatabase) -> None:
        self._db = database

    async def add(self, decide: Callable[[TicketId], Decision[Ticket]], cause: Cause) -> Kept[Ticket]:
        kept = self._db.kept("ticket", cause)
        if kept is not None:
            return Kept(self._db.tickets[TicketId(kept)], repeated=True)
        id = TicketId(self._db.number(self._db.tickets))
        ticket, events = decide(id)
        self._db.commit(cause, events, (self._db.tickets, id, ticket), *self._db.key("ticket", cause, id))
        return Kept(ticket)

    async def change(self, id: TicketId, decide: Decide[Ticket], cause: Cause) -> Ticket:
        ticket = self._existing(id)
        if self._db.handled(cause):
            return ticket
        ticket, events = decide(ticket)
        self._db.commit(cause, events, (self._db.tickets, id, ticket))
        return ticket

    async def recover(self, told: Ticket, said: Event, cause: Cause) -> None:
        known = self._db.tickets.get(told.id)
        after = told if known is None else known.recovered(told)
        if after is not known and not self._db.handled(cause):
            self._db.commit(cause, (), (self._db.tickets, told.id, after))
            self._db.sort(self._db.tickets)

    async def get(self, id: TicketId) -> Ticket:
        ticket = self._existing(id)
        if ticket.status is Status.DELETED:
            raise NotFound("ticket", id)
        return ticket

    async def many(self, ids: Sequence[int]) -> Sequence[Ticket]:
        """Those of them that are not deleted."""
        return [ticket for ticket in self._db.tickets.values() if ticket.id in ids and ticket.status is Status.ON_SALE]

    async def search(self, search: Search, paging: Paging) -> Page[Ticket]:
        on_sale = (ticket for ticket in self._db.tickets.values() if ticket.status is Status.ON_SALE)
        return page((ticket for ticket in on_sale if matches(ticket, search)), paging, SORTABLE)

    def _existing(self, id: TicketId) -> Ticket:
        if id not in self._db.tickets:
            raise NotFound("ticket", id)
        return self._db.tickets[id]


def matches(ticket: Ticket, search: Search) -> bool:
    """A ticket without a date is there from, or until, for ever."""
    return (
        (search.text is None or folded(search.text) in folded(ticket.name or ""))
        and (search.company_id is None or search.company_id == ticket.company_id)
        and (search.price_from is None or search.price_from <= ticket.price)
        and (search.price_to is None or ticket.price <= search.price_to)
        and (search.from_date is None or ticket.ends is None or search.from_date <= ticket.ends)
        and (search.to_date is None or ticket.starts is None or ticket.starts <= search.to_date)
        and (ticket.available or not search.only_available)
    )
