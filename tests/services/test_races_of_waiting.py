"""Many replicas offer at once while seats are given back and newcomers try: one offer a seat, in order."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta
from itertools import count

import pytest

from adapters.persistence import Database, SqlBookings, SqlOutbox, SqlSales, SqlWaitingList, migrate
from adapters.system import RandomIds, concurrently
from myticket_core.access import EVERYTHING
from myticket_core.booking.offer import OfferSeats
from myticket_core.booking.wait import Wait, WaitForSeat
from myticket_core.booking.waiting import Status
from myticket_core.conformance.booking_store import BookingStore, canceled, every, held, on_sale, pending
from myticket_core.conformance.builders import cause
from myticket_core.errors import Rejected
from myticket_core.paging import Paging
from tests.services.stores import NOW, url_of

REPLICAS, SEATS, LINE, NEWCOMERS = 4, 10, 25, 50
LATER = timedelta(minutes=15)


class SetClock:
    def now(self):
        return NOW


class Taking:
    """Payment, which takes whatever is asked for."""

    def shut(self):
        return None


class Replica:
    def __init__(self, db):
        self.bookings, self.sales, self.line = SqlBookings(db), SqlSales(db), SqlWaitingList(db)
        self.store = BookingStore(self.bookings, self.sales, SqlOutbox(db))
        self.wait = WaitForSeat(self.line, self.bookings, SetClock())
        self.offers = OfferSeats(self.line, self.sales, Taking(), SetClock(), RandomIds(), concurrently, LATER)


@pytest.fixture(params=["sqlite", "postgres"])
def url(request, tmp_path):
    found = url_of(tmp_path) if request.param == "sqlite" else request.getfixturevalue("postgres_database")
    migrate(found, "book")
    return found


@pytest.fixture
async def replicas(url):
    databases = [await Database.open(url, "book", SetClock(), RandomIds()) for _ in range(REPLICAS)]
    yield [Replica(db) for db in databases]
    for db in databases:
        await db.close()


async def snatched(replica, customer):
    """How often a newcomer got a seat of those who wait."""
    try:
        await held(replica.store, pending(customer_id=customer))
    except Rejected:
        return 0
    return 1


async def test_one_offer_a_seat_in_order_and_nobody_else_gets_one(replicas):
    first, numbers = replicas[0], count()
    await on_sale(first.store, capacity=SEATS)
    seats = [await held(first.store, pending(customer_id=999)) for _ in range(SEATS)]
    joins = [
        replicas[customer % REPLICAS].wait.join(Wait(ticket_id=1, customer_id=customer), cause())
        for customer in range(1, LINE + 1)
    ]
    in_order = sorted(await asyncio.gather(*joins), key=lambda it: it.waiting.number)
    frees = [replicas[next(numbers) % REPLICAS].bookings.change(seat.id, canceled, cause()) for seat in seats]
    newcomers = [snatched(replicas[number % REPLICAS], 1000 + number) for number in range(NEWCOMERS)]
    offering = [replica.offers() for replica in replicas for _ in range(5)]
    done = await asyncio.gather(*frees, *newcomers, *offering)
    assert sum(done[SEATS : SEATS + NEWCOMERS]) == 0, "a newcomer got a seat that somebody waits for"
    while sum(await asyncio.gather(*(replica.offers() for replica in replicas))):
        pass

    places = (await first.line.list(EVERYTHING, Paging(size=100))).items
    assert Counter(it.status for it in places) == {Status.OFFERED: SEATS, Status.WAITING: LINE - SEATS}
    offered = [it for it in places if it.status is Status.OFFERED]
    assert {it.customer_id for it in offered} == {it.waiting.customer_id for it in in_order[:SEATS]}
    live = Counter(it.customer_id for it in await every(first.store) if it.live)
    assert live == dict.fromkeys((it.customer_id for it in offered), 1)
    sale = await first.sales.get(1)
    assert (sale.held, sale.booked, sale.waiting, sale.remaining) == (SEATS, 0, LINE - SEATS, 0)
