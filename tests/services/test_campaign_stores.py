"""A database that does not let one booking of a deleted ticket go: it is told, holds up no other, and goes later."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import asynccontextmanager, closing
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg
import pytest

from adapters.persistence import Database, SqlBookings, SqlOutbox, SqlSales, migrate
from adapters.system import RandomIds, SystemClock, concurrently
from myticket_core.booking.campaign import Outcome
from myticket_core.booking.close_sale import UNFORESEEN, CancelCampaign
from myticket_core.conformance.booking_store import BookingStore, booked, closed, on_sale
from myticket_core.errors import Incomplete
from myticket_core.paging import Paging
from tests.services.stores import url_of

LOCK = {
    "sqlite": "CREATE TRIGGER locked BEFORE UPDATE ON bookings WHEN NEW.id = 3 AND NEW.status = 'CANCELED' "
    "BEGIN SELECT RAISE(ABORT, 'an auditor keeps it'); END",
    "postgres": "CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'an auditor keeps it'; END $$; "
    "CREATE TRIGGER locked BEFORE UPDATE ON bookings FOR EACH ROW "
    "WHEN (NEW.id = 3 AND NEW.status = 'CANCELED') EXECUTE FUNCTION keep()",
}
UNLOCK = {"sqlite": "DROP TRIGGER locked", "postgres": "DROP TRIGGER locked ON bookings"}


class OnSqlite:
    name = "sqlite"

    def __init__(self, folder):
        self.url, self.path = url_of(folder), folder / "book.sqlite"

    async def run(self, statement):
        with closing(sqlite3.connect(self.path)) as file, file:
            file.execute(statement)


class OnPostgres:
    name = "postgres"

    def __init__(self, url):
        self.url = url

    async def run(self, statement):
        connection = await asyncpg.connect(self.url)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


@pytest.fixture(params=["sqlite", "postgres"])
async def store(request, tmp_path):
    if request.param == "sqlite":
        yield OnSqlite(tmp_path)
        return
    server, name = OnPostgres(request.getfixturevalue("postgres_url")), f"test_{uuid4().hex}"
    await server.run(f"CREATE DATABASE {name}")
    yield OnPostgres(urlsplit(server.url)._replace(path=f"/{name}").geturl())
    await server.run(f"DROP DATABASE {name} WITH (FORCE)")


@asynccontextmanager
async def deleted(url):
    """Five bookings of a ticket that was deleted."""
    await asyncio.to_thread(migrate, url, "book")
    db = await Database.open(url, "book", SystemClock(), RandomIds())
    try:
        desk = BookingStore(SqlBookings(db), SqlSales(db), SqlOutbox(db))
        await on_sale(desk)
        for _ in range(5):
            await booked(desk)
        await closed(desk)
        yield desk
    finally:
        await db.close()


async def failures(desk):
    return [it.failure for it in (await desk.bookings.outcomes(1, Outcome.FAILED, Paging())).items]


async def until_nothing_is_due(campaign):
    """How many bookings were tried, and what the log was told."""
    total, logged = 0, []
    while tried := await step(campaign, logged):
        total += tried
    return total, logged


async def step(campaign, logged):
    try:
        return await campaign()
    except Incomplete as some:
        logged.append(str(some.failure))
        return some.done + 1


@pytest.mark.parametrize("chunk", [1, 200])
async def test_what_the_database_does_not_let_go_is_told_and_goes_later(store, chunk):
    async with deleted(store.url) as desk:
        campaign = CancelCampaign(desk.bookings, desk.sales, SystemClock(), concurrently, chunk)
        await store.run(LOCK[store.name])
        total, (why,) = await until_nothing_is_due(campaign)
        assert (total, await failures(desk)) == (5, [UNFORESEEN])
        assert "an auditor keeps it" in why
        sale = await desk.sales.get(1)
        assert (sale.taken, sale.campaign.failed, sale.left) == (1, 1, 0)
        await store.run(UNLOCK[store.name])
        await desk.sales.change(1, lambda sale: sale.paused(False), sale.campaign.cause)
        assert (await until_nothing_is_due(campaign), await failures(desk)) == ((1, []), [])
