"""Lists and searches: the same answers as from memory, and by an index wherever there may be many rows."""

from __future__ import annotations

import itertools
import random
import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest

from adapters.memory import MemoryDatabase, MemoryTickets
from adapters.persistence import (
    SqlTickets,
    bookings,
    documents,
    listing,
    log_tail,
    migrate,
    notifications,
    pages,
    payments,
)
from adapters.persistence import outbox as outboxes
from adapters.persistence import sales as selling
from adapters.persistence import tickets as ticketing
from adapters.persistence.loading import _HEARD, _KEPT
from adapters.persistence.sqlite import Sqlite
from adapters.persistence.statements import prepared
from adapters.system import RandomIds
from myticket_core.errors import Invalid
from myticket_core.messages import Cause
from myticket_core.paging import Order, Paging
from myticket_core.ticket.model import TicketId
from myticket_core.ticket.ports import Search
from myticket_core.ticket.register import Register
from tests.services.stores import NOW, Ticking, opened, url_of

NAMES = ("Été", "été 2", "봄 콘서트", "100%", "100_", "1000", "a!b", "A!B%", "%", "ÉTÉ", None)
TEXTS = ("été", "100%", "_", "!", "콘서트", "É", "", "%%", "b")
FIELDS = ("id", "price", "name", "company_id", "starts", "ends")


@pytest.fixture
async def both(tmp_path):
    """The same 60 tickets in SQL and in memory."""
    memory = MemoryTickets(MemoryDatabase(Ticking(), RandomIds()))
    async with opened(tmp_path, "ticket") as db:
        stored, chance = SqlTickets(db), random.Random(7)
        for number in range(60):
            for tickets in (stored, memory):
                await tickets.add(_register(random.Random(number)).decide, Cause(id="", correlation_id=""))
            if chance.random() < 0.3:
                for tickets in (stored, memory):
                    await tickets.change(TicketId(number + 1), lambda it: it.stocked(False, 1), because())
            if chance.random() < 0.1:
                for tickets in (stored, memory):
                    await tickets.change(TicketId(number + 1), lambda it: it.deleted(), because())
        yield stored, memory


def because() -> Cause:
    return Cause(id="x", correlation_id="x")


def _register(chance: random.Random) -> Register:
    starts = chance.choice([None, NOW + timedelta(days=chance.randrange(10))])
    ends = chance.choice([None, (starts or NOW) + timedelta(days=chance.randrange(10))])
    company, price = chance.randrange(1, 4), chance.randrange(5) * 100
    return Register(company_id=company, price=price, name=chance.choice(NAMES), starts=starts, ends=ends)


async def test_every_order_is_that_of_memory(both):
    orders = [(), *((Order(field, down),) for field in FIELDS for down in (False, True))]
    orders += [(Order("price", True), Order("name")), (Order("starts"), Order("ends", True), Order("id", True))]
    for order, number in itertools.product(orders, (0, 2, 9)):
        paging = Paging(number=number, size=17, order=order)
        found, meant = [await tickets.search(Search(), paging) for tickets in both]
        assert (list(found.items), found.total) == (list(meant.items), meant.total), order


async def test_every_narrowing_is_that_of_memory(both):
    day = timedelta(days=1)
    searches = [Search(text=text) for text in TEXTS]
    searches += [Search(company_id=2), Search(price_from=200), Search(price_to=200), Search(only_available=True)]
    searches += [Search(from_date=NOW + 3 * day), Search(to_date=NOW + 3 * day), Search(price_from=101, price_to=300)]
    searches += [Search(text="1", company_id=1, from_date=NOW + day, to_date=NOW + 5 * day, only_available=True)]
    for search in searches:
        found, meant = [await tickets.search(search, Paging(size=100)) for tickets in both]
        assert (list(found.items), found.total) == (list(meant.items), meant.total), search


async def test_a_sort_that_is_not_known_says_which_are(both):
    with pytest.raises(Invalid, match="id, price, name, company_id, starts, ends"):
        await both[0].search(Search(), Paging(order=(Order("folded"),)))


def of(listed: listing.Listing, *given: str, order: tuple[Order, ...] = ()):
    return listing._statements(listed, frozenset(given), order)[0]


PLANS = {
    "keys": ("book", _KEPT),
    "inbox": ("book", _HEARD),
    "bookings and their sales": ("book", selling.KIND.load),
    "bookings": ("book", bookings.KIND.load),
    "a booking": ("book", bookings.KIND.one),
    "a customer's bookings": ("book", of(bookings._LISTED, "customer_id")),
    "a company's bookings": ("book", of(bookings._LISTED, "company_id")),
    "all bookings": ("book", of(bookings._LISTED)),
    "lapsed": ("book", bookings._LAPSED),
    "waiting": ("book", bookings._WAITING),
    "live": ("book", bookings._LIVE),
    "a toll": ("book", bookings._TOLL),
    **{f"what is {it}": ("book", of(listed, "ticket_id")) for it, listed in bookings._OUTCOMES.items()},
    "campaigns": ("book", selling._CAMPAIGNS),
    "unpublished": ("book", outboxes._PENDING),
    "publishing": ("book", outboxes._PUBLISHED),
    "a payment": ("pay", payments._BY_ID),
    "a booking's payment": ("pay", payments.KIND.one),
    "a customer's payments": ("pay", of(payments._LISTED, "customer_id")),
    "a company's payments": ("pay", of(payments._LISTED, "company_id")),
    "unsettled": ("pay", payments._UNSETTLED),
    "due": ("alarm", notifications._DUE),
    "a customer's notifications": ("alarm", of(notifications._LISTED, "customer_id")),
    "a company's unread": ("alarm", of(notifications._LISTED, "company_id", "read")),
    "how many a customer has not read": ("alarm", notifications._UNREAD_OF),
    "given up": ("alarm", notifications._sought(notifications.Status.GIVEN_UP, frozenset({"channel", "before"}))),
    "a customer's pages": ("mypage", of(pages._BOOKINGS, "customer_id")),
    "a company's pages of a ticket": ("mypage", of(pages._BOOKINGS, "company_id", "ticket_id")),
    "a company's tickets": ("mypage", of(pages._TICKETS, "company_id")),
    "the sums of tickets": ("mypage", pages._SUMS),
    "pages": ("mypage", documents.LIVE.bookings.load),
    "records": ("log", log_tail._READ),
    "tickets by price": ("ticket", of(ticketing._LISTED, order=(Order("price"),))),
    "a company's tickets on sale": ("ticket", of(ticketing._LISTED, "company_id")),
}


@pytest.mark.parametrize("what", PLANS)
def test_no_table_is_read_from_end_to_end(tmp_path, what):
    service, statement = PLANS[what]
    migrate(url_of(tmp_path, service), service)
    found = prepared(statement, Sqlite.dialect)
    values = ["[]" if name in ("keys", "along", "tickets") else 1 for name in found.names]
    with closing(sqlite3.connect(tmp_path / f"{service}.sqlite")) as file:
        plan = [row[3] for row in file.execute(f"EXPLAIN QUERY PLAN {found.sql}", values)]
    by_index = ("USING INDEX", "USING COVERING INDEX", "USING PRIMARY KEY", "VIRTUAL TABLE", "SCAN live_view")
    all_of_it = {"all bookings": ["SCAN bookings"]}.get(what, [])
    scans = [step for step in plan if "SCAN" in step and not any(how in step for how in by_index)]
    assert scans == all_of_it, plan
