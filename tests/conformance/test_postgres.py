"""The SQL adapters pass every suite on PostgreSQL, in a database each: a copy of one that was migrated once."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg
import pytest

from adapters.persistence import migrate
from tests.case import Case
from tests.conformance import sql


@pytest.fixture(scope="session")
def migrated() -> dict[str, str]:
    """The names of the databases to copy, by service."""
    return {}


class OnPostgres(Case):
    @pytest.fixture(autouse=True)
    def _server(self, postgres_url, migrated):
        self.server, self.migrated = postgres_url, migrated

    async def new(self):
        if self.service not in self.migrated:
            self.migrated[self.service] = name = await self._made(f"template_{uuid4().hex}")
            await asyncio.to_thread(migrate, self._at(name), self.service)
        name = await self._made(f"test_{uuid4().hex}", self.migrated[self.service])
        self.url = self._at(name)
        self.addAsyncCleanup(self._run, f"DROP DATABASE {name} WITH (FORCE)")
        return await self.beside(None)

    async def _made(self, name, template="template0"):
        await self._run(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    async def _run(self, statement):
        connection = await asyncpg.connect(self.server)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    def _at(self, name):
        return urlsplit(self.server)._replace(path=f"/{name}").geturl()


class TestTickets(OnPostgres, sql.Tickets):
    pass


class TestOutbox(OnPostgres, sql.Outbox):
    pass


class TestPast(OnPostgres, sql.Past):
    pass


class TestBookings(OnPostgres, sql.Bookings):
    pass


class TestSales(OnPostgres, sql.Sales):
    pass


class TestWaitingList(OnPostgres, sql.WaitingList):
    pass


class TestPaymentBook(OnPostgres, sql.PaymentBook):
    pass


class TestReferences(OnPostgres, sql.References):
    pass


class TestHints(OnPostgres, sql.Hints):
    pass


class TestContacts(OnPostgres, sql.Contacts):
    pass


class TestNotifications(OnPostgres, sql.Notifications):
    pass


class TestChanges(OnPostgres, sql.Changes):
    pass


class TestPages(OnPostgres, sql.Pages):
    pass


class TestParking(OnPostgres, sql.Parking):
    pass
