"""Events per second that my page projects into MongoDB, beside the bare driver on the same server.

The bare driver writes the same documents into the same indexes. The ratio to it is what reading before, deciding, and
looking which view is live cost. Pages are new ones, and (again) the same ones once more.

    PYTHONPATH=src python -m benchmarks.documents [--seconds 5] [--url mongodb://…]
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import count, cycle
from typing import Any, Final, TypeAlias
from uuid import uuid4

import uvloop
from pymongo import InsertOne, MongoClient, ReplaceOne
from pymongo.collection import Collection

from adapters.persistence.mongo import Documents, MongoProjection, migrate_documents
from adapters.persistence.mongo.documents import BOOKINGS
from myticket_core.mypage.model import BookingPage, News
from scripts.services import Documents as Server

LANES = (1, 64, 200)
NEWS = News(
    source="book",
    version=1,
    at=1_795_000_000_000,
    status="BOOKED",
    members={"ticket_id": 6, "company_id": 1, "customer_id": 7, "price": 15_000, "status": "BOOKED"},
)


Order: TypeAlias = Callable[[dict[str, Any]], Any]


def _upsert(page: dict[str, Any]) -> Any:
    return ReplaceOne({"_id": page["_id"], "revision": 0}, page, upsert=True)


BARE: Final = (
    ("bare upserts, one by one", _upsert, 1),
    ("bare upserts, 200 at once", _upsert, 200),
    ("bare inserts, 200 at once", InsertOne, 200),
)


def measure(url: str, seconds: float = 5.0) -> Mapping[str, float]:
    """Events per second, by what wrote them."""
    found: dict[str, float] = {}
    for name, order, size in BARE:
        with _database(url) as database:
            found[name] = _bare(database, order, size, seconds)
    for lanes in LANES:
        with _database(url) as database:
            found[f"projection, {lanes} lanes"] = uvloop.run(_projected(database, lanes, count(1), seconds))
            again = cycle(range(1, lanes + 1))
            found[f"projection, {lanes} lanes again"] = uvloop.run(_projected(database, lanes, again, seconds))
    return found


@contextmanager
def _database(server: str) -> Iterator[str]:
    """The URL of one that is there for this long."""
    name = f"bench_{uuid4().hex}"
    migrate_documents(f"{server}/{name}")
    yield f"{server}/{name}"
    with MongoClient[Any](server) as client:
        client.drop_database(name)


def bare_inserts(server: str, made: Sequence[dict[str, Any]], size: int) -> float:
    """Pages per second: the bare driver inserts these, so many at once, into a database of their own."""
    with _database(server) as url, _pages(url) as pages:
        began = time.perf_counter()
        for start in range(0, len(made), size):
            pages.bulk_write([InsertOne(one) for one in made[start : start + size]], ordered=False)
        return len(made) / (time.perf_counter() - began)


def written(url: str) -> Sequence[dict[str, Any]]:
    """The pages of bookings that lie there."""
    with _pages(url) as pages:
        return pages.find().to_list()


@contextmanager
def _pages(url: str) -> Iterator[Collection[Any]]:
    with MongoClient[Any](url, w="majority", journal=True) as client:
        yield client.get_default_database()["booking_pages"]


def _bare(url: str, order: Order, size: int, seconds: float) -> float:
    with _pages(url) as pages:
        until, began, numbers, done = time.perf_counter() + seconds, time.perf_counter(), count(1), 0
        while time.perf_counter() < until:
            made = [_document(next(numbers)) for _ in range(size)]
            pages.bulk_write([order(one) for one in made], ordered=False)
            done += size
        return done / (time.perf_counter() - began)


def _document(id: int) -> dict[str, Any]:
    return BOOKINGS.document(BookingPage(booking_id=id).told(NEWS), 1, 1)


async def _projected(url: str, lanes: int, numbers: Iterator[int], seconds: float) -> float:
    documents = await Documents.open(url)
    projection = MongoProjection(documents)
    began = time.perf_counter()
    until, done = began + seconds, 0

    async def lane() -> None:
        nonlocal done
        while time.perf_counter() < until:
            await projection.change_booking(next(numbers), lambda page: page.told(NEWS))
            done += 1

    await asyncio.gather(*(lane() for _ in range(lanes)))
    took = time.perf_counter() - began
    documents.close()
    return done / took


def _told(figures: Mapping[str, float]) -> None:
    singly, at_once = figures[BARE[0][0]], figures[BARE[1][0]]
    for name, rate in figures.items():
        print(f"{name:28} {rate:8.0f} events/s {rate / singly:6.2f} of one by one {rate / at_once:6.2f} of 200 at once")


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seconds", type=float, default=5.0, help="of each way (5)")
    options.add_argument("--url", help="of a server; without it one is started")
    given = options.parse_args()
    if given.url:
        _told(measure(given.url, given.seconds))
    else:
        with Server() as server:
            _told(measure(server.url, given.seconds))
