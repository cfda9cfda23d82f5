"""Tickets: R1 register, R2 delete, R3 search."""

from __future__ import annotations

from typing import Any

import strawberry
from strawberry import UNSET

from adapters.graphql.asking import Info
from adapters.graphql.cases import Tickets
from adapters.graphql.guarded import answers, does, owner
from adapters.graphql.inputs import ident, position
from adapters.graphql.paging import FIRST, orders
from adapters.graphql.problems import ChangedMeanwhile, KeyReused, Missing
from adapters.graphql.scalars import Long
from adapters.graphql.ticket_inputs import NewTicket, TicketFilter, TicketOrder, TicketPatch, searched, terms
from adapters.graphql.ticket_types import OF, Ticket, TicketConnection, ticket_of
from myticket_core.access import Action, own
from myticket_core.ticket.change import Change
from myticket_core.ticket.delete import Delete
from myticket_core.ticket.model import TicketId
from myticket_core.ticket.register import Register


@strawberry.type
class TicketRegistered:
    ticket: Ticket
    replayed: bool = strawberry.field(description="An earlier call with this idempotency key registered it")


@strawberry.type
class TicketDeleted:
    id: Long
    position: str | None = strawberry.field(description="How far it has come, for the minVersion of a page")


@strawberry.type
class TicketQueries:
    @answers("Tickets", Action.READ_TICKETS, OF, TicketConnection)
    async def tickets(
        self,
        info: Info,
        where: TicketFilter | None = None,
        order_by: list[TicketOrder] | None = None,
        first: int = FIRST,
        after: str | None = None,
    ) -> Any:
        """R3. Search tickets."""
        search = searched(where or TicketFilter())
        cases = _cases(info)
        return await TicketConnection.of(
            lambda paging: cases.search(search, paging), ticket_of, first, after, orders(order_by)
        )

    @answers("Ticket", Action.READ_TICKETS, OF, Ticket, Missing)
    async def ticket(self, info: Info, id: Long) -> Any:
        """Look at a ticket."""
        return ticket_of(await _cases(info).search.one(TicketId(ident("id", id))))


@strawberry.type
class TicketMutations:
    @does("RegisterTicket", Action.REGISTER_TICKET, OF, TicketRegistered, KeyReused)
    async def register_ticket(self, info: Info, ticket: NewTicket, idempotency_key: str | None = None) -> Any:
        """R1. Register a ticket."""
        company: Any = own("companyId", owner(info).company_id, ticket.company_id)
        order = Register(company_id=company, **terms(ticket))
        kept = await _cases(info).register(order, info.context.asker.cause("/tickets", idempotency_key, order))
        return TicketRegistered(ticket=ticket_of(kept.state), replayed=kept.repeated)

    @does("ChangeTicket", Action.CHANGE_TICKET, OF, Ticket, Missing, ChangedMeanwhile)
    async def change_ticket(self, info: Info, id: Long, to: TicketPatch, expected_version: Long | None = None) -> Any:
        """Change some of its terms; with an expectedVersion only while that is its version."""
        return await _changed(info, id, to, expected_version)

    @does("ChangeTicket", Action.CHANGE_TICKET, OF, Ticket, Missing, ChangedMeanwhile)
    async def replace_ticket(self, info: Info, id: Long, to: NewTicket, expected_version: Long | None = None) -> Any:
        """Replace its terms; with an expectedVersion only while that is its version."""
        return await _changed(info, id, to, expected_version)

    @does("DeleteTicket", Action.DELETE_TICKET, OF, TicketDeleted, Missing, ChangedMeanwhile)
    async def delete_ticket(self, info: Info, id: Long, expected_version: Long | None = None) -> Any:
        """R2. Delete a ticket; its bookings are canceled. With an expectedVersion only while that is its version."""
        asked, order = info.context, Delete(id=TicketId(ident("id", id)), expected=expected_version)
        gone = await _cases(info).delete(order, owner(info), asked.asker.cause("/tickets/{id}", None, order))
        return TicketDeleted(id=gone.id, position=position("ticket", gone.id, gone.version))


def _cases(info: Info) -> Tickets:
    assert info.context.cases.ticket is not None
    return info.context.cases.ticket


async def _changed(info: Info, id: int, to: NewTicket | TicketPatch, expected: int | None) -> Ticket:
    """An organizer's companyId must be theirs; what an admin says must be whose it is."""
    of, said = TicketId(ident("id", id)), None if to.company_id is UNSET else to.company_id
    mine = owner(info).company_id
    if said is not None and mine is None:
        mine = (await _cases(info).search.one(of)).company_id
    own("companyId", mine, said)
    order = Change(id=of, to=terms(to), expected=expected)
    cause = info.context.asker.cause("/tickets/{id}", None, order)
    return ticket_of(await _cases(info).change(order, owner(info), cause))
