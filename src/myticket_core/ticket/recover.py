"""What the ticket context has told, heard by itself: a store that was put back to an older state has it again."""

from __future__ import annotations

from attrs import frozen

from myticket_core.messages import Cause, command
from myticket_core.ticket.events import TicketChanged, TicketDeleted, TicketRegistered
from myticket_core.ticket.model import Status, Ticket, TicketId
from myticket_core.ticket.ports import Tickets
from myticket_core.values import moment


@command
class RecoverTicket:
    said: TicketRegistered | TicketChanged | TicketDeleted

    def told(self) -> Ticket | None:
        """The ticket, as far as the event tells it; None: said by an original, which counts no versions."""
        said = self.said
        if not said.version or said.company_id is None or said.status is None or said.status not in [*Status]:
            return None
        return Ticket(
            id=TicketId(said.id),
            company_id=said.company_id,
            price=said.price or 0,
            name=said.name,
            capacity=getattr(said, "capacity", None),
            starts=moment(getattr(said, "start_date", None)),
            ends=moment(getattr(said, "end_date", None)),
            cancel_until=moment(getattr(said, "cancel_until", None)),
            cancel_fee_percent=getattr(said, "cancel_fee_percent", None),
            status=Status(said.status),
            version=said.version,
        )


@frozen
class TicketRecovery:
    """Nothing is decided and nobody is told. What is known as well, or better, stays as it is."""

    tickets: Tickets

    async def __call__(self, order: RecoverTicket, cause: Cause) -> None:
        told = order.told()
        if told is not None:
            await self.tickets.recover(told, order.said, cause)
