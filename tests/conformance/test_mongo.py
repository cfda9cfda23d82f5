"""My page's documents pass every suite that its SQL store passes, on a real server. A second client is the restart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest

from adapters.persistence.mongo import (
    Documents,
    MongoChanges,
    MongoPages,
    MongoParking,
    MongoProjection,
    MongoViews,
    migrate_documents,
)
from myticket_core.conformance import changes, pages, parking
from tests.case import Case


class OnMongo(Case):
    """`ports` makes what is under test on a database of its own."""

    durable = shared = True
    ports: Callable[[Documents], Any]

    @pytest.fixture(autouse=True)
    def _database(self, mongodb_url, mongodb_database):
        self.url = urlsplit(mongodb_url)._replace(path=f"/{mongodb_database}").geturl()

    async def new(self):
        migrate_documents(self.url)
        return await self.beside(None)

    async def reopen(self, under):
        self.documents.close()
        return await self.beside(under)

    async def beside(self, under):
        self.documents = await Documents.open(self.url)
        self.addCleanup(self.documents.close)
        return self.ports(self.documents)


class TestPages(OnMongo, pages.PagesConformance):
    def ports(self, documents):
        return pages.PageStore(MongoProjection(documents), MongoPages(documents), MongoViews(documents))


class TestChanges(OnMongo, changes.ChangesConformance):
    def ports(self, documents):
        return changes.ChangeStore(MongoProjection(documents), MongoViews(documents), MongoChanges(documents))


class TestParking(OnMongo, parking.ParkingConformance):
    ports = MongoParking
