"""The services of one process: their stores opened, their containers filled, everything closed again in order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import Any, Final

import structlog
from attrs import frozen

from adapters.memory import InProcessCatalog, InProcessPayments
from adapters.persistence import Database, SqlContacts, SqlParking, SqlTickets
from apps.alarm import AlarmService
from apps.book import BookService
from apps.mypage import MypageService, document_pages, sql_pages
from apps.opening import Log, Opening
from apps.pay import PayService
from apps.places import writers
from apps.reaching import reach
from apps.settings import Settings
from apps.telling import TellingParking
from apps.ticket import TicketService
from myticket_core.booking.ports import Payments, TicketCatalog
from myticket_core.ports import Owners, Parked, Parking
from myticket_core.ticket.search import SearchTickets

LATE_CHARGES: Final = timedelta(seconds=4)
"""How long stopping waits for charges that no booking waits for any more; what is cut off is settled after a start."""

log = structlog.get_logger("myticket")


@asynccontextmanager
async def composed(
    settings: Settings, stores: Mapping[str, str], services: Sequence[str], *, patient: bool = False
) -> AsyncIterator[Mapping[str, Any]]:
    """The containers of `services` by name, and that of pay when book asks it in process.

    Raises StoreError; Unavailable unless `patient`, which waits for stores.
    """
    async with AsyncExitStack() as closing:
        opening = Opening(settings, stores, closing, patient)
        composing = _Composing(opening, await opening.log("-".join(services)), {})
        wanted = writers(settings, services)
        for name, make in _MAKING.items():
            if name in wanted:
                composing.made[name] = await make(composing)
        yield composing.made


@frozen
class _Composing:
    opening: Opening
    log: Log
    made: dict[str, Any]

    async def ticket(self) -> TicketService:
        return TicketService(**await self._on_sql("ticket"))

    async def alarm(self) -> AlarmService:
        common = await self._on_sql("alarm")
        contacts = SqlContacts(common["database"])
        asked = self._owners()
        reached = reach(self.opening.settings, contacts, self.opening.closing)
        people = {"contacts": contacts, "subscribe": reached.subscribe, "elsewhere": reached.ways}
        return AlarmService(**common, owners=asked, **people)

    async def mypage(self) -> MypageService:
        asked = self._owners()
        if not self.opening.stores["mypage"].startswith("mongodb"):
            common = await self._on_sql("mypage")
            return MypageService(**common, **sql_pages(common["database"]), owners=asked)
        from adapters.persistence.mongo import MongoParking

        documents = await self.opening.documents()
        common = self._common(documents, MongoParking(documents))
        return MypageService(**common, **document_pages(documents), owners=asked)

    async def pay(self) -> PayService:
        common = await self._on_sql("pay")
        provider = self.opening.provider(common["database"])
        return PayService(**common, provider=provider, read_hint=self.opening.read_hint())

    async def book(self) -> BookService:
        return BookService(**await self._on_sql("book"), payments=self._payments(), catalog=await self._catalog())

    def _owners(self) -> Owners | None:
        """Whoever is asked about what the originals' events leave out; None: nobody is named."""
        settings = self.opening.settings
        urls = {"book": settings.api_url_book, "pay": settings.api_url_payment}
        named = {source: url for source, url in urls.items() if url}
        if not named:
            return None
        from apps.calling import owners  # aiohttp's client is a sixth of a start: only of those who ask somebody

        return owners(named, self.opening.closing)

    def _payments(self) -> Payments:
        settings = self.opening.settings
        if settings.api_url_payment:
            from apps.calling import payments

            return payments(settings, settings.api_url_payment, self.opening.closing)
        pay = self.made["pay"]
        asked = InProcessPayments(pay.approve(), pay.payments(), settings.payment_timeout_seconds)
        self.opening.closing.push_async_callback(_ended, asked)
        return asked

    async def _catalog(self) -> TicketCatalog:
        """Ticket's store is only read when another process serves it."""
        url = self.opening.settings.api_url_ticket
        if url:
            from apps.calling import catalog

            return catalog(url, self.opening.closing)
        if "ticket" in self.made:
            return InProcessCatalog(self.made["ticket"].search())
        tickets = SqlTickets(await self.opening.database("ticket", read_only=True))
        return InProcessCatalog(SearchTickets(tickets))

    async def _on_sql(self, name: str) -> dict[str, Any]:
        database, clock = await self.opening.store(name)
        return {**self._common(database, SqlParking(database)), "clock": clock}

    def _common(self, store: Database | Any, parking: Parking) -> dict[str, Any]:
        kept = TellingParking(parking, self._copy())
        return {"settings": self.opening.settings, "database": store, "log": self.log, "parking": kept}

    def _copy(self) -> Callable[[Parked], None] | None:
        """With Kafka, what is parked is also to be seen in the topic of dead letters."""
        if self.opening.settings.kafka_bootstrap_servers is None:
            return None
        from adapters.kafka import KafkaLog

        assert isinstance(self.log, KafkaLog)
        return self.log.dead_letters().copy


_MAKING: Final[Mapping[str, Any]] = {
    "ticket": _Composing.ticket,
    "alarm": _Composing.alarm,
    "mypage": _Composing.mypage,
    "pay": _Composing.pay,
    "book": _Composing.book,
}
"""Who is asked in process comes before who asks."""


async def _ended(payments: InProcessPayments) -> None:
    """Before the stores close: what is under way may still be written."""
    try:
        async with asyncio.timeout(LATE_CHARGES.total_seconds()):
            await payments.close()
    except TimeoutError:
        log.warning("charges under way were cut off")
