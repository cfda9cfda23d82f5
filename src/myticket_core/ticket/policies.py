"""Whenever … then …: what the ticket context does about what others say."""

from __future__ import annotations

from typing import Final

from myticket_core.booking.events import BackOnSale, SoldOut
from myticket_core.reacting import Whenever
from myticket_core.ticket.events import TicketChanged, TicketDeleted, TicketRegistered
from myticket_core.ticket.model import TicketId
from myticket_core.ticket.recover import RecoverTicket
from myticket_core.ticket.track_stock import TrackStock

WHENEVER: Final[Whenever] = {
    SoldOut: lambda said: TrackStock(id=TicketId(said.id), available=False, version=said.version or 0),
    BackOnSale: lambda said: TrackStock(id=TicketId(said.id), available=True, version=said.version or 0),
}

RECOVERED: Final[Whenever] = {
    kind: lambda said: RecoverTicket(said=said) for kind in (TicketRegistered, TicketChanged, TicketDeleted)
}
"""What it has said itself, when all is heard again."""
