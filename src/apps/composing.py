"""The services of one process: their stores opened, their containers filled, everything closed again in order."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import Any, Final, TypeVar

import structlog
from attrs import frozen

from adapters.memory import InProcessCatalog, InProcessPayments
from adapters.persistence import Database, SqlLog, SqlTickets
from adapters.providers import Sandbox
from adapters.system import RandomIds, SystemClock
from apps.alarm import AlarmService
from apps.book import BookService
from apps.failures import CannotRun
from apps.mypage import MypageService
from apps.pay import PayService
from apps.places import written
from apps.service import Service
from apps.settings import Settings
from apps.ticket import TicketService
from myticket_core.ticket.search import SearchTickets

LATE_CHARGES: Final = timedelta(seconds=4)
"""How long stopping waits for charges that no booking waits for any more; what is cut off is settled after a start."""

AnyService = TypeVar("AnyService", bound=Service)
log = structlog.get_logger("myticket")


@asynccontextmanager
async def composed(
    settings: Settings, stores: Mapping[str, str], services: Sequence[str]
) -> AsyncIterator[Mapping[str, Any]]:
    """The containers of `services` by name, that of pay included when book is among them. Raises StoreError."""
    async with AsyncExitStack() as closing:
        opening = _Opening(settings, stores, closing)
        events = SqlLog(await opening.database("log"))
        wanted = written(services)
        containers: dict[str, Any] = {}
        for name, kind in _ALIKE.items():
            if name in wanted:
                containers[name] = await opening.service(kind, name, events)
        if "pay" in wanted:
            containers["pay"] = await opening.pay(events)
        if "book" in wanted:
            containers["book"] = await opening.book(events, containers["pay"], containers.get("ticket"))
        yield containers


_ALIKE: Final[Mapping[str, type[Service]]] = {"ticket": TicketService, "alarm": AlarmService, "mypage": MypageService}


@frozen
class _Opening:
    settings: Settings
    stores: Mapping[str, str]
    closing: AsyncExitStack

    async def database(self, name: str, *, read_only: bool = False) -> Database:
        opened = await Database.open(self.stores[name], name, SystemClock(), RandomIds(), read_only=read_only)
        self.closing.push_async_callback(opened.close)
        return opened

    async def service(self, kind: type[AnyService], name: str, log: SqlLog, **ports: Any) -> AnyService:
        return kind(settings=self.settings, database=await self.database(name), log=log, **ports)

    async def pay(self, log: SqlLog) -> PayService:
        path = self.settings.data / "sandbox.sqlite"
        try:
            sandbox = Sandbox(path, SystemClock())
        except sqlite3.Error as error:
            raise CannotRun(f"{path} cannot be used: {error}") from error
        self.closing.callback(sandbox.close)
        return await self.service(PayService, "pay", log, provider=sandbox)

    async def book(self, log: SqlLog, pay: PayService, ticket: TicketService | None) -> BookService:
        """Asks pay and ticket by their use cases; ticket's store is only read when another process serves it."""
        search = ticket.search() if ticket else await self._search()
        payments = InProcessPayments(pay.approve(), pay.payments(), self.settings.payment_timeout_seconds)
        book = await self.service(BookService, "book", log, payments=payments, catalog=InProcessCatalog(search))
        self.closing.push_async_callback(_ended, payments)
        return book

    async def _search(self) -> SearchTickets:
        return SearchTickets(SqlTickets(await self.database("ticket", read_only=True)))


async def _ended(payments: InProcessPayments) -> None:
    """Before the stores close: what is under way may still be written."""
    try:
        async with asyncio.timeout(LATE_CHARGES.total_seconds()):
            await payments.close()
    except TimeoutError:
        log.warning("charges under way were cut off")
