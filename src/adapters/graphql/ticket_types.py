"""A ticket as it is shown."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, Final

import strawberry

from adapters.graphql.asking import Info
from adapters.graphql.guarded import nested, unsaid
from adapters.graphql.inputs import position
from adapters.graphql.paging import Connection
from adapters.graphql.sales import Sale, sale_of
from adapters.graphql.scalars import Long
from myticket_core.access import Action
from myticket_core.ticket import model

OF: Final = "ticket"
strawberry.enum(model.Status, name="TicketStatus")


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
    status: model.Status
    available: bool = strawberry.field(description="Not sold out; after its endDate nobody can book it all the same")
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
        return cls(id=id, **unsaid(cls))

    @classmethod
    async def known(cls, id: int, info: Info) -> Ticket | None:
        """Of one that others name; None: there is none any more. Without the ticket service it is believed."""
        if info.context.cases.ticket is None:
            return cls.referring(id)
        found = await info.context.tickets.load(id)
        return None if found is None else ticket_of(found)


@strawberry.type
class TicketConnection(Connection[Ticket]):
    pass


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
        status=ticket.status,
        available=ticket.available,
        version=ticket.version,
        position=position("ticket", ticket.id, ticket.version),
    )


async def ticket_reference(info: Info, id: int) -> Ticket | None:
    info.context.owner(Action.READ_TICKETS)
    return await Ticket.known(id, info)
