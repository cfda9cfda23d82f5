"""The Kafka records of the originals as they were recorded, and what reads them of ours."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from attrs import frozen

from adapters import memory, persistence
from adapters.system import RandomIds, concurrently
from myticket_core.booking import policies as booking
from myticket_core.booking.close_sale import CloseSale, SaleCloser
from myticket_core.booking.track_tickets import TicketTracker, TrackTicket
from myticket_core.mypage import policies as mypage
from myticket_core.mypage.project import Project, ProjectPages
from myticket_core.notification import policies as notification
from myticket_core.notification.compose import Compose, ComposeNotifications
from myticket_core.notification.model import Message
from myticket_core.payment import policies as payment
from myticket_core.payment.approve import Approve, ApprovePayment
from myticket_core.payment.cancel import CancelPayment, PaymentCanceler
from myticket_core.payment.settle import SettlePayments
from myticket_core.ports import Owners, Parked, Record
from myticket_core.reacting import Consumer, Reactor
from myticket_core.ticket import policies as ticket
from myticket_core.ticket.track_stock import StockTracker, TrackStock
from tests.services.rest_world import SetClock
from tests.services.stores import because, put

_HERE: Final = Path(__file__).parent
_FILES: Final = (_HERE / "data/kafka.jsonl", _HERE.parents[1] / "domain/data/originals.jsonl")
JAVA: Final = {"contentType": '"application/json"', "spring_json_header_types": '{"contentType":"java.lang.String"}'}
SERVICES: Final = ("ticket", "book", "pay", "alarm", "mypage")


def recorded() -> dict[int, Record]:
    """By their offsets."""
    lines = [json.loads(line) for file in _FILES for line in file.read_text().splitlines()]
    return {line["offset"]: _record(line) for line in sorted(lines, key=lambda line: int(line["offset"]))}


def _record(line: Mapping[str, Any]) -> Record:
    value = (line["value"] or "").encode()
    return Record(line["offset"], line["key"], value, dict(line["headers"]), line["partition"], line["topic"])


def members(record: Record) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(record.value)
    return found


class Played:
    """A log that has these records, once for each time it is made."""

    def __init__(self, records: Sequence[Record]) -> None:
        self.left, self.committed = list(records), list[Record]()

    async def read(self, limit: int, at_most: timedelta) -> Sequence[Record]:
        records, self.left = self.left[:limit], self.left[limit:]
        return records

    async def commit(self, records: Sequence[Record]) -> None:
        self.committed += records

    async def rewind(self) -> None:
        raise AssertionError("nothing of this fails")


@frozen
class Stores:
    """Each service's own, in memory or in SQLite."""

    kind: Any
    dbs: Mapping[str, Any]
    clock: SetClock
    provider: memory.MemoryProvider
    owners: Owners | None = None
    """Who is asked about what is told so poorly; None, as long as no setting names them: nobody."""

    def of(self, name: str, service: str) -> Any:
        """An adapter by its name without Memory or Sql."""
        prefix = "Memory" if self.kind is memory else "Sql"
        return getattr(self.kind, prefix + name)(self.dbs[service])

    @property
    def consumers(self) -> Mapping[str, Consumer]:
        sales, payments = self.of("Sales", "book"), self.of("PaymentBook", "pay")
        notifications = self.of("Notifications", "alarm")
        compose = ComposeNotifications(
            notifications, self.of("Titles", "alarm"), self.clock, ("in-app",), owners=self.owners
        )
        handlers: dict[str, tuple[Any, Any]] = {
            "ticket": (ticket.WHENEVER, {TrackStock: StockTracker(self.of("Tickets", "ticket"))}),
            "book": (booking.WHENEVER, {TrackTicket: TicketTracker(sales), CloseSale: SaleCloser(sales)}),
            "pay": (payment.WHENEVER, {CancelPayment: PaymentCanceler(payments, self.clock)}),
            "alarm": (notification.WHENEVER, {Compose: compose}),
            "mypage": (mypage.WHENEVER, {Project: ProjectPages(self.of("Projection", "mypage"), self.owners)}),
        }
        return {name: Consumer(name, *how) for name, how in handlers.items()}

    async def play(self, service: str, *records: Record) -> Sequence[Parked]:
        """The records, one after the other, as the log gives them to this service; what is parked by then."""
        parking = self.of("Parking", service)
        log = Played(records)
        react = Reactor(self.consumers[service], log, parking, self.clock, concurrently)
        assert await react() == len(log.committed) == len(records)
        parked: Sequence[Parked] = await parking.parked(service)
        return parked

    async def pay_for(self, booking_id: int) -> None:
        approve = ApprovePayment(self.of("PaymentBook", "pay"), self.provider, self.clock)
        await approve(Approve(booking_id=booking_id, price=15000, customer_id=1), because(f"pay {booking_id}"))

    async def refund(self) -> None:
        payments = self.of("PaymentBook", "pay")
        await SettlePayments(payments, self.provider, self.clock, RandomIds(), concurrently, timedelta(0))()

    async def messages(self) -> list[Message]:
        """All that the alarm service has to tell."""
        due = await self.of("Notifications", "alarm").due(self.clock.now(), "in-app", 100)
        return [it.message for it in due]

    async def said(self, service: str) -> list[str]:
        return [it.type for it in await self.of("Outbox", service).pending(100)]


@asynccontextmanager
async def stores(kind: str, folder: Path) -> AsyncIterator[Stores]:
    clock, ids = SetClock(), RandomIds()
    async with AsyncExitStack() as closing:
        dbs: dict[str, Any] = {name: memory.MemoryDatabase(clock, ids) for name in SERVICES}
        for name in SERVICES if kind == "sqlite" else ():
            dbs[name] = await persistence.Database.open(put(folder, name), name, clock, ids)
            closing.push_async_callback(dbs[name].close)
        yield Stores(memory if kind == "memory" else persistence, dbs, clock, memory.MemoryProvider())
