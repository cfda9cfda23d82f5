"""R1. An organizer registers a ticket."""

from __future__ import annotations

from datetime import datetime

from attrs import field, frozen

from myticket_core.messages import Cause, Decision, Kept, command
from myticket_core.ticket.model import Ticket, TicketId, registered
from myticket_core.ticket.ports import Tickets
from myticket_core.values import dated, in_order, text, whole


@command
class Register:
    """`price` in the currency's smallest unit, `capacity` in seats (None: unlimited). Raises Invalid.

    Until when its buyers may cancel (None: at any time), and how much of the price that costs (None: nothing).
    """

    company_id: int = field(validator=whole(1))
    price: int = field(validator=whole())
    name: str | None = field(default=None, validator=text(200))
    capacity: int | None = field(default=None, validator=whole(optional=True))
    starts: datetime | None = field(default=None, validator=dated)
    ends: datetime | None = field(default=None, validator=dated)
    cancel_until: datetime | None = field(default=None, validator=dated)
    cancel_fee_percent: int | None = field(default=None, validator=whole(most=100, optional=True))

    def __attrs_post_init__(self) -> None:
        in_order(self.starts, self.ends)

    def decide(self, id: TicketId) -> Decision[Ticket]:
        return registered(
            Ticket(
                id=id,
                company_id=self.company_id,
                price=self.price,
                name=self.name,
                capacity=self.capacity,
                starts=self.starts,
                ends=self.ends,
                cancel_until=self.cancel_until,
                cancel_fee_percent=self.cancel_fee_percent,
            )
        )


@frozen
class RegisterTicket:
    """On sale from now on, once per idempotency key; the organizer and booking hear of it."""

    tickets: Tickets

    async def __call__(self, order: Register, cause: Cause) -> Kept[Ticket]:
        return await self.tickets.add(order.decide, cause)
