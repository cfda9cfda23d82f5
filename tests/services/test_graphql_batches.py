"""What is read for many at once is what is read for each: in memory, on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from attrs import evolve

from adapters.memory import (
    MemoryBookings,
    MemoryDatabase,
    MemoryOutbox,
    MemoryPages,
    MemoryPaymentBook,
    MemoryProjection,
    MemorySales,
    MemoryTickets,
)
from adapters.persistence import (
    Database,
    SqlBookings,
    SqlOutbox,
    SqlPages,
    SqlPaymentBook,
    SqlProjection,
    SqlSales,
    SqlTickets,
    migrate,
)
from adapters.system import RandomIds, SystemClock
from myticket_core.access import EVERYTHING, Scope
from myticket_core.booking.terms import Terms
from myticket_core.conformance.booking_store import BookingStore, held, on_sale, pending
from myticket_core.conformance.builders import cause
from myticket_core.conformance.payment_store import requested
from myticket_core.ticket.register import Register
from tests.services.mongo_world import replicas, url_in
from tests.services.stores import url_of

Opening = Callable[[str, Any, Any], Any]


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def opened(request: pytest.FixtureRequest, tmp_path: Any) -> Opening:
    """(service, the adapter in memory, the one in SQL) → the adapter on a new store."""

    @asynccontextmanager
    async def store(service: str, memory: Any, sql: Any) -> AsyncIterator[Any]:
        if request.param == "memory":
            yield memory(MemoryDatabase(SystemClock(), RandomIds()))
            return
        await asyncio.to_thread(migrate, url, service)
        db = await Database.open(url, service, SystemClock(), RandomIds())
        try:
            yield sql(db)
        finally:
            await db.close()

    if request.param == "postgres":
        url = request.getfixturevalue("postgres_database")
        return store
    url = url_of(tmp_path)
    return store


async def test_tickets_that_are_on_sale(opened: Opening) -> None:
    async with opened("ticket", MemoryTickets, SqlTickets) as tickets:
        for price in (1, 2, 3):
            await tickets.add(Register(company_id=1, price=price).decide, cause())
        await tickets.change(2, lambda ticket: ticket.deleted(), cause())
        found = {ticket.id: ticket for ticket in await tickets.many([3, 1, 2, 99])}
        assert found == {1: await tickets.get(1), 3: await tickets.get(3)}
        assert await tickets.many([]) == []


def _memory_bookings(database: MemoryDatabase) -> BookingStore:
    return BookingStore(MemoryBookings(database), MemorySales(database), MemoryOutbox(database))


def _sql_bookings(database: Database) -> BookingStore:
    return BookingStore(SqlBookings(database), SqlSales(database), SqlOutbox(database))


async def test_bookings(opened: Opening) -> None:
    async with opened("book", _memory_bookings, _sql_bookings) as store:
        await on_sale(store)
        for customer in (1, 2, 3):
            await held(store, pending(customer_id=customer))
        found = {it.id: it for it in await store.bookings.many([3, 1, 99])}
        assert found == {id: await store.bookings.get(id, EVERYTHING) for id in (1, 3)}


async def test_pages_of_bookings(opened: Opening) -> None:
    async with opened(
        "mypage", lambda it: (MemoryPages(it), MemoryProjection(it)), lambda it: (SqlPages(it), SqlProjection(it))
    ) as (pages, projection):
        await _some_pages(pages, projection)


async def test_pages_of_bookings_in_documents(mongodb_url: str, mongodb_database: str) -> None:
    async with replicas(url_in(mongodb_url, mongodb_database), 1) as (replica,):
        await _some_pages(replica.pages, replica.projection)


async def _some_pages(pages: Any, projection: Any) -> None:
    for booking in (5, 6, 7):
        await projection.change_booking(booking, lambda page: evolve(page, price=100))
    found = {it.booking_id: it for it in await pages.many([7, 5, 99])}
    assert found == {id: await pages.booking(id, EVERYTHING) for id in (5, 7)}


async def test_sales(opened: Opening) -> None:
    async with opened("book", MemorySales, SqlSales) as sales:
        terms = Terms(company_id=1, price=100, capacity=2, version=1)
        for ticket in (5, 6, 7):
            await sales.change(ticket, lambda sale: sale.sold_on(terms), cause())
        found = {sale.ticket_id: sale for sale in await sales.many([7, 5, 99])}
        assert found == {5: await sales.get(5), 7: await sales.get(7)}


async def test_payments_within_what_is_ones_own(opened: Opening) -> None:
    async with opened("pay", MemoryPaymentBook, SqlPaymentBook) as payments:
        for booking, customer in ((1, 1), (2, 2), (3, 1)):
            await payments.change(booking, requested(booking, customer_id=customer), cause())
        found = {it.booking_id: it for it in await payments.of_bookings([1, 2, 3, 99], Scope(customer_id=1))}
        assert found == {1: await payments.of_booking(1, EVERYTHING), 3: await payments.of_booking(3, EVERYTHING)}
        assert len(await payments.of_bookings([1, 2, 3], EVERYTHING)) == 3
