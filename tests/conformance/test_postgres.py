"""The SQL adapters pass every suite on PostgreSQL, in a store each, which is another's before and after."""

from __future__ import annotations

import asyncio

import pytest

from tests.case import Case
from tests.conformance import sql
from tests.conformance.postgres_stores import Stores


@pytest.fixture(scope="module")
def stores(postgres_url):
    made = Stores(postgres_url)
    yield made
    asyncio.run(made.drop())


class OnPostgres(Case):
    @pytest.fixture(autouse=True)
    def _server(self, stores):
        self.stores = stores

    async def new(self):
        self.url = await self.stores.take(self.service)
        self.addAsyncCleanup(self.stores.give_back, self.service, self.url)
        return await self.beside(None)


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


class TestTitles(OnPostgres, sql.Titles):
    pass


class TestChanges(OnPostgres, sql.Changes):
    pass


class TestPages(OnPostgres, sql.Pages):
    pass


class TestParking(OnPostgres, sql.Parking):
    pass
