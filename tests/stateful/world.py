"""The whole system on one virtual clock, with everything that can go wrong going wrong by chance."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from functools import partial
from random import Random
from typing import Any, Final

from adapters.memory import MemoryViews
from myticket_core.access import EVERYTHING
from myticket_core.booking.cancel import BY_BUYER
from myticket_core.booking.deletion import Steer
from myticket_core.booking.model import BookingId
from myticket_core.errors import MyticketError
from myticket_core.invariants import AnswerRow, Violation, violations
from myticket_core.messages import Cause
from myticket_core.mypage.rebuild import RebuildPages
from myticket_core.payment.refund import RefundStatus
from myticket_core.payment.retry import RetryRefund
from tests.stateful.chance import Chance
from tests.stateful.looking import look
from tests.stateful.ports import Ids, Log
from tests.stateful.provider import Provider
from tests.stateful.scheduler import Lost, Process, Scheduler
from tests.stateful.services import (
    AlarmService,
    BookService,
    MypageService,
    PayService,
    Service,
    TicketService,
)

PATIENCE = 30.0
AT_REST: Final = 100
"""Times twenty seconds: within that, after all is healed, whatever is on its way has to arrive."""


class World:
    def __init__(self, seed: int) -> None:
        random = Random(seed)
        self.chance, self.scheduler, self.ids = Chance(random), Scheduler(random), Ids()
        self.outside = Process("outside", self.scheduler)
        self.log = Log(self.scheduler, self.outside)
        self.provider = Provider(self.scheduler, self.outside, self.chance)
        self.late = 0  # requests that will still arrive
        self.answers: list[AnswerRow] = []
        self.inside: dict[int, set[str]] = {}  # of each booking, the doors that have let somebody in
        self.unexpected: list[str] = []
        self.rebuilt: Sequence[str] | None = None
        self.ticket, self.book, self.pay = TicketService(self), BookService(self), PayService(self)
        self.alarm, self.mypage = AlarmService(self), MypageService(self)
        self.services: tuple[Service, ...] = (self.ticket, self.book, self.pay, self.alarm, self.mypage)
        self.named: Mapping[str, Service] = {service.name: service for service in self.services}
        for service in self.services:
            service.boot()

    def run(self, seconds: float) -> None:
        """Time goes by; what is down may come back."""
        self.scheduler.run(seconds)
        for service in self.services:
            if not service.process.up and self.chance.random.random() < 0.3:
                service.boot()

    def request(self, service: Service, call: Callable[[], Coroutine[Any, Any, Any]]) -> Coroutine[Any, Any, Any]:
        """What a client does: it asks, and gets an answer, an error of ours, or Lost."""

        async def asking() -> Any:
            if not service.process.up:
                raise Lost("nobody there")
            task = service.process.spawn(call())
            if not await self.scheduler.join(task, PATIENCE) or self.chance.of("answer lost"):
                raise Lost("no answer")
            return task.outcome()

        return asking()

    def client(self, doing: Coroutine[Any, Any, None]) -> None:
        """Somebody does something and takes refusals and trouble as they come."""

        async def living() -> None:
            try:
                await doing
            except (MyticketError, Lost):
                return
            except Exception as error:
                self.unexpected.append(f"a client got {error!r}")

        self.outside.spawn(living())

    def always(self) -> Sequence[Violation]:
        """What is violated at this instant."""
        return [*violations(look(self), at_rest=False), *self._seen()]

    def rest(self) -> Sequence[Violation]:
        """Heal everything, wait until all has settled, replay what was parked, and look at everything."""
        self.heal()
        for _ in range(AT_REST):
            self.care()
            self.go_on()
            self.scheduler.run(20)
            if not self._restless():
                break
        else:
            return [Violation(0, "it does not come to rest", (self._restless(),))]
        self._rebuild()
        return [*violations(look(self)), *self._seen()]

    def heal(self) -> None:
        self.chance.healed = True
        for service in self.services:
            service.cut, service.clock.offset = False, 0.0
            service.process.go_on()
            if not service.process.up:
                service.boot()

    def close(self) -> None:
        """The end of it all: nothing runs on."""
        for process in (self.outside, *(service.process for service in self.services)):
            process.kill()

    def care(self) -> None:
        """What an operator does: parked events are replayed, nonsense is thrown away, what failed is run again."""
        if self.mypage.unfinished:
            self.mypage.start_rebuild()
        self._retry_refunds()
        for service in self.services:
            if not service.process.up:
                continue
            for consumer, id in list(service.store.parked):
                if id.startswith("nonsense"):
                    del service.store.parked[consumer, id]
                else:
                    self.client(self.request(service, lambda service=service, id=id: service.replay(id)))

    def go_on(self) -> None:
        """What an organizer does in the end: what was paused is let go on."""
        for sale in self.book.store.sales.values():
            if sale.campaign is not None and sale.campaign.paused and self.book.process.up:
                self.client(self.request(self.book, partial(self._let_go_on, sale.ticket_id)))

    async def _let_go_on(self, ticket_id: int) -> None:
        cause = Cause(self.ids.new(), "go on")
        await self.book.deletions.steer(Steer(ticket_id=ticket_id, paused=False), EVERYTHING, cause)

    def _retry_refunds(self) -> None:
        pay = self.pay
        for payment in list(pay.store.payments.values()) if pay.process.up else ():
            if payment.refund is not None and payment.refund.status is RefundStatus.FAILED:
                order, cause = RetryRefund(booking_id=payment.booking_id), Cause(self.ids.new(), payment.correlation_id)
                self.client(self.request(pay, lambda order=order, cause=cause: pay.retry(order, cause)))

    def _restless(self) -> list[str]:
        pay, book, alarm = self.pay.store, self.book.store, self.alarm.store
        states = {
            "requests": self.late + self.provider.under_way + self.log.echoes,
            "outbox": any(service.store.outbox for service in self.services),
            "lag": any(self.log.lag(service.name) for service in self.services),
            "parked": any(service.store.parked for service in self.services),
            "payments": any(it.doubt_until or it.status == "CANCELING" for it in pay.payments.values()),
            "holds": any(it.status == "PENDING" for it in book.bookings.values()),
            "lines": any(it.waiting and (it.deleted or it.free != 0) for it in book.sales.values()),
            "offers": any(it.status == "OFFERED" for it in book.waiting.values()),
            "campaigns": any(it.deleted and it.taken for it in book.sales.values()),
            "rebuild": self.mypage.unfinished,
            "notifications": any(it.status == "QUEUED" for it in alarm.notifications.values()),
        }
        return [name for name, restless in states.items() if restless]

    def _seen(self) -> Sequence[Violation]:
        oversold = [Violation(1, "a seat was given that was not there", (id,)) for id in self.book.store.oversold]
        return [
            *oversold,
            *self._of_money(),
            *self._at_the_door(),
            *(Violation(0, what, ()) for what in self.unexpected),
        ]

    def _of_money(self) -> Sequence[Violation]:
        book = self.book.store
        kept = [Violation(5, "a fee was kept that its buyer did not agree to", (id,)) for id in book.overcharged]
        return [*kept, *(Violation(7, "it is to be paid, and its ticket deleted", (id,)) for id in book.invited)]

    def _at_the_door(self) -> Sequence[Violation]:
        bookings = self.book.store.bookings
        twice = [Violation(11, "two doors let in", (id,)) for id, doors in self.inside.items() if len(doors) > 1]
        lost = [id for id in self.inside if bookings[BookingId(id)].checked_in_at is None]
        used = [it.id for it in bookings.values() if it.checked_in_at is not None and it.reason == BY_BUYER]
        return [
            *twice,
            *(Violation(14, "nobody knows who was let in", (id,)) for id in lost),
            *(Violation(18, "its buyer canceled what was used", (id,)) for id in used),
        ]

    def _rebuild(self) -> None:
        views, history = MemoryViews(self.mypage.store), self.log.memory.history()
        rebuilding = self.outside.spawn(RebuildPages(views, history, self.mypage.clock, self.outside.together)())
        self.scheduler.run(0)
        self.rebuilt = rebuilding.outcome().differences
