"""The same tickets in a store and in memory, and the same questions to both."""

from __future__ import annotations

import itertools
import random
from datetime import timedelta

from adapters.memory import MemoryDatabase, MemoryTickets
from adapters.persistence import Database, SqlTickets
from adapters.system import RandomIds
from myticket_core.messages import Cause
from myticket_core.paging import Order, Paging
from myticket_core.ticket.model import TicketId
from myticket_core.ticket.ports import Search
from myticket_core.ticket.register import Register
from tests.services.stores import NOW, Ticking

NAMES = ("Été", "été 2", "봄 콘서트", "100%", "100_", "1000", "a!b", "A!B%", "%", "ÉTÉ", None)
TEXTS = ("été", "100%", "_", "!", "콘서트", "É", "", "%%", "b", "봄", "콘서")
FIELDS = ("id", "price", "name", "company_id", "starts", "ends")
DAY = timedelta(days=1)

ORDERS = [
    (), *((Order(field, down),) for field in FIELDS for down in (False, True)),
    (Order("price", True), Order("name")), (Order("starts"), Order("ends", True), Order("id", True)),
]  # fmt: skip
PARTS = [Paging(number=number, size=17, order=order) for order, number in itertools.product(ORDERS, (0, 2, 9))]
SEARCHES = [
    *(Search(text=text) for text in TEXTS),
    Search(company_id=2), Search(price_from=200), Search(price_to=200), Search(only_available=True),
    Search(from_date=NOW + 3 * DAY), Search(to_date=NOW + 3 * DAY), Search(price_from=101, price_to=300),
    Search(text="1", company_id=1, from_date=NOW + DAY, to_date=NOW + 5 * DAY, only_available=True),
]  # fmt: skip


async def both(db: Database) -> tuple[SqlTickets, MemoryTickets]:
    """60 of them, some sold out, some deleted."""
    stored, chance = SqlTickets(db), random.Random(7)
    memory = MemoryTickets(MemoryDatabase(Ticking(), RandomIds()))
    for number in range(60):
        for tickets in (stored, memory):
            await tickets.add(_register(random.Random(number)).decide, Cause(id="", correlation_id=""))
        if chance.random() < 0.3:
            for tickets in (stored, memory):
                await tickets.change(TicketId(number + 1), lambda it: it.stocked(False, 1), because())
        if chance.random() < 0.1:
            for tickets in (stored, memory):
                await tickets.change(TicketId(number + 1), lambda it: it.deleted(), because())
    return stored, memory


def because() -> Cause:
    return Cause(id="x", correlation_id="x")


def _register(chance: random.Random) -> Register:
    starts = chance.choice([None, NOW + timedelta(days=chance.randrange(10))])
    ends = chance.choice([None, (starts or NOW) + timedelta(days=chance.randrange(10))])
    company, price = chance.randrange(1, 4), chance.randrange(5) * 100
    return Register(company_id=company, price=price, name=chance.choice(NAMES), starts=starts, ends=ends)


async def compared(stored: SqlTickets, memory: MemoryTickets, search: Search, paging: Paging, beyond: int) -> None:
    """The same items; the total only as far as one is counted."""
    found, meant = [await tickets.search(search, paging) for tickets in (stored, memory)]
    total = min(meant.total, paging.offset + paging.size + beyond)
    assert (list(found.items), found.total) == (list(meant.items), total), (search, paging)
