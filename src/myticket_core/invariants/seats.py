"""Invariants 1 and 7: seats."""

from __future__ import annotations

from collections import Counter

from myticket_core.invariants.finding import Found
from myticket_core.invariants.rows import SaleRow, Snapshot

LIVE = ("PENDING", "BOOKED")


def within_capacity(snapshot: Snapshot) -> Found:
    """1. held + booked ≤ capacity, unless the capacity was lowered below what was taken: then ≤ that, and sinking."""
    for sale in snapshot.sales or ():
        taken = sale.held + sale.booked
        if sale.ceiling is not None and taken > sale.ceiling:
            yield f"{taken} of {sale.ceiling} seats are taken", (sale.ticket_id,)
        elif sale.ceiling != _ceiling(sale, taken):
            yield f"the guard stands at {sale.ceiling}, {taken} of {sale.capacity} are taken", (sale.ticket_id,)


def _ceiling(sale: SaleRow, taken: int) -> int | None:
    return None if sale.capacity is None else max(sale.capacity, taken)


def counts_are_bookings(snapshot: Snapshot) -> Found:
    """1. A sale's counts are its bookings'."""
    are = Counter((booking.ticket_id, booking.status) for booking in snapshot.bookings or ())
    known = {sale.ticket_id for sale in snapshot.sales or ()}
    for sale in snapshot.sales or ():
        held, booked = (are[sale.ticket_id, status] for status in LIVE)
        if (sale.held, sale.booked) != (held, booked):
            counted = f"the sale counts {sale.held} held and {sale.booked} booked, there are {held} and {booked}"
            yield counted, (sale.ticket_id,)
    for booking in snapshot.bookings or ():
        if booking.ticket_id not in known:
            yield f"no sale of ticket {booking.ticket_id}", (booking.id,)


def deleted_is_over(snapshot: Snapshot) -> Found:
    """7. A deleted ticket has no live booking or hold unless the organizer paused that, and its sale is closed."""
    deleted = {ticket.id for ticket in snapshot.tickets or () if ticket.status == "DELETED"}
    over = deleted - {sale.ticket_id for sale in snapshot.sales or () if sale.paused}
    for booking in snapshot.bookings or ():
        if booking.ticket_id in over and booking.status in LIVE:
            yield f"{booking.status}, but ticket {booking.ticket_id} is deleted", (booking.id,)
    for sale in snapshot.sales or ():
        if sale.deleted != (sale.ticket_id in deleted):
            yield f"the sale is {'closed' if sale.deleted else 'open'}, the ticket is not", (sale.ticket_id,)
