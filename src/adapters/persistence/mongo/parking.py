from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from adapters.persistence.mongo import driver
from adapters.persistence.mongo.store import Documents, missing
from myticket_core.errors import NotFound
from myticket_core.ports import Parked, Record


class MongoParking:
    """It knows nothing of what was handled, as my page has no inbox. A replay of such a record changes nothing."""

    def __init__(self, documents: Documents) -> None:
        self._documents, self._parking = documents, documents.parking

    async def park(self, parked: Parked) -> bool:
        await self._documents.ready()
        turn = await self._documents.ask(driver.counted(self._documents.about, "parking"))
        if turn is None:
            raise driver.Unusable(missing(self._documents.name))
        with suppress(driver.DuplicateKeyError):  # the first counts
            await self._documents.ask(self._parking.insert_one(_document(parked, int(turn["last"]))))
        return True

    async def keys(self, consumer: str) -> frozenset[str]:
        await self._documents.ready()
        found = await self._documents.ask(self._parking.distinct("key", {"consumer": consumer}))
        return frozenset(key for key in found if key is not None)

    async def waiting(self, consumer: str) -> int:
        keyless = self._parking.count_documents({"consumer": consumer, "key": None})
        return len(await self.keys(consumer)) + int(await self._documents.ask(keyless))

    async def parked(self, consumer: str, key: str | None = None) -> Sequence[Parked]:
        await self._documents.ready()
        which = {"consumer": consumer} if key is None else {"consumer": consumer, "key": key}
        found = self._parking.find(which).sort("turn", 1)
        return [_parked(document) for document in await self._documents.ask(found.to_list(None))]

    async def release(self, consumer: str, id: str) -> None:
        await self._documents.ready()
        gone = await self._documents.ask(self._parking.delete_one({"_id": _id(consumer, id)}))
        if not gone.deleted_count:
            raise NotFound("parked event", id)


def _id(consumer: str, id: str) -> str:
    return f"{consumer} {id}"


def _document(parked: Parked, turn: int) -> dict[str, Any]:
    """Headers as pairs: a name may be one that cannot be a member's."""
    record = parked.record
    return {
        "_id": _id(parked.consumer, parked.id),
        "turn": turn,
        "consumer": parked.consumer,
        "id": parked.id,
        "key": parked.key,
        "reason": parked.reason,
        "at": parked.at.isoformat(),  # a date of MongoDB's has no microseconds
        "topic": record.topic,
        "partition": record.partition,
        "position": record.position,
        "record_key": record.key,
        "value": record.value,
        "headers": [[name, value] for name, value in record.headers.items()],
    }


def _parked(document: Mapping[str, Any]) -> Parked:
    headers = dict(document["headers"])
    place = int(document["partition"]), document["topic"]
    record = Record(int(document["position"]), document["record_key"], document["value"], headers, *place)
    at = datetime.fromisoformat(document["at"])
    return Parked(document["id"], document["consumer"], document["key"], record, document["reason"], at)
