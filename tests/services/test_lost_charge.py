"""A charge is lost before it reaches the provider: pay knows when it is too late for it to arrive, and so does book."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

from adapters.memory import InProcessPayments
from adapters.system import concurrently
from myticket_core.booking.admit import AdmitBuyers, PayingLine
from myticket_core.booking.model import Booking, BookingId, Status
from myticket_core.booking.ports import Outcome
from myticket_core.booking.reconcile import ReconcilePayments
from myticket_core.payment.approve import DOUBT
from myticket_core.payment.settle import SettlePayments
from tests.services.rest_world import World


class Overtaken(InProcessPayments):
    """What it has found is of before what happens `meanwhile`, once."""

    meanwhile: Callable[[], Awaitable[object]] | None = None

    async def find(self, booking: Booking) -> Outcome | None:
        outcome, meanwhile, self.meanwhile = await super().find(booking), self.meanwhile, None
        if meanwhile:
            await meanwhile()
        return outcome


class Workers:
    """One each, as a process has them."""

    def __init__(self, world: World) -> None:
        self.asked = asked = Overtaken(world.approve, world.payments, timedelta(seconds=3))
        whole = (world.clock, world.ids, concurrently)
        self.world = world
        self.settle = SettlePayments(world.payments, world.provider, *whole)
        self.reconcile = ReconcilePayments(world.bookings, asked, *whole)
        self.admit = AdmitBuyers(world.bookings, asked, PayingLine(), *whole)

    async def go_on(self, time: timedelta) -> None:
        until = self.world.clock.time + time
        while self.world.clock.time < until:
            self.world.clock.time += timedelta(seconds=5)
            await self.settle()
            await self.reconcile()
            await self.admit()

    def told(self) -> list[str]:
        return [it.type for it in self.world.dbs["book"].outbox.values()]


async def _lost() -> World:
    world = World()
    await world.ticket()
    answer = await world.ask("customer 1", "POST", "/books", {"ticketId": 1, "paymentMethod": "late"})
    assert (answer.status_code, answer.json()["code"]) == (202, "payment_pending")
    return world


async def test_its_buyer_is_told_to_pay_while_the_seat_is_held_and_pays_once() -> None:
    workers = Workers(world := await _lost())
    await workers.go_on(DOUBT - timedelta(seconds=10))
    assert workers.told() == [], "it may be charged yet"
    await workers.go_on(timedelta(minutes=1))
    assert workers.told() == ["PaymentDue"]
    paid = await world.ask("customer 1", "POST", "/books/1/payment", {"paymentMethod": "card"})
    assert (paid.status_code, world.provider.amounts) == (200, {"booking-1": 15000})


async def test_who_pays_while_book_looks_is_charged_once() -> None:
    workers = Workers(world := await _lost())
    world.clock.time += DOUBT
    await workers.settle()
    workers.asked.meanwhile = lambda: world.ask("customer 1", "POST", "/books/1/payment", {"paymentMethod": "lost"})
    await workers.reconcile()
    booking = world.dbs["book"].bookings[BookingId(1)]
    assert (booking.status, booking.due_from) == (Status.PENDING, world.clock.time)
    await workers.go_on(timedelta(seconds=10))
    assert (workers.told()[-1], world.dbs["book"].bookings[booking.id].status) == ("Booked", Status.BOOKED)
    assert world.provider.amounts == {"booking-1": 15000}
