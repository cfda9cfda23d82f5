"""Bookings and sales to try adapters with."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Final

from attrs import evolve, frozen

from myticket_core.access import EVERYTHING
from myticket_core.booking.model import Booking, BookingId, Status
from myticket_core.booking.ports import Bookings, Claim, Sales
from myticket_core.booking.sale import Sale, hold
from myticket_core.booking.terms import Terms
from myticket_core.conformance.builders import NOW, cause
from myticket_core.messages import Cause, Decision
from myticket_core.paging import Paging
from myticket_core.ports import Outbox


@frozen
class BookingStore:
    """All on one database."""

    bookings: Bookings
    sales: Sales
    outbox: Outbox


UNTIL: Final = NOW + timedelta(days=7)
"""Buyers may cancel until then, for a tenth of the price."""


def terms_with(capacity: int | None, version: int = 1, price: int = 15_000, ends: datetime | None = None) -> Terms:
    return Terms(
        company_id=1,
        price=price,
        capacity=capacity,
        name="a concert",
        ends=ends,
        cancel_until=UNTIL,
        cancel_fee_percent=10,
        version=version,
    )


def pending(ticket_id: int = 1, customer_id: int = 1, until: datetime = NOW + timedelta(minutes=10)) -> Booking:
    """A booking as asked for; id, price and company come with the claim."""
    return Booking(
        id=BookingId(0),
        ticket_id=ticket_id,
        customer_id=customer_id,
        company_id=None,
        price=0,
        expires_at=until,
        created_at=NOW,
        correlation_id=f"of-{customer_id}",
    )


def claim(booking: Booking, asked_price: int | None = None) -> Claim:
    return partial(hold, booking=booking, asked_price=asked_price)


def confirmed(booking: Booking) -> Decision[Booking]:
    return booking.confirmed(payment_id=booking.id + 1000)


def canceled(booking: Booking) -> Decision[Booking]:
    return booking.canceled("changed my mind")


def called_off(booking: Booking) -> Decision[Booking]:
    return booking.called_off("changed my mind", NOW)


def held_on(booking: Booking) -> Decision[Booking]:
    """One minute longer, however often that happens."""
    return evolve(booking, expires_at=booking.expires_at + timedelta(minutes=1)), ()


async def on_sale(store: BookingStore, ticket_id: int = 1, capacity: int | None = None, version: int = 1) -> Sale:
    """The ticket with this capacity; None: unlimited."""
    return await store.sales.change(ticket_id, lambda sale: sale.sold_on(terms_with(capacity, version)), cause())


async def closed(store: BookingStore, ticket_id: int = 1) -> Sale:
    """The ticket deleted."""
    why = cause()
    return await store.sales.change(ticket_id, lambda sale: sale.closed(why), why)


async def held(store: BookingStore, booking: Booking | None = None, why: Cause | None = None) -> Booking:
    """A held seat."""
    booking = booking or pending()
    kept = await store.bookings.hold(booking.ticket_id, claim(booking), why or cause())
    return kept.state


async def booked(store: BookingStore, booking: Booking | None = None) -> Booking:
    """A booked seat."""
    return await store.bookings.change((await held(store, booking)).id, confirmed, cause())


async def every(store: BookingStore) -> list[Booking]:
    """All bookings there are, by id."""
    return list((await store.bookings.list(EVERYTHING, Paging(size=1000))).items)


async def counts(store: BookingStore, ticket_id: int = 1) -> tuple[int, int]:
    """(held, booked) as the sale counts them."""
    sale = await store.sales.get(ticket_id)
    return sale.held, sale.booked


async def counted(store: BookingStore, ticket_id: int = 1) -> tuple[int, int]:
    """(held, booked) as the bookings themselves say."""
    mine = [booking.status for booking in await every(store) if booking.ticket_id == ticket_id]
    return mine.count(Status.PENDING), mine.count(Status.BOOKED)
