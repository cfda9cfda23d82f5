"""Tickets: R1 register, R2 delete, R3 search."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import Any, ClassVar, Final

import strawberry
from strawberry import UNSET

from adapters.graphql.asking import Info
from adapters.graphql.cases import TicketCases
from adapters.graphql.guarded import answers, nested, owner
from adapters.graphql.inputs import ident, own, position
from adapters.graphql.paging import FIRST, Connection, orders
from adapters.graphql.problems import KeyReused, Missing
from adapters.graphql.sales import Sale, sale_of
from adapters.graphql.scalars import Long
from myticket_core.access import Action
from myticket_core.ticket import model
from myticket_core.ticket.change import Change
from myticket_core.ticket.delete import Delete
from myticket_core.ticket.model import TicketId
from myticket_core.ticket.ports import Search
from myticket_core.ticket.register import Register

OF: Final = "ticket"


@strawberry.enum
class TicketStatus(Enum):
    ON_SALE = "ON_SALE"
    DELETED = "DELETED"


@strawberry.federation.type(keys=["id"], description="What an organizer sells")
class Ticket:
    OF: ClassVar = OF
    id: Long
    company_id: Long
    name: str | None
    price: Long
    capacity: Long | None = strawberry.field(description="null: unlimited")
    start_date: datetime | None
    end_date: datetime | None
    cancel_until: datetime | None
    cancel_fee_percent: int
    status: TicketStatus
    available: bool
    version: Long
    position: str | None = strawberry.field(description="How far it has come, for the minVersion of a page")

    @nested(Action.READ_SALES, "book", Sale | None)
    async def sale(self, info: Info) -> Any:
        """How much of it is taken."""
        found = await info.context.sales.load(self.id)
        return None if found is None else sale_of(found, info.context.clock.now())

    @classmethod
    def referring(cls, id: int) -> Ticket:
        """For a service that knows nothing of it but that it is there."""
        others: dict[str, Any] = dict.fromkeys(_OTHERS)
        return cls(id=id, **others)

    @classmethod
    async def known(cls, id: int, info: Info) -> Ticket | None:
        """Of one that others name; None: there is none any more. Without the ticket service it is believed."""
        if info.context.cases.ticket is None:
            return cls.referring(id)
        found = await info.context.tickets.load(id)
        return None if found is None else ticket_of(found)


_OTHERS: Final = ("company_id", "name", "price", "capacity", "start_date", "end_date", "cancel_until",
                  "cancel_fee_percent", "status", "available", "version", "position")  # fmt: skip


@strawberry.type
class TicketConnection(Connection[Ticket]):
    pass


@strawberry.enum
class TicketSort(Enum):
    ID = "id"
    COMPANY_ID = "company_id"
    PRICE = "price"
    NAME = "name"
    START_DATE = "starts"
    END_DATE = "ends"


@strawberry.input
class TicketOrder:
    field: TicketSort
    descending: bool = False


@strawberry.input(description="What is left out does not narrow; prices and dates include their bounds")
class TicketFilter:
    text: str | None = strawberry.field(default=None, description="Part of the name, whatever the case")
    company_id: Long | None = None
    price_from: Long | None = None
    price_to: Long | None = None
    from_date: datetime | None = strawberry.field(default=None, description="Whose period does not end before")
    to_date: datetime | None = strawberry.field(default=None, description="Whose period does not begin after")
    available: bool = strawberry.field(default=False, description="true: without what is sold out")


@strawberry.input(description="An organizer's own companyId may be left out; an admin says whose")
class NewTicket:
    price: Long
    company_id: Long | None = None
    name: str | None = None
    capacity: Long | None = None
    start_date: datetime | None = None
    end_date: datetime | None = None
    cancel_until: datetime | None = None
    cancel_fee_percent: int | None = None


@strawberry.input(description="What is left out stays as it is")
class TicketPatch:
    price: Long | None = UNSET
    company_id: Long | None = UNSET
    name: str | None = UNSET
    capacity: Long | None = UNSET
    start_date: datetime | None = UNSET
    end_date: datetime | None = UNSET
    cancel_until: datetime | None = UNSET
    cancel_fee_percent: int | None = UNSET


@strawberry.type
class TicketRegistered:
    ticket: Ticket
    replayed: bool = strawberry.field(description="An earlier call with this idempotency key registered it")


@strawberry.type
class TicketDeleted:
    id: Long
    position: str | None = strawberry.field(description="How far it has come, for the minVersion of a page")


_CORE: Final = {"start_date": "starts", "end_date": "ends"}


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
        search = _search(where or TicketFilter())
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
    @answers("RegisterTicket", Action.REGISTER_TICKET, OF, TicketRegistered, KeyReused)
    async def register_ticket(self, info: Info, ticket: NewTicket, idempotency_key: str | None = None) -> Any:
        """R1. Register a ticket."""
        company: Any = own("companyId", owner(info).company_id, ticket.company_id)
        order = Register(company_id=company, **_terms(ticket))
        kept = await _cases(info).register(order, info.context.asker.cause("/tickets", idempotency_key, order))
        return TicketRegistered(ticket=ticket_of(kept.state), replayed=kept.repeated)

    @answers("ChangeTicket", Action.CHANGE_TICKET, OF, Ticket, Missing)
    async def change_ticket(self, info: Info, id: Long, to: TicketPatch) -> Any:
        """Change some of its terms."""
        return await _changed(info, id, to)

    @answers("ChangeTicket", Action.CHANGE_TICKET, OF, Ticket, Missing)
    async def replace_ticket(self, info: Info, id: Long, to: NewTicket) -> Any:
        """Replace its terms."""
        return await _changed(info, id, to)

    @answers("DeleteTicket", Action.DELETE_TICKET, OF, TicketDeleted, Missing)
    async def delete_ticket(self, info: Info, id: Long) -> Any:
        """R2. Delete a ticket; its bookings are canceled."""
        asked, order = info.context, Delete(id=TicketId(ident("id", id)))
        gone = await _cases(info).delete(order, owner(info), asked.asker.cause("/tickets/{id}", None, order))
        return TicketDeleted(id=gone.id, position=position("ticket", gone.id, gone.version))


def ticket_of(ticket: model.Ticket) -> Ticket:
    return Ticket(
        id=ticket.id,
        company_id=ticket.company_id,
        name=ticket.name,
        price=ticket.price,
        capacity=ticket.capacity,
        start_date=ticket.starts,
        end_date=ticket.ends,
        cancel_until=ticket.cancel_until,
        cancel_fee_percent=ticket.cancel_fee_percent,
        status=TicketStatus(ticket.status.value),
        available=ticket.available,
        version=ticket.version,
        position=position("ticket", ticket.id, ticket.version),
    )


async def ticket_reference(info: Info, id: int) -> Ticket | None:
    info.context.owner(Action.READ_TICKETS)
    return await Ticket.known(id, info)


def _cases(info: Info) -> TicketCases:
    assert info.context.cases.ticket is not None
    return info.context.cases.ticket.cases


def _search(where: TicketFilter) -> Search:
    return Search(
        text=where.text,
        company_id=None if where.company_id is None else ident("companyId", where.company_id),
        price_from=where.price_from,
        price_to=where.price_to,
        from_date=where.from_date,
        to_date=where.to_date,
        only_available=where.available,
    )


async def _changed(info: Info, id: int, to: NewTicket | TicketPatch) -> Ticket:
    """An organizer's companyId must be theirs; what an admin says must be whose it is."""
    of, said = TicketId(ident("id", id)), None if to.company_id is UNSET else to.company_id
    mine = owner(info).company_id
    if said is not None and mine is None:
        mine = (await _cases(info).search.one(of)).company_id
    own("companyId", mine, said)
    order = Change(id=of, to=_terms(to))
    cause = info.context.asker.cause("/tickets/{id}", None, order)
    return ticket_of(await _cases(info).change(order, owner(info), cause))


def _terms(given: NewTicket | TicketPatch) -> dict[str, Any]:
    """Under the core's names; without what was left out."""
    said = {name: value for name, value in vars(given).items() if value is not UNSET and name != "company_id"}
    return {_CORE.get(name, name): value for name, value in said.items()}
