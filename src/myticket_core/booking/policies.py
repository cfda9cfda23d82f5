"""Whenever … then …: what booking does about what the ticket context says."""

from __future__ import annotations

from typing import Final

from myticket_core.booking.close_sale import CloseSale
from myticket_core.booking.events import BackOnSale, BookCanceled, Booked, PaymentDue, SoldOut
from myticket_core.booking.recover import RecoverBooking, RecoverSale
from myticket_core.booking.terms import Terms
from myticket_core.booking.track_tickets import TrackTicket
from myticket_core.reacting import Whenever
from myticket_core.ticket.events import TicketChanged, TicketDeleted, TicketRegistered


def _track(said: TicketRegistered | TicketChanged) -> TrackTicket:
    return TrackTicket(ticket_id=said.id, terms=Terms.of(said, said.version))


WHENEVER: Final[Whenever] = {
    TicketRegistered: _track,
    TicketChanged: _track,
    TicketDeleted: lambda said: CloseSale(ticket_id=said.id),
}

RECOVERED: Final[Whenever] = {
    **{kind: lambda said: RecoverBooking(said=said) for kind in (Booked, PaymentDue, BookCanceled)},
    **{kind: lambda said: RecoverSale(said=said) for kind in (SoldOut, BackOnSale)},
}
"""What it has said itself, when all is heard again."""
