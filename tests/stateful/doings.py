"""What people do with the system, and what is done to it. Arguments are small numbers: chance, or Hypothesis, picks."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from myticket_core.access import EVERYTHING, Scope
from myticket_core.booking.book import Book
from myticket_core.booking.cancel import Cancel
from myticket_core.booking.check_in import CheckIn
from myticket_core.booking.deletion import Steer
from myticket_core.booking.model import BookingId
from myticket_core.booking.resume import Resume
from myticket_core.booking.wait import Wait
from myticket_core.invariants import AnswerRow
from myticket_core.messages import Cause
from myticket_core.ticket.change import Change
from myticket_core.ticket.delete import Delete
from myticket_core.ticket.model import TicketId
from myticket_core.ticket.register import Register
from tests.stateful.ports import BEGIN
from tests.stateful.scheduler import Lost
from tests.stateful.world import World

METHODS: Final = (None, None, None, None, "declined", "unavailable", "lost")
COMPANIES, CUSTOMERS = 2, 4
STEPS: Final = (-60.0, 0.0, 60.0)
CANCELS: Final = (
    {},
    {"cancel_fee_percent": 10},
    {"cancel_fee_percent": 100, "cancel_until": BEGIN + timedelta(seconds=60)},
    {"cancel_until": BEGIN + timedelta(seconds=20)},
)
"""Terms of cancellation."""
NONSENSE: Final = (b"hello", b"", b"[1]", b'{"eventType":"Booked"}', b'{"eventType":null,"id":1}', b'{"id":3}')


class Doings:
    def __init__(self, world: World) -> None:
        self.world = world
        self.cases = 0

    def register(self, company: int, price: int, capacity: int | None, cancel: dict[str, Any] | None = None) -> None:
        order = Register(company_id=company, price=price, capacity=capacity, name="서울", **(cancel or {}))
        ticket = self.world.ticket
        case = self._case()

        async def do() -> None:
            kept = await self._insist(lambda: ticket.register(order, self._cause(case, f"t{case}")), ticket)
            self._answered("ticket", kept.state, f"t{case}")

        self.world.client(do())

    def change(self, which: int, to: dict[str, Any]) -> None:
        ticket, case = self.world.ticket, self._case()
        order = Change(id=TicketId(which), to=to)

        async def do() -> None:
            owner = self._organizer(which)
            self._answered(
                "ticket", await self.world.request(ticket, lambda: ticket.change(order, owner, self._cause(case)))
            )

        self.world.client(do())

    def delete(self, which: int, paused: bool = False) -> None:
        """Then the cancellation of its bookings is `paused` as soon as booking has heard of it, if it is quick."""
        ticket, case = self.world.ticket, self._case()

        async def do() -> None:
            owner, order = self._organizer(which), Delete(id=TicketId(which))
            self._answered(
                "ticket", await self.world.request(ticket, lambda: ticket.delete(order, owner, self._cause(case)))
            )
            for _ in range(5 if paused else 0):
                await self.world.scheduler.sleep(1)
                self.steer(which, paused)

        self.world.client(do())

    def book(self, which: int, customer: int, method: str | None, times: int = 1) -> None:
        """Under one idempotency key: again after no answer, and `times` at once."""
        order = Book(ticket_id=which, customer_id=customer, method=method)
        book, case = self.world.book, self._case()
        key = f"b{case}"

        async def do() -> None:
            answer = await self._insist(lambda: book.book(order, self._cause(case, key)), book)
            self._answered("booking", answer.booking, key)

        for _ in range(times):
            self.world.client(do())

    def resume(self, which: int, method: str | None) -> None:
        """Under an idempotency key, too: again after no answer."""
        book, case, order = self.world.book, self._case(), Resume(id=BookingId(which), method=method)
        key = f"r{case}"

        async def do() -> None:
            answer = await self._insist(lambda: book.resume(order, EVERYTHING, self._cause(case, key)), book)
            self._answered("booking", answer.booking, key)

        self.world.client(do())

    def cancel(self, which: int, by_buyer: bool = True) -> None:
        """By its buyer, on the terms it was held on, or by an operator. Every other one is shown them before."""
        book, case, order = self.world.book, self._case(), Cancel(id=BookingId(which))

        async def do() -> None:
            known, cause = book.store.bookings.get(BookingId(which)), self._cause(case)
            owner = Scope(customer_id=known.customer_id) if by_buyer and known else EVERYTHING
            agreed = await shown(owner, cause) if case % 2 else order
            self._answered("booking", await self.world.request(book, lambda: book.cancel(agreed, owner, cause)))

        async def shown(owner: Scope, cause: Cause) -> Cancel:
            foreseen = await self.world.request(book, lambda: book.cancel.preview(order, owner))
            book.store.agreed[cause.correlation_id] = foreseen.fee
            await self.world.scheduler.sleep(10)
            return Cancel(id=order.id, fee=foreseen.fee)

        self.world.client(do())

    def check_in(self, which: int, doors: int) -> None:
        """At so many doors at once; at each it is asked again after no answer."""
        book, order, case = self.world.book, CheckIn(id=BookingId(which)), self._case()

        async def do(door: str) -> None:
            await self._insist(lambda: book.check_in(order, EVERYTHING, self._cause(case, door)), book)
            self.world.inside.setdefault(which, set()).add(door)

        for door in range(doors):
            self.world.client(do(f"d{case}-{door}"))

    def wait(self, which: int, customer: int) -> None:
        """Joining is the same however often it is asked for."""
        book, case, order = self.world.book, self._case(), Wait(ticket_id=which, customer_id=customer)

        async def do() -> None:
            await self._insist(lambda: book.wait.join(order, self._cause(case)), book)

        self.world.client(do())

    def leave(self, which: int, customer: int) -> None:
        book, case, order = self.world.book, self._case(), Wait(ticket_id=which, customer_id=customer)
        owner = Scope(customer_id=customer)

        async def do() -> None:
            await self._insist(lambda: book.wait.leave(order, owner, self._cause(case)), book)

        self.world.client(do())

    def steer(self, which: int, paused: bool) -> None:
        """The organizer pauses the cancellation of a deleted ticket's bookings, or lets it go on."""
        book, order, cause = self.world.book, Steer(ticket_id=which, paused=paused), self._cause(self._case())

        async def do() -> None:
            await self.world.request(book, lambda: book.deletions.steer(order, self._organizer(which), cause))

        self.world.client(do())

    def care(self) -> None:
        """Somebody replays what is parked while everything goes on."""
        self.world.care()

    def rebuild(self) -> None:
        """My page is made anew while everything goes on; nobody starts that twice at once."""
        self.world.mypage.start_rebuild()

    def kill(self, name: str) -> None:
        self.world.named[name].process.kill()

    def stop(self, name: str, seconds: float) -> None:
        self.world.named[name].process.stop(seconds)

    def cut(self, name: str, cut: bool) -> None:
        """From the log, for as long as nobody mends it."""
        self.world.named[name].cut = cut

    def step_clock(self, name: str, offset: float) -> None:
        self.world.named[name].clock.offset = offset

    def write_nonsense(self, what: bytes, key: str | None) -> None:
        """Somebody else writes to the log, for a key of ours or for none."""
        log = self.world.log
        log.memory.append(key, what, {"ce_id": f"nonsense-{len(log.memory.records)}"})
        log.arrived.fire()

    async def _insist(self, ask: Any, service: Any) -> Any:
        """With an idempotency key one asks again until there is an answer, or patience ends."""
        for attempt in range(4):
            try:
                return await self.world.request(service, ask)
            except Lost:
                await self.world.scheduler.sleep(2.0**attempt)
        raise Lost("gave up")

    def _organizer(self, ticket_id: int) -> Scope:
        known = self.world.ticket.store.tickets.get(TicketId(ticket_id))
        return Scope(company_id=known.company_id if known else 1)

    def _answered(self, kind: str, state: Any, key: str | None = None) -> None:
        self.world.answers.append(AnswerRow(kind=kind, id=state.id, status=state.status.value, key=key))

    def _case(self) -> int:
        self.cases += 1
        return self.cases

    def _cause(self, case: int, key: str | None = None) -> Cause:
        return Cause(id=self.world.ids.new(), correlation_id=f"case-{case}", key=key)
