"""The five services, composed of the real use cases, policies, relay and reactor, and their workers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from adapters.memory import (
    MemoryBookings,
    MemoryNotifications,
    MemoryOutbox,
    MemoryParking,
    MemoryPaymentBook,
    MemoryProjection,
    MemorySales,
    MemoryTickets,
    MemoryTitles,
    MemoryViews,
    MemoryWaitingList,
)
from myticket_core.asking_again import AskAgain
from myticket_core.booking import policies as booking_policies
from myticket_core.booking.admit import AdmitBuyers, PayingLine
from myticket_core.booking.book import BookTicket
from myticket_core.booking.cancel import CancelBooking
from myticket_core.booking.check_in import CheckInGuests
from myticket_core.booking.close_sale import CancelCampaign, CloseSale, SaleCloser
from myticket_core.booking.collect import RARELY, CollectPayment
from myticket_core.booking.deletion import Deletions
from myticket_core.booking.expire import ExpireHolds
from myticket_core.booking.offer import OfferSeats
from myticket_core.booking.reconcile import ReconcilePayments
from myticket_core.booking.resume import ResumePayment
from myticket_core.booking.track_tickets import TicketTracker, TrackTicket
from myticket_core.booking.wait import WaitForSeat
from myticket_core.errors import Incomplete, InDoubt, Unavailable
from myticket_core.mypage import policies as mypage_policies
from myticket_core.mypage.project import Project, ProjectPages
from myticket_core.mypage.rebuild import RebuildPages
from myticket_core.notification import policies as notification_policies
from myticket_core.notification.compose import Compose, ComposeNotifications
from myticket_core.notification.deliver import DeliverNotifications
from myticket_core.payment import policies as payment_policies
from myticket_core.payment.approve import ApprovePayment
from myticket_core.payment.cancel import CancelPayment, PaymentCanceler
from myticket_core.payment.retry import RefundRetrier
from myticket_core.payment.settle import SettlePayments
from myticket_core.reacting import Consumer, Handler, Reactor, Replay
from myticket_core.relay import Relay
from myticket_core.ticket import policies as ticket_policies
from myticket_core.ticket.change import ChangeTicket
from myticket_core.ticket.delete import DeleteTicket
from myticket_core.ticket.register import RegisterTicket
from myticket_core.ticket.search import SearchTickets
from myticket_core.ticket.track_stock import StockTracker, TrackStock
from tests.stateful.lines import CatalogLine, PaymentLine
from tests.stateful.ports import Clock, History, Host, Ledger, Port, Publisher, Reader
from tests.stateful.scheduler import Lost, Process, Task

if TYPE_CHECKING:
    from tests.stateful.world import World

HOLD, OFFER = timedelta(seconds=20), timedelta(seconds=30)
CHANNELS = ("in-app",)
TROUBLE = (Unavailable, InDoubt, Lost)
"""What a worker has to expect; anything else it raises is a bug."""


class Service:
    """One process: its store outlives it; ports and use cases are made anew at each start."""

    name: str
    reacts: Consumer

    def __init__(self, world: World) -> None:
        self.world = world
        self.process = Process(self.name, world.scheduler)
        self.clock = Clock(world.scheduler)
        self.store = Ledger(self.clock, world.ids)
        self.cut = False  # from the log

    def boot(self) -> None:
        self.process.up = True
        self.host = Host(self.process, self.world.chance)
        self.parking = self.port(MemoryParking(self.store))
        for worker in self.compose():
            self.process.spawn(worker)

    def compose(self) -> list[Coroutine[Any, Any, None]]:
        """The use cases, as attributes, and the workers."""
        raise NotImplementedError

    def port(self, inner: Any) -> Any:
        return Port(inner, self.host)

    async def relaying(self) -> None:
        relay = Relay(self.port(MemoryOutbox(self.store)), Publisher(self.world.log, self.host), batch=20)
        await self.again(relay, 5, lambda: self.world.scheduler.wait(self.store.news, 30))

    async def reacting(self) -> None:
        reader = Reader(self.world.log, self.name, self.host, lambda: self.cut)
        together = self.process.together
        reactor = Reactor(self.reacts, reader, self.parking, self.clock, together, attempts=2, batch=20)
        await self.again(lambda: reactor(timedelta(seconds=30)), 0.5, self.world.scheduler.pause)

    async def replay(self, id: str) -> int:
        return await Replay(self.reacts, self.parking)(id)

    async def again(self, work: Callable[[], Awaitable[int]], rest: float, idle: Callable[[], Awaitable[None]]) -> None:
        """Work as long as there is some, then idle; after trouble, rest. As the workers of an app do."""
        while True:
            try:
                if not await work():
                    await idle()
            except TROUBLE:
                await self.world.scheduler.sleep(rest)
            except Exception as error:
                self.world.unexpected.append(f"a worker of {self.name}: {error!r}")
                await self.world.scheduler.sleep(rest)

    async def every(self, seconds: float, work: Callable[[], Awaitable[int]]) -> None:
        scheduler, chance = self.world.scheduler, self.world.chance

        async def step() -> int:
            try:
                return await work()
            except Incomplete as some:
                raise some.failure from some

        await self.again(step, seconds, lambda: scheduler.sleep(seconds * chance.seconds(0.5, 1.5)))

    async def circle(self, seconds: float, work: Callable[[Any], Awaitable[int]]) -> None:
        """Batch after batch, then a rest before the next round."""
        after = 0

        async def batch() -> int:
            nonlocal after
            try:
                after = await work(after)
            except Incomplete as some:
                after = some.onward
                if not some.done or not isinstance(some.failure, TROUBLE):
                    raise some.failure from some
            return after

        await self.every(seconds, batch)


class TicketService(Service):
    name = "ticket"

    def compose(self) -> list[Coroutine[Any, Any, None]]:
        tickets = self.port(MemoryTickets(self.store))
        self.register = RegisterTicket(tickets)
        self.change = ChangeTicket(tickets)
        self.delete = DeleteTicket(tickets)
        self.search = SearchTickets(tickets)
        self.reacts = Consumer(self.name, ticket_policies.WHENEVER, {TrackStock: StockTracker(tickets)})
        return [self.relaying(), self.reacting()]


class BookService(Service):
    name = "book"

    def compose(self) -> list[Coroutine[Any, Any, None]]:
        bookings, sales = self.port(MemoryBookings(self.store)), self.port(MemorySales(self.store))
        payments, catalog = PaymentLine(self.world, self.host), CatalogLine(self.world, self.host)
        together, ids = self.process.together, self.world.ids
        line, again = PayingLine(), AskAgain(RARELY)
        collect = CollectPayment(bookings, payments, self.clock, line, again)
        self.book = BookTicket(bookings, sales, catalog, collect, self.clock, HOLD)
        self.resume = ResumePayment(bookings, collect)
        self.cancel = CancelBooking(bookings, sales, self.clock)
        self.check_in = CheckInGuests(bookings, sales, self.clock)
        self.deletions = Deletions(bookings, sales)
        waiting = self.port(MemoryWaitingList(self.store))
        self.wait = WaitForSeat(waiting, bookings, self.clock)
        handlers: dict[type, Handler] = {TrackTicket: TicketTracker(sales), CloseSale: SaleCloser(sales)}
        self.reacts = Consumer(self.name, booking_policies.WHENEVER, handlers)
        return [
            self.relaying(),
            self.reacting(),
            self.every(5, ExpireHolds(bookings, self.clock, ids, together, batch=5)),
            self.every(3, AdmitBuyers(bookings, payments, line, self.clock, ids, together)),
            self.every(4, OfferSeats(waiting, sales, payments, self.clock, ids, together, OFFER, batch=3)),
            self.every(6, CancelCampaign(bookings, sales, self.clock, together, chunk=3)),
            self.circle(8, ReconcilePayments(bookings, payments, self.clock, ids, together, batch=5, again=again)),
        ]


class PayService(Service):
    name = "pay"

    def compose(self) -> list[Coroutine[Any, Any, None]]:
        self.payments = self.port(MemoryPaymentBook(self.store))
        provider, together = self.world.provider.on(self.host), self.process.together
        self.approve = ApprovePayment(self.payments, provider, self.clock)
        handlers: dict[type, Handler] = {CancelPayment: PaymentCanceler(self.payments, self.clock)}
        self.reacts = Consumer(self.name, payment_policies.WHENEVER, handlers)
        self.retry = RefundRetrier(self.payments)
        settle = SettlePayments(self.payments, provider, self.clock, self.world.ids, together, batch=5)
        return [self.relaying(), self.reacting(), self.circle(10, settle)]


class AlarmService(Service):
    name = "alarm"

    def compose(self) -> list[Coroutine[Any, Any, None]]:
        notifications, titles = (self.port(kind(self.store)) for kind in (MemoryNotifications, MemoryTitles))
        compose = ComposeNotifications(notifications, titles, self.clock, CHANNELS)
        self.reacts = Consumer(self.name, notification_policies.WHENEVER, {Compose: compose})
        deliver = DeliverNotifications(notifications, InApp(self.host), self.clock, self.process.together)
        return [self.reacting(), self.every(12, deliver)]


class InApp:
    name = CHANNELS[0]

    def __init__(self, host: Host) -> None:
        self._host = host

    async def send(self, notification: object) -> None:
        await self._host.point()
        if self._host.chance.of("channel down"):
            raise Unavailable("the channel is down")


class MypageService(Service):
    name = "mypage"
    unfinished = False  # a rebuild was begun and has not ended well: whoever began it knows that

    def compose(self) -> list[Coroutine[Any, Any, None]]:
        project = ProjectPages(self.port(MemoryProjection(self.store)))
        self.reacts = Consumer(self.name, mypage_policies.WHENEVER, {Project: project})
        self.rebuilding: Task | None = None
        return [self.reacting()]

    def start_rebuild(self) -> None:
        """As an operator does it: never twice at once."""
        if self.process.up and (self.rebuilding is None or self.rebuilding.done):
            history = History(self.world.log, self.host)
            rebuild = RebuildPages(
                self.port(MemoryViews(self.store)), history, self.clock, self.process.together, batch=10
            )
            self.rebuilding, self.unfinished = self.process.spawn(self._rebuild(rebuild)), True

    async def _rebuild(self, rebuild: RebuildPages) -> None:
        try:
            await rebuild()
            self.unfinished = False
        except TROUBLE:
            return
        except Exception as error:
            self.world.unexpected.append(f"a rebuild: {error!r}")
