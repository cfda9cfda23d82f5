"""An organizer changes price, name, capacity, dates or terms of cancellation of a ticket."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from myticket_core.access import Scope
from myticket_core.errors import Invalid
from myticket_core.messages import Cause, Decision, command
from myticket_core.ticket.model import Ticket, TicketId
from myticket_core.ticket.ports import Tickets
from myticket_core.ticket.register import Register

CHANGEABLE = frozenset({"price", "name", "capacity", "starts", "ends", "cancel_until", "cancel_fee_percent"})


@command
class Change:
    """The members to change, by their Python names; the others stay. Raises Invalid.

    `expected`: the version that is to be changed, None: whichever it is by then.
    """

    id: TicketId
    to: Mapping[str, Any]
    expected: int | None = None

    def __attrs_post_init__(self) -> None:
        for member in self.to.keys() - CHANGEABLE:
            raise Invalid(member, self.to[member], f"only {', '.join(sorted(CHANGEABLE))} can change")


@frozen
class ChangeTicket:
    """Sells on the new terms from now on; bookings made before keep the old ones.

    Raises NotFound, Invalid, Rejected("changed_meanwhile"): it is not as `expected` any more.
    """

    tickets: Tickets

    async def __call__(self, order: Change, owner: Scope, cause: Cause) -> Ticket:
        def decide(ticket: Ticket) -> Decision[Ticket]:
            acceptable(ticket.owned(owner).expected(order.expected), order.to)
            return ticket.changed(**order.to)

        return await self.tickets.change(order.id, decide, cause)


def acceptable(ticket: Ticket, to: Mapping[str, object]) -> None:
    """A changed ticket has to be one that could have been registered. Raises Invalid."""
    members = {name: getattr(ticket, name) for name in CHANGEABLE}
    Register(company_id=ticket.company_id, **{**members, **to})
