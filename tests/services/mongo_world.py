"""A database of documents of its own for a test, opened as often as a system has replicas."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import Any
from urllib.parse import urlsplit

from pymongo import MongoClient

from adapters.persistence.mongo import Documents, MongoPages, MongoProjection, MongoViews, migrate_documents
from myticket_core.mypage.model import BookingPage, News


def url_in(server: str, database: str) -> str:
    return urlsplit(server)._replace(path=f"/{database}").geturl()


class Replica:
    """What one process has of my page."""

    def __init__(self, documents: Documents) -> None:
        self.documents = documents
        self.projection, self.pages = MongoProjection(documents), MongoPages(documents)
        self.views = MongoViews(documents)

    async def noted(self, number: int, booking: int = 5) -> None:
        await self.projection.change_booking(booking, lambda page: page.told(note(number)))


@asynccontextmanager
async def replicas(url: str, number: int) -> AsyncIterator[list[Replica]]:
    migrate_documents(url)
    async with AsyncExitStack() as closing:
        opened = [await Documents.open(url) for _ in range(number)]
        for documents in opened:
            closing.callback(documents.close)
        yield [Replica(documents) for documents in opened]


@contextmanager
def by_hand(url: str) -> Iterator[Any]:
    """The database without any of our own, to look and to interfere from within a decision."""
    with MongoClient(url) as client:
        yield client.get_default_database()


def note(number: int) -> News:
    return News(source=f"s{number}", version=1, at=number, status="BOOKED", members={"price": number})


def notes(page: BookingPage) -> Iterable[int]:
    return [line.at for line in page.history]
