"""Book comes back from an older state, and pay does not: what it has of a number may be of another booking."""

from __future__ import annotations

from datetime import timedelta

from adapters.memory import InProcessPayments
from adapters.system import concurrently
from myticket_core.booking.model import BookingId, Status
from myticket_core.booking.reconcile import ReconcilePayments
from tests.services.rest_world import World


async def test_what_somebody_else_has_paid_books_nothing() -> None:
    world = World()
    await world.ticket(), await world.ticket(price=90_000)
    assert (await world.ask("customer 1", "POST", "/books", {"ticketId": 1})).status_code == 201
    world.dbs["book"].bookings.clear()
    answer = await world.ask("customer 2", "POST", "/books", {"ticketId": 2})
    assert (answer.status_code, answer.json()["code"]) == (409, "another_payment")
    await reconciled(world)
    booking = world.dbs["book"].bookings[BookingId(1)]
    assert (booking.customer_id, booking.status, booking.payment_id) == (2, Status.PENDING, None)


async def reconciled(world: World) -> None:
    world.clock.time += timedelta(minutes=1)
    asked = InProcessPayments(world.approve, world.payments, timedelta(seconds=3))
    await ReconcilePayments(world.bookings, asked, world.clock, world.ids, concurrently)()
