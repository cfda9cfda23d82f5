"""The drivers of MongoDB. Motor gets no new features, and no fixes after May 2027: nothing but this file knows it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Final, TypeAlias

import bson
from bson.raw_bson import RawBSONDocument
from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorCollection, AsyncIOMotorDatabase
from pymongo import InsertOne, MongoClient, ReplaceOne, ReturnDocument, UpdateOne
from pymongo.database import Database as BlockingDatabase
from pymongo.errors import (
    BulkWriteError,
    ConfigurationError,
    ConnectionFailure,
    DuplicateKeyError,
    ExecutionTimeout,
    OperationFailure,
    PyMongoError,
    WriteConcernError,
)

from adapters.persistence.errors import StoreError
from myticket_core.errors import Unavailable

__all__ = ["DuplicateKeyError"]

Members: TypeAlias = dict[str, Any]
Collection: TypeAlias = "AsyncIOMotorCollection[Members]"
Store: TypeAlias = "AsyncIOMotorDatabase[Members]"
BlockingStore: TypeAlias = "BlockingDatabase[Members]"

OPTIONS: Final[Mapping[str, Any]] = {
    "appname": "myticket",
    "w": "majority",  # with the journal: what is acknowledged outlives any crash, since the log's offset follows it
    "journal": True,
    "readPreference": "primary",  # which view is live must be nobody's old answer
    "serverSelectionTimeoutMS": 2_000,
    "connectTimeoutMS": 2_000,
    "socketTimeoutMS": 10_000,
    "waitQueueTimeoutMS": 10_000,
    "maxPoolSize": 8,
}
"""These win over what the URL says: the guarantees hang on them."""

_DENIED: Final = {13: "does not allow this user to do that", 18: "does not accept this user and password"}
_TROUBLE: Final = frozenset(
    {50, 64, 91, 112, 133, 189, 262, 11600, 11602, 14031}
)  # timeouts, write concern, shutting down, stepping down, no space left
_DUPLICATE: Final = 11000
_NO_INDEX: Final = 27


class Unusable(Unavailable):
    """Unavailable until somebody does something about it: at a start it is said and the start stops."""


def connect(url: str) -> Store:
    """The database that the URL names, `mypage` when it names none; nothing is sent yet. Raises StoreError."""
    with _readable(url):
        client: AsyncIOMotorClient[Members] = AsyncIOMotorClient(url, io_loop=asyncio.get_running_loop(), **OPTIONS)
        return client.get_default_database("mypage")


def connect_blocking(url: str) -> BlockingStore:
    """The same for work that has no loop, and takes as long as it takes: an index of much is built for minutes."""
    with _readable(url):
        client: MongoClient[Members] = MongoClient(url, connect=False, **{**OPTIONS, "socketTimeoutMS": None})
        return client.get_default_database("mypage")


@contextmanager
def _readable(url: str) -> Iterator[None]:
    try:
        if not url.startswith(("mongodb://", "mongodb+srv://")):
            raise ValueError("say mongodb://host:port/database")
        yield
    except (PyMongoError, ValueError) as error:
        raise StoreError(f"MONGODB_URL {redacted(url)} is no address of documents: {error}") from error


def redacted(url: str) -> str:
    """Without user, password and parameters."""
    return re.sub(r"\?.*", "", re.sub(r"//.*@", "//", url))


@contextmanager
def reported(name: str) -> Iterator[None]:
    """What is the server's trouble is raised as Unavailable, or Unusable when waiting alone does not help."""
    try:
        yield
    except OperationFailure as error:
        if error.code in _DENIED:
            raise Unusable(f"{name} {_DENIED[error.code]}: {_short(error)}") from error
        if not _passes(error):
            raise
        raise Unavailable(f"{name} cannot do it now: {_short(error)}", timedelta(seconds=1)) from error
    except (ConnectionFailure, ConfigurationError) as error:  # the second: names of mongodb+srv are asked for only here
        raise Unavailable(f"{name} cannot be reached: {_short(error)}", timedelta(seconds=1)) from error


def _passes(error: OperationFailure) -> bool:
    lasting = not isinstance(error, WriteConcernError | ExecutionTimeout) and error.code not in _TROUBLE
    return not lasting or error.has_error_label("RetryableWriteError")


def _short(error: PyMongoError) -> str:
    """Without what the driver tells of timeouts and its picture of the servers."""
    text = re.split(r" \(configured timeouts|, Timeout: |, full error: ", str(error))[0]
    return " ".join(text.split())


def encoded(document: Members) -> Any:
    """The document as it goes over the wire. Raises when it cannot: an error of this document, and of no other."""
    return RawBSONDocument(bson.encode(document))


def drop_index(store: BlockingStore, collection: str, members: Sequence[str]) -> None:
    """There is none of these members when it returns, whoever dropped it."""
    try:
        store[collection].drop_index([(member, 1) for member in members])
    except OperationFailure as error:
        if error.code != _NO_INDEX:
            raise


async def replace(collection: Collection, writes: Sequence[tuple[str, int, Any]]) -> Mapping[int, Exception | None]:
    """Put each (_id, revision, document) in the place of the one with the same _id that has this revision.

    At revision 0 there is none yet; an upsert does that too, at several times the cost of an insert.
    By position: what failed, with None where another revision is there.
    """
    orders = [
        ReplaceOne({"_id": id, "revision": revision}, new, upsert=True) if revision else InsertOne(new)
        for id, revision, new in writes
    ]
    try:
        await collection.bulk_write(orders, ordered=False)
    except BulkWriteError as error:
        details: Mapping[str, Any] = error.details or {}
        for unsure in details.get("writeConcernErrors", ()):
            raise WriteConcernError(str(unsure.get("errmsg")), unsure.get("code")) from error
        return {failed["index"]: _failure(failed["errmsg"], failed["code"]) for failed in details["writeErrors"]}
    return {}


async def number(collection: Collection, numbers: Mapping[str, int]) -> None:
    """Those of the documents, by _id, as their `changed`; whatever else is in them stays."""
    orders = [UpdateOne({"_id": id}, {"$set": {"changed": changed}}) for id, changed in numbers.items()]
    await collection.bulk_write(orders, ordered=False)


def _failure(message: str, code: int) -> Exception | None:
    """Raises what is the server's trouble and not the document's."""
    error = OperationFailure(message, code)
    if code in _DENIED or _passes(error):
        raise error
    return None if code == _DUPLICATE else error


async def counted(collection: Collection, id: str, by: int = 1, *, make: bool = False) -> Members | None:
    """The document after its member `last` has been raised; `make`: it need not be there yet."""
    return await collection.find_one_and_update(
        {"_id": id}, {"$inc": {"last": by}}, upsert=make, return_document=ReturnDocument.AFTER
    )
