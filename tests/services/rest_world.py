"""All five contexts in memory behind one REST application; what the log would carry is handed over by `settle`."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key

from adapters.memory import (
    InProcessCatalog,
    InProcessPayments,
    MemoryBookings,
    MemoryChanges,
    MemoryContacts,
    MemoryDatabase,
    MemoryHints,
    MemoryNotifications,
    MemoryPages,
    MemoryPaymentBook,
    MemoryProjection,
    MemoryProvider,
    MemorySales,
    MemoryTickets,
    MemoryTitles,
    MemoryWaitingList,
)
from adapters.providers.stripe_webhooks import StripeWebhooks
from adapters.rest import (
    BookingApi,
    DevelopmentIssuer,
    Live,
    MypageApi,
    NotificationApi,
    PaymentApi,
    Probes,
    TicketApi,
    TokenVerifier,
    create_app,
    jwks_route,
)
from adapters.rest.development import AUDIENCE, ISSUER
from adapters.rest.subscriptions import P256DH, PUT
from adapters.system import Bells, RandomIds, concurrently
from myticket_core.access import Role
from myticket_core.booking import policies as booking_policies
from myticket_core.booking.book import BookTicket
from myticket_core.booking.browse import BrowseBookings
from myticket_core.booking.cancel import CancelBooking
from myticket_core.booking.check_in import CheckInGuests
from myticket_core.booking.close_sale import CancelCampaign, CloseSale, SaleCloser
from myticket_core.booking.collect import CollectPayment
from myticket_core.booking.deletion import Deletions
from myticket_core.booking.offer import OfferSeats
from myticket_core.booking.reconcile import ReconcilePayments
from myticket_core.booking.resume import ResumePayment
from myticket_core.booking.track_tickets import TicketTracker, TrackTicket
from myticket_core.booking.wait import WaitForSeat
from myticket_core.errors import Incomplete
from myticket_core.mypage import policies as mypage_policies
from myticket_core.mypage.browse import BrowsePages
from myticket_core.mypage.catch_up import CatchUp, RingingProjection
from myticket_core.mypage.project import Project, ProjectPages
from myticket_core.notification import policies as notification_policies
from myticket_core.notification.compose import Compose, ComposeNotifications
from myticket_core.notification.reach import ReachPeople
from myticket_core.notification.read import ReadNotifications
from myticket_core.notification.subscribe import SubscribeBrowsers
from myticket_core.payment import policies as payment_policies
from myticket_core.payment.approve import ApprovePayment
from myticket_core.payment.browse import BrowsePayments
from myticket_core.payment.cancel import CancelPayment, PaymentCanceler
from myticket_core.payment.hear import HearProvider
from myticket_core.payment.settle import SettlePayments
from myticket_core.reacting import Consumer
from myticket_core.ticket.change import ChangeTicket
from myticket_core.ticket.delete import DeleteTicket
from myticket_core.ticket.register import RegisterTicket
from myticket_core.ticket.search import SearchTickets

MOST_HOLDS = 10
BROWSER = {member.name: member.example for member in PUT.members}
URL = "http://myticket.example"
START = datetime(2026, 11, 22, 16, 9, 0, 0, UTC)


class SetClock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.time = START

    def now(self) -> datetime:
        return self.time

    async def sleep(self, duration: timedelta) -> None:
        self.time += duration


class World:
    push_key: str | None = P256DH
    """Any point will do: nothing is pushed from here."""
    sending: tuple[str, ...] = ("email",)

    def __init__(self, *, streaming: bool = False, **options: Any) -> None:
        """`streaming`: streams of events go on; else each ends at once, for a client that reads whole answers."""
        self.clock, self.ids, self.provider = SetClock(), RandomIds(), MemoryProvider()
        self.dbs = {name: MemoryDatabase(self.clock, self.ids) for name in ("ticket", "book", "pay", "alarm", "mypage")}
        self.issuer = DevelopmentIssuer(generate_private_key(SECP256R1()), self.clock)
        self.tokens = TokenVerifier(self.issuer, ISSUER, AUDIENCE, self.clock)
        self.probes = options.pop("probes", None) or Probes(ready=list(self.dbs.values()))
        self.tickets, self.payments = MemoryTickets(self.dbs["ticket"]), MemoryPaymentBook(self.dbs["pay"])
        self.bookings, self.sales = MemoryBookings(self.dbs["book"]), MemorySales(self.dbs["book"])
        self.line = MemoryWaitingList(self.dbs["book"])
        self.notifications, self.contacts = MemoryNotifications(self.dbs["alarm"]), MemoryContacts(self.dbs["alarm"])
        self.bells = Bells(timedelta(seconds=0.3), look=0.1)
        self.approve = ApprovePayment(self.payments, self.provider, self.clock)
        settings: dict[str, Any] = {
            "tokens": self.tokens,
            "ids": self.ids,
            "clock": self.clock,
            "public_url": URL,
            "probes": self.probes,
            "more": [jwks_route(self.issuer)],
        }
        self.app = create_app(*self.apis(), **(settings | options))
        if not streaming:
            for leave in self.probes.leaving:
                leave()
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://caller.example")

    def apis(self) -> tuple[TicketApi, BookingApi, PaymentApi, NotificationApi, MypageApi]:
        search, pages = SearchTickets(self.tickets), MemoryPages(self.dbs["mypage"])
        live = Live(MemoryChanges(self.dbs["mypage"]), self.bells.any)
        asked = InProcessPayments(self.approve, self.payments, timedelta(seconds=3))
        catalog = InProcessCatalog(search)
        collect = CollectPayment(self.bookings, asked, self.clock)
        book = BookTicket(self.bookings, self.sales, catalog, collect, self.clock, timedelta(minutes=10), MOST_HOLDS)
        return (
            TicketApi(RegisterTicket(self.tickets), ChangeTicket(self.tickets), DeleteTicket(self.tickets), search),
            BookingApi(
                book,
                ResumePayment(self.bookings, collect),
                CancelBooking(self.bookings, self.sales, self.clock),
                BrowseBookings(self.bookings, self.sales),
                Deletions(self.bookings, self.sales),
                WaitForSeat(self.line, self.bookings, self.clock),
                CheckInGuests(self.bookings, self.sales, self.clock),
            ),
            PaymentApi(self.approve, BrowsePayments(self.payments), self.hear),
            NotificationApi(
                ReadNotifications(self.notifications, self.clock),
                self.reach,
                SubscribeBrowsers(self.contacts, self.push_key),
            ),
            MypageApi(BrowsePages(pages), CatchUp(pages, self.bells), live),
        )

    @property
    def reach(self) -> ReachPeople:
        """By e-mail, from a system that has pages."""
        page = f"{URL}/web/contacts"
        return ReachPeople(self.contacts, self.notifications, self.clock, self.ids, self.sending, page=page)

    @property
    def compose(self) -> ComposeNotifications:
        return ComposeNotifications(self.notifications, MemoryTitles(self.dbs["alarm"]), self.clock, ("in-app",))

    @property
    def hear(self) -> HearProvider:
        """Stripe, who has a secret with us, may say something."""
        return HearProvider(MemoryHints(self.dbs["pay"]), StripeWebhooks("whsec_test"))

    def consumers(self) -> list[Consumer]:
        project = ProjectPages(RingingProjection(MemoryProjection(self.dbs["mypage"]), self.bells))
        compose = self.compose
        book = {TrackTicket: TicketTracker(self.sales), CloseSale: SaleCloser(self.sales)}
        return [
            Consumer("book", booking_policies.WHENEVER, book),
            Consumer("pay", payment_policies.WHENEVER, {CancelPayment: PaymentCanceler(self.payments, self.clock)}),
            Consumer("alarm", notification_policies.WHENEVER, {Compose: compose}),
            Consumer("mypage", mypage_policies.WHENEVER, {Project: project}),
        ]

    async def settle(self) -> None:
        """Every event to everybody, campaigns and refunds done, messages delivered, until nothing more is said."""
        campaign = CancelCampaign(self.bookings, self.sales, self.clock, concurrently)
        refunds = SettlePayments(self.payments, self.provider, self.clock, self.ids, concurrently, timedelta(0))
        while said := [it for db in self.dbs.values() for it in db.outbox.values()]:
            for db in self.dbs.values():
                db.outbox.clear()
            for envelope in said:
                for consumer in self.consumers():
                    await consumer.handle(envelope)
            with suppress(Incomplete):
                await campaign()
            await refunds()
        for notification in await self.notifications.due(self.clock.now(), "in-app", 1000):
            await self.notifications.change(notification.id, lambda it: it.delivered(self.clock.now()))

    async def offer_seats(self) -> None:
        """To those who wait, and what became of such offers, once."""
        payments = InProcessPayments(self.approve, self.payments, timedelta(seconds=3))
        held = timedelta(minutes=15)
        await OfferSeats(self.line, self.sales, payments, self.clock, self.ids, concurrently, held)()

    async def found_out(self) -> None:
        """What was in doubt is known a little later, at pay and at booking, and nobody has heard of it yet."""
        self.clock.time += timedelta(seconds=10)
        await SettlePayments(self.payments, self.provider, self.clock, self.ids, concurrently, timedelta(0))()
        asked = InProcessPayments(self.approve, self.payments, timedelta(seconds=3))
        await ReconcilePayments(self.bookings, asked, self.clock, self.ids, concurrently)()

    def token(self, who: str) -> Mapping[str, str]:
        """`organizer 1`, `customer 1`, `admin`, `service`."""
        role, _, id = who.partition(" ")
        of = {"organizer": {"company_id": int(id or 0)}, "customer": {"customer_id": int(id or 0)}}.get(role, {})
        return {"Authorization": f"Bearer {self.issuer.token(Role(role), **of)}"}

    async def ask(self, who: str | None, method: str, path: str, json: Any = None, **more: Any) -> httpx.Response:
        headers = {**(self.token(who) if who else {}), **more.pop("headers", {})}
        if json is not None:
            more["json"] = json
        return await self.client.request(method, path, headers=headers, **more)

    async def ticket(self, **terms: Any) -> int:
        """The id of a new ticket of company 1 that booking has heard of."""
        answer = await self.ask("organizer 1", "POST", "/tickets", {"price": 15000, **terms})
        assert answer.status_code == 201, answer.text
        await self.settle()
        return int(answer.json()["id"])


@cache
def quiet() -> World:
    """One world for all tests whose requests change nothing."""
    return World()
