"""The composition of the five services with every store and the log in memory: the same containers, workers and REST
application as in `myticket up`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
from attrs import define, field
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from dependency_injector.providers import Factory, Singleton

from adapters.memory import (
    Answer,
    InProcessCatalog,
    InProcessPayments,
    MemoryBookings,
    MemoryChanges,
    MemoryContacts,
    MemoryDatabase,
    MemoryHints,
    MemoryLog,
    MemoryNotifications,
    MemoryOutbox,
    MemoryPages,
    MemoryParking,
    MemoryPaymentBook,
    MemoryProjection,
    MemoryProvider,
    MemoryReferences,
    MemorySales,
    MemoryTickets,
    MemoryTitles,
    MemoryViews,
    MemoryWaitingList,
)
from adapters.rest import DevelopmentIssuer, Probes, TokenVerifier, create_app
from adapters.rest.development import AUDIENCE, ISSUER
from adapters.system import RandomIds, SystemClock
from apps.alarm import AlarmService
from apps.book import BookService
from apps.graphs import graph as graph_of
from apps.graphs import graph_route, use_cases
from apps.mypage import MypageService
from apps.pay import PayService
from apps.runtime import Workers
from apps.settings import Settings
from apps.ticket import TicketService
from myticket_core.notification.subscribe import SubscribeBrowsers

NAMES = ("ticket", "book", "pay", "alarm", "mypage")
STORES = {
    "tickets": MemoryTickets,
    "bookings": MemoryBookings,
    "sales": MemorySales,
    "waiting": MemoryWaitingList,
    "payments": MemoryPaymentBook,
    "references": MemoryReferences,
    "hints": MemoryHints,
    "notifications": MemoryNotifications,
    "titles": MemoryTitles,
    "outbox": MemoryOutbox,
}
"""What a container makes under this name lies in memory instead of in SQL; what it is given stays what it is."""


class Alone:
    async def leads(self) -> bool:
        return True


class Kept(MemoryDatabase):
    leader = Alone()


@define
class OnMemory:
    """Nothing is durable, and nobody listens: it is asked in process."""

    issuer: DevelopmentIssuer = field(factory=lambda: DevelopmentIssuer(generate_private_key(SECP256R1()), _CLOCK))
    log: MemoryLog = field(factory=MemoryLog)
    settings: Settings = field(factory=lambda: Settings(data=Path("nowhere")))

    @asynccontextmanager
    async def running(self) -> AsyncIterator[httpx.AsyncClient]:
        """Requests are answered and the workers work until it is left."""
        services = self._services()
        graph = graph_of(self.settings, use_cases(dict(zip(NAMES, services, strict=True)), NAMES), NAMES, _CLOCK)
        workers = Workers([worker for service in services for worker in service.workers()])
        app = create_app(
            *(service.api() for service in services),
            tokens=TokenVerifier(self.issuer, ISSUER, AUDIENCE, _CLOCK),
            ids=RandomIds(),
            clock=_CLOCK,
            public_url=URL,
            probes=Probes([service.database() for service in services]),
            more=[graph_route(graph)],
        )
        workers.start()
        try:
            async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=URL) as client:
                yield client
        finally:
            await workers.stop(timedelta(seconds=5))

    def _services(self) -> list[Any]:
        ticket, alarm = self._made(TicketService), self._made(AlarmService, owners=None, **_reached)
        pay = self._made(PayService, provider=MemoryProvider(_as_the_sandbox))
        asked = InProcessPayments(pay.approve(), pay.payments(), timedelta(seconds=3))
        book = self._made(BookService, payments=asked, catalog=InProcessCatalog(ticket.search()))
        return [ticket, book, pay, alarm, self._made(MypageService, owners=None, **_views)]

    def _made(self, kind: Any, **more: Any) -> Any:
        database = Kept(_CLOCK, RandomIds())
        more = {name: make(database) if callable(make) else make for name, make in more.items()}
        parking = MemoryParking(database)
        service = kind(settings=self.settings, database=database, log=self.log, parking=parking, **more)
        for name, provider in service.providers.items():
            if name in STORES and isinstance(provider, Factory | Singleton):
                provider.override(STORES[name](database))
        return service


_CLOCK = SystemClock()
URL = "http://myticket.example"
_reached = {
    "contacts": MemoryContacts,
    "subscribe": lambda database: SubscribeBrowsers(MemoryContacts(database)),
    "elsewhere": (),
}
_views = {"pages": MemoryPages, "projection": MemoryProjection, "views": MemoryViews, "changes": MemoryChanges}


def _as_the_sandbox(key: str, amount: int, method: str | None) -> Answer:
    return Answer.REFUSE if method == "sandbox-decline" else Answer.CHARGE
