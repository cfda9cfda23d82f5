"""Bringing a database of documents to this program's schema: its indexes, and the first, empty view."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from adapters.persistence.errors import StoreError
from adapters.persistence.mongo import driver
from adapters.persistence.mongo.documents import BOOKINGS, TICKETS
from adapters.persistence.mongo.store import VERSION
from myticket_core.errors import Unavailable

INDEXES: Final[Mapping[str, Sequence[Sequence[str]]]] = {
    BOOKINGS.collection: [
        ("view", "booking_id"),
        ("view", "customer_id", "booking_id"),
        ("view", "ticket_id", "booking_id"),
        ("view", "changed"),
    ],
    TICKETS.collection: [("view", "ticket_id"), ("view", "company_id", "ticket_id"), ("view", "changed")],
    "parking": [("consumer", "turn")],
}
GONE: Final[Mapping[str, Sequence[Sequence[str]]]] = {BOOKINGS.collection: [("view", "company_id", "booking_id")]}
"""What an earlier version made and no query uses: each change of a page costs so much for every index."""


def migrate_documents(url: str, tell: Callable[[str], None] = lambda line: None) -> None:
    """Make what is not there yet; it is told each step that is taken, and an up-to-date database takes none.

    Several may be started at once. A database of a newer program is left alone. Raises StoreError.
    """
    store = driver.connect_blocking(url)
    name = f"{driver.redacted(url)} (MONGODB_URL)"
    try:
        with driver.reported(name):
            found = store["about"].find_one({"_id": "schema"})
            if found and found["version"] > VERSION:
                raise StoreError(f"{name} was written by a newer version of myticket: use that one")
            _made(store)  # also what has been added since: an older program does without it
            if _marked(store):
                tell("mypage: 0001 The first collections and indexes of mypage.")
    except Unavailable as error:
        raise StoreError(str(error)) from error
    finally:
        store.client.close()


def _made(store: driver.BlockingStore) -> None:
    for collection, indexes in INDEXES.items():
        for members in indexes:
            store[collection].create_index([(member, 1) for member in members])
    for collection, indexes in GONE.items():
        for members in indexes:
            driver.drop_index(store, collection, members)
    _once(store, "views", {"live": 1, "last": 1})
    _once(store, "parking", {"last": 0})
    _once(store, "changes", {"last": 0})


def _marked(store: driver.BlockingStore) -> bool:
    """Last of all, so that a schema that is said to be there is there whole. False: somebody else was first."""
    return _once(store, "schema", {"version": VERSION})


def _once(store: driver.BlockingStore, id: str, members: Mapping[str, int]) -> bool:
    try:
        store["about"].insert_one({"_id": id, **members})
    except driver.DuplicateKeyError:
        return False
    return True
