"""A ticket and its decisions: (state, command) -> (state, events)."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, Final, NewType

from attrs import evolve, field, frozen

from myticket_core.access import Scope
from myticket_core.errors import NotFound, Rejected
from myticket_core.messages import Decision
from myticket_core.ticket.events import TicketChanged, TicketDeleted, TicketRegistered
from myticket_core.values import millis, or_nothing

TicketId = NewType("TicketId", int)


class Status(StrEnum):
    ON_SALE = "ON_SALE"
    DELETED = "DELETED"


class Step(StrEnum):
    CHANGE = "CHANGE"
    DELETE = "DELETE"


TABLE: Final[dict[tuple[Status, Step], Status | None]] = {
    (Status.ON_SALE, Step.CHANGE): Status.ON_SALE,
    (Status.ON_SALE, Step.DELETE): Status.DELETED,
    (Status.DELETED, Step.CHANGE): None,
    (Status.DELETED, Step.DELETE): None,
}
"""Every status × step; None: a deleted ticket is not found."""


@frozen(kw_only=True)
class Ticket:
    """What an organizer sells: `capacity` seats (None: unlimited) at `price` in the currency's smallest unit.

    Its buyers may cancel until `cancel_until` (None: at any time), for `cancel_fee_percent` of the price.
    `available` is what booking last said of it, `stock_version` the version it said that in.
    """

    id: TicketId
    company_id: int
    price: int
    name: str | None = None
    capacity: int | None = None
    starts: datetime | None = None
    ends: datetime | None = None
    cancel_until: datetime | None = None
    cancel_fee_percent: int = field(default=0, converter=or_nothing)
    status: Status = Status.ON_SALE
    available: bool = True
    stock_version: int = 0
    version: int = 0

    def changed(self, **to: Any) -> Decision[Ticket]:
        """Any of its terms anew; changing to what they are already tells nobody. Raises NotFound."""
        self._next(Step.CHANGE)
        if evolve(self, **to) == self:
            return self, ()
        ticket = evolve(self, **to, version=self.version + 1)
        return ticket, (TicketChanged(**_told(ticket)),)

    def deleted(self) -> Decision[Ticket]:
        """Off sale for good; its bookings are canceled by booking. Raises NotFound."""
        ticket = evolve(self, status=self._next(Step.DELETE), version=self.version + 1)
        facts = TicketDeleted(
            id=ticket.id,
            version=ticket.version,
            company_id=ticket.company_id,
            name=ticket.name,
            price=ticket.price,
            status=ticket.status.value,
        )
        return ticket, (facts,)

    def stocked(self, available: bool, version: int) -> Decision[Ticket]:
        """What booking says about seats being left; older news than what is known changes nothing."""
        if version <= self.stock_version:
            return self, ()
        return evolve(self, available=available, stock_version=version), ()

    def recovered(self, told: Ticket) -> Ticket:
        """As `told`, if that is a later version; else itself. A deletion tells less than is known: the rest is kept."""
        if told.version <= self.version:
            return self
        if told.status is Status.DELETED:
            return evolve(self, status=told.status, version=told.version)
        return evolve(told, available=self.available, stock_version=self.stock_version)

    def owned(self, owner: Scope) -> Ticket:
        """Itself. Raises NotFound when it is somebody else's."""
        if not owner.covers(company_id=self.company_id):
            raise NotFound("ticket", self.id)
        return self

    def expected(self, version: int | None) -> Ticket:
        """Itself. Raises Rejected("changed_meanwhile") when its caller knows another version; None: whichever it is."""
        if version in (None, self.version) or self.status is Status.DELETED:  # that one is not found, whoever knew it
            return self
        raise Rejected("changed_meanwhile", f"ticket {self.id} has changed since it was looked at")

    def _next(self, step: Step) -> Status:
        status = TABLE[self.status, step]
        if status is None:
            raise NotFound("ticket", self.id)
        return status


def registered(ticket: Ticket) -> Decision[Ticket]:
    """A new ticket, told as its first version."""
    ticket = evolve(ticket, version=1)
    return ticket, (TicketRegistered(**_told(ticket)),)


def _told(ticket: Ticket) -> dict[str, Any]:
    return {
        "id": ticket.id,
        "version": ticket.version,
        "company_id": ticket.company_id,
        "name": ticket.name,
        "price": ticket.price,
        "capacity": ticket.capacity,
        "start_date": millis(ticket.starts),
        "end_date": millis(ticket.ends),
        "cancel_until": millis(ticket.cancel_until),
        "cancel_fee_percent": ticket.cancel_fee_percent,
        "status": ticket.status.value,
    }
