"""Tickets to try adapters with."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from attrs import frozen

from myticket_core.conformance.builders import cause
from myticket_core.messages import Cause, Decision
from myticket_core.ports import Outbox
from myticket_core.ticket.model import Ticket, TicketId
from myticket_core.ticket.ports import Tickets
from myticket_core.ticket.register import Register


@frozen
class TicketStore:
    """Both on one database."""

    tickets: Tickets
    outbox: Outbox


def register(
    company_id: int = 1,
    price: int = 15_000,
    name: str | None = "a concert",
    capacity: int | None = None,
    starts: datetime | None = None,
    ends: datetime | None = None,
    **terms: Any,
) -> Callable[[TicketId], Decision[Ticket]]:
    """The decision that registers such a ticket."""
    members: dict[str, Any] = {"company_id": company_id, "price": price, "name": name, "capacity": capacity}
    return Register(**members, starts=starts, ends=ends, **terms).decide


def repriced(price: int) -> Callable[[Ticket], Decision[Ticket]]:
    return lambda ticket: ticket.changed(price=price)


def deleted(ticket: Ticket) -> Decision[Ticket]:
    return ticket.deleted()


def raised(ticket: Ticket) -> Decision[Ticket]:
    """One more on the price, however often that happens."""
    return ticket.changed(price=ticket.price + 1)


async def added(
    store: TicketStore, decide: Callable[[TicketId], Decision[Ticket]] | None = None, why: Cause | None = None
) -> Ticket:
    """A registered ticket."""
    kept = await store.tickets.add(decide or register(), why or cause())
    return kept.state
