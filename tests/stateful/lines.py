"""What lies between book and the services it asks: requests and answers are lost, come late, or find nobody."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from attrs import fields

from adapters.memory.in_process import found, outcome_of
from adapters.rest.breaker import Breaker, Refused, State
from adapters.rest.breaker_window import Thresholds
from myticket_core.access import EVERYTHING
from myticket_core.booking.model import Booking
from myticket_core.booking.ports import Outcome, Unknown
from myticket_core.booking.terms import Terms
from myticket_core.errors import NotFound, Unavailable
from myticket_core.messages import Cause
from myticket_core.payment.approve import Approve
from myticket_core.payment.model import Payment
from myticket_core.ticket.model import TicketId
from tests.stateful.ports import Host
from tests.stateful.scheduler import Lost, Task

if TYPE_CHECKING:
    from tests.stateful.services import Service
    from tests.stateful.world import World

PATIENCE = 3.0
LATER = timedelta(seconds=5)


class PaymentLine:
    """Behind the real circuit breaker; what certainly was not charged is asked once more, while that is closed."""

    def __init__(self, world: World, host: Host) -> None:
        self._world, self._host = world, host
        scheduler, random = world.scheduler, world.chance.random
        self._breaker = Breaker(Thresholds(PATIENCE, least=3), clock=lambda: scheduler.now, chance=random.random)

    async def request(self, booking: Booking) -> Outcome:
        try:
            return await self._permitted(booking)
        except Unavailable:
            if self._breaker.state is not State.CLOSED:
                raise
        return await self._permitted(booking)

    async def _permitted(self, booking: Booking) -> Outcome:
        try:
            call = self._breaker.call()
        except Refused as refused:
            raise Unavailable(str(refused), timedelta(seconds=refused.wait)) from refused
        with call:
            call.was(good=False)
            outcome = await self._sent(booking)
            call.was(good=not isinstance(outcome, Unknown))
            return outcome

    async def _sent(self, booking: Booking) -> Outcome:
        await self._host.point()
        chance, scheduler = self._world.chance, self._world.scheduler
        if not self._world.pay.process.up or chance.of("pay unreachable"):
            raise Unavailable("pay is not reachable", LATER)
        if chance.of("pay request lost"):
            await scheduler.sleep(PATIENCE)
            return Unknown()
        delay = chance.seconds(1, 90) if chance.of("pay request late") else 0.0
        asking = self._world.outside.spawn(self._arrive(booking, delay))
        answered = await scheduler.join(asking, PATIENCE)
        await self._host.point()
        return Unknown() if not answered or chance.of("pay answer lost") else self._read(booking, asking)

    def shut(self) -> timedelta | None:
        return timedelta(seconds=self._breaker.wait) if self._breaker.room == 0 else None

    def pace(self) -> float:
        return 2.0

    def admits(self) -> int:
        room = self._breaker.room
        return int(self._world.chance.one((0, 1, 5))) if room is None else room

    async def find(self, booking: Booking) -> Outcome | None:
        await self._host.point()
        if self._world.chance.of("pay unreachable"):
            raise Unavailable("pay is not reachable", LATER)
        pay = self._world.pay
        try:
            return found(booking, await ask(pay, lambda: pay.payments.of_booking(booking.id, EVERYTHING)))
        except NotFound:
            return None

    async def _arrive(self, booking: Booking, delay: float) -> Payment | None:
        """The request on its way; None when nobody is there any more."""
        if delay:
            self._world.late += 1
            await self._world.scheduler.sleep(delay)
            self._world.late -= 1
        pay = self._world.pay
        if not pay.process.up:
            return None
        cause = Cause(id=f"payment-of-{booking.id}", correlation_id=booking.correlation_id)
        approving = pay.process.spawn(pay.approve(asked(booking), cause))
        await self._world.scheduler.join(approving)
        payment: Payment = approving.outcome().state
        return payment

    def _read(self, booking: Booking, asking: Task) -> Outcome:
        try:
            payment = asking.outcome()
        except Unavailable:
            raise
        except Exception:  # pay broke down over it: who knows how far it came
            return Unknown()
        return Unknown() if payment is None else outcome_of(booking, payment)


class CatalogLine:
    def __init__(self, world: World, host: Host) -> None:
        self._world, self._host = world, host

    async def terms(self, ticket_id: int) -> Terms:
        await self._host.point()
        service = self._world.ticket
        ticket = await ask(service, lambda: service.search.one(TicketId(ticket_id)))
        await self._host.point()
        return Terms(**{field.name: getattr(ticket, field.name) for field in fields(Terms)})


async def ask(service: Service, question: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    """A question that changes nothing. Raises Unavailable when there is no answer in time, or nobody to ask."""
    if not service.process.up:
        raise Unavailable(f"{service.name} is not reachable", LATER)
    asking = service.process.spawn(question())
    if not await service.world.scheduler.join(asking, PATIENCE):
        raise Unavailable(f"{service.name} does not answer", LATER)
    try:
        return asking.outcome()
    except Lost as lost:
        raise Unavailable(str(lost), LATER) from lost


def asked(booking: Booking) -> Approve:
    return Approve(
        booking_id=booking.id,
        price=booking.price,
        ticket_id=booking.ticket_id,
        company_id=booking.company_id,
        customer_id=booking.customer_id,
        starts=booking.starts,
        ends=booking.ends,
        method=booking.method,
    )
