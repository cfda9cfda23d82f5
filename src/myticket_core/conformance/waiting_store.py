"""A sold-out ticket and who waits for it, to try adapters with."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from attrs import evolve, frozen

from myticket_core.booking.model import Booking, BookingId
from myticket_core.booking.ports import WaitingList
from myticket_core.booking.sale import Sale
from myticket_core.booking.waiting import Place, Seen, Stood, Waiting, join, offer
from myticket_core.conformance.booking_store import (
    BookingStore,
    canceled,
    every,
    held,
    on_sale,
    pending,
    terms_with,
)
from myticket_core.conformance.builders import NOW, cause
from myticket_core.messages import Decision

UNTIL: Final = NOW + timedelta(minutes=15)


@frozen
class WaitingStore(BookingStore):
    """All on one database."""

    line: WaitingList


async def sold_out(store: WaitingStore) -> WaitingStore:
    await sold(store, 1)
    return store


async def sold(store: WaitingStore, ticket: int) -> None:
    """Its one seat, to customer 999."""
    await on_sale(store, ticket, capacity=1)
    await held(store, pending(ticket, customer_id=999))


async def originals(store: WaitingStore, ticket: int) -> None:
    """The one seat of a ticket that an original sells, to customer 999."""
    terms = evolve(terms_with(1), version=None)
    await store.sales.change(ticket, lambda sale: sale.sold_on(terms), cause())
    await held(store, pending(ticket, customer_id=999))


async def joined(store: WaitingStore, customer: int, ticket: int = 1, at: datetime = NOW) -> Waiting:
    place = Place(ticket, customer)

    def take(seen: Seen) -> Stood:
        return join(seen, place, at, f"of-{customer}")

    return await store.line.join(place, take, cause())


async def freed(store: WaitingStore, ticket: int = 1) -> None:
    """One of the seats that customer 999, or 1, has is given back."""
    mine = [it for it in await every(store) if it.live and it.ticket_id == ticket and it.customer_id in (1, 999)]
    await store.bookings.change(mine[0].id, canceled, cause())


def give(sale: Sale, waiting: Waiting, id: BookingId) -> tuple[Sale, Waiting, Decision[Booking]]:
    return offer(sale, waiting, id, waiting.number, NOW, UNTIL)


async def offered_to(store: WaitingStore, customer: int) -> Booking:
    await freed(store)
    return await store.line.offer(Place(1, customer), give, cause())


async def waited(store: WaitingStore, ticket: int = 1) -> tuple[int, int]:
    """How many wait for the ticket, of how many who ever joined."""
    sale = await store.sales.get(ticket)
    return sale.waiting, sale.numbered
