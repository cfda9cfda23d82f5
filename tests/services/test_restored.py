"""Book comes back from an older state, and pay does not: what it has of a number may be of another booking."""

from __future__ import annotations

from datetime import timedelta

from adapters.memory import InProcessPayments
from adapters.system import concurrently
from myticket_core.booking.model import BookingId, Status
from myticket_core.booking.reconcile import ReconcilePayments
from tests.services.graphql_world import GraphWorld
from tests.services.rest_world import World


async def test_what_somebody_else_has_paid_books_nothing() -> None:
    world = World()
    await world.ticket(), await world.ticket(price=90_000)
    assert (await world.ask("customer 1", "POST", "/books", {"ticketId": 1})).status_code == 201
    world.dbs["book"].bookings.clear()
    for path, body in (("/books", {"ticketId": 2}), ("/books/1/payment", None)):
        answer = await world.ask("customer 2", "POST", path, body)
        said = answer.json()
        assert (answer.status_code, said["code"], said["bookId"]) == (409, "another_payment", 1)
        assert (said["bookStatus"], answer.headers["Location"]) == ("PENDING", said["_links"]["self"]["href"])
        assert not any(word in answer.text for word in ("price", "15000", "customer"))
    await reconciled(world)
    booking = world.dbs["book"].bookings[BookingId(1)]
    assert (booking.customer_id, booking.status, booking.payment_id) == (2, Status.PENDING, None)


async def test_the_graph_too_tells_of_the_hold_and_nothing_of_the_other_payment() -> None:
    world = GraphWorld()
    await world.ticket(), await world.ticket(price=90_000)
    assert (await world.ask("customer 1", "POST", "/books", {"ticketId": 1})).status_code == 201
    world.dbs["book"].bookings.clear()
    outcome = "{ __typename ... on PaidOtherwise { code message booking { id status price } } }"
    for mutation in ("book(booking: {ticketId: 2})", "payBooking(id: 1)"):
        said = await world.say("customer 2", f"mutation {{ {mutation} {outcome} }}")
        assert (said["__typename"], said["code"]) == ("PaidOtherwise", "another_payment")
        assert said["booking"] == {"id": 1, "status": "PENDING", "price": 90_000}
        assert not any(word in said["message"] for word in ("15000", "customer"))


async def reconciled(world: World) -> None:
    world.clock.time += timedelta(minutes=1)
    asked = InProcessPayments(world.approve, world.payments, timedelta(seconds=3))
    await ReconcilePayments(world.bookings, asked, world.clock, world.ids, concurrently)()
