"""Invariants 1 and 7: seats, and who waits for them."""

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


def waiting_is_counted(snapshot: Snapshot) -> Found:
    """1. A sale counts who waits, so that nobody else gets their seats; and nobody stands where another one does."""
    waits = [it for it in snapshot.waiting or () if it.status == "WAITING"]
    are = Counter(it.ticket_id for it in waits)
    for sale in snapshot.sales or ():
        if sale.waiting != are[sale.ticket_id]:
            yield f"the sale counts {sale.waiting} who wait, there are {are[sale.ticket_id]}", (sale.ticket_id,)
    for (ticket_id, number), times in Counter((it.ticket_id, it.number) for it in waits).items():
        if times > 1:
            yield f"{times} have number {number} in the line of ticket {ticket_id}", (ticket_id,)


def offered_is_a_booking(snapshot: Snapshot) -> Found:
    """1. An offer is one booking, of that ticket and customer and of no other place; what was taken was booked."""
    bookings = {booking.id: booking for booking in snapshot.bookings or ()}
    offers = Counter(it.booking_id for it in snapshot.waiting or () if it.booking_id is not None)
    for it in snapshot.waiting or ():
        if it.booking_id is None:
            if it.status in ("OFFERED", "TAKEN"):
                yield f"{it.status}, and no booking", (it.id,)
            continue
        booking = bookings.get(it.booking_id)
        if booking is None or (booking.ticket_id, booking.customer_id) != (it.ticket_id, it.customer_id):
            yield f"its offer {it.booking_id} is not theirs", (it.id,)
        elif it.status == "TAKEN" and booking.status not in ("BOOKED", "CANCELED"):
            yield f"TAKEN, but booking {booking.id} is {booking.status}", (it.id,)
        if offers[it.booking_id] > 1:
            yield f"booking {it.booking_id} is the offer of {offers[it.booking_id]} places", (it.id,)


def offers_are_settled(snapshot: Snapshot) -> Found:
    """1. What has become of an offer is known of the place, too."""
    bookings = {booking.id: booking for booking in snapshot.bookings or ()}
    for it in snapshot.waiting or ():
        booking = bookings.get(it.booking_id or 0)
        if it.status == "OFFERED" and booking is not None and booking.status != "PENDING":
            yield f"OFFERED, but booking {booking.id} is {booking.status}", (it.id,)


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


def sold_as_it_is(snapshot: Snapshot) -> Found:
    """9. A ticket is sold on its present terms, where it says their version: an original's does not."""
    tickets = {ticket.id: ticket.version for ticket in snapshot.tickets or () if ticket.status != "DELETED"}
    for sale in snapshot.sales or ():
        version = tickets.get(sale.ticket_id, sale.offer_version)
        if sale.offer_version not in (None, version):
            yield f"sold as of version {sale.offer_version}, the ticket's is {version}", (sale.ticket_id,)
