"""`myticket rebuild mypage` makes the documents that were there: byte for byte, whatever order these were made in.

From a log that was made anew it puts none in their place.

MYTICKET_TEST_REBUILD=100000 is the long form; with -s it says how long it took.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import sqlite3
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import bson
import pytest
from attrs import evolve, frozen
from bson.raw_bson import DEFAULT_RAW_BSON_OPTIONS, RawBSONDocument
from pymongo import MongoClient

from adapters.memory import MemoryDatabase, MemoryLog, MemoryParking
from adapters.persistence import Database, SqlLog, migrate
from adapters.persistence.log import SqlHistory
from adapters.persistence.mongo import migrate_documents
from adapters.system import RandomIds, SystemClock, concurrently
from apps import places, stores
from apps.composing import composed
from apps.failures import CannotRun
from apps.settings import Settings
from myticket_core.conformance.builders import NOW
from myticket_core.conformance.page_store import booked, registered
from myticket_core.errors import Rejected, Unavailable
from myticket_core.messages import Cause, Envelope
from myticket_core.mypage.policies import WHENEVER
from myticket_core.mypage.project import Project, ProjectPages
from myticket_core.reacting import Consumer, Reactor
from tests.services.mongo_world import url_in
from tests.services.said_of_pages import in_some_order, repeated, said

EVENTS: Final = int(os.environ.get("MYTICKET_TEST_REBUILD", "2000"))
BATCH: Final = 500
SOME: Final = [
    Envelope.seal(event, Cause("c", "c"), f"e{number}", NOW)
    for number, event in enumerate((registered(6), booked(1), booked(2)))
]
OF_THE_STORE: Final = {"_id", "view", "revision", "changed"}
"""Which view a document is in, and how often the store has written what."""

Documents = Mapping[str, Sequence[object]]


@frozen
class Store:
    """My page's, as `settings` name it; `documents` are those that are shown, with the number of their view."""

    settings: Settings
    documents: Callable[[], tuple[int, Documents]]
    events: int


@pytest.fixture
def in_a_file(tmp_path):
    settings = Settings(data=tmp_path)
    for name in ("log", "mypage"):
        migrate(places.stores(settings)[name], name)
    return Store(settings, lambda: _rows(tmp_path / "mypage.sqlite"), EVENTS)


@pytest.fixture
def in_documents(tmp_path, mongodb_url, mongodb_database):
    settings = Settings(data=tmp_path, mongodb_url=url_in(mongodb_url, mongodb_database))
    migrate(places.stores(settings)["log"], "log")
    migrate_documents(settings.mongodb_url)
    return Store(settings, lambda: _documents(settings.mongodb_url), EVENTS // 5)


def _rows(path: Path) -> tuple[int, Documents]:
    with closing(sqlite3.connect(path)) as file:
        file.text_factory = bytes
        file.row_factory = sqlite3.Row
        ((view,),) = file.execute("SELECT view FROM live_view WHERE id = 1").fetchall()
        found = {}
        for pages in ("booking", "ticket"):
            rows = file.execute(f"SELECT * FROM {pages}_pages WHERE view = ? ORDER BY {pages}_id", (view,))
            found[pages] = [{name: row[name] for name in row.keys() if name not in OF_THE_STORE} for row in rows]  # noqa: SIM118
        return view, found


def _documents(url: str) -> tuple[int, Documents]:
    with MongoClient[Any](url) as client:
        database = client.get_default_database()
        view, found = database["about"].find_one({"_id": "views"})["live"], {}
        for pages in ("booking", "ticket"):
            raw = database.get_collection(f"{pages}_pages", DEFAULT_RAW_BSON_OPTIONS)
            found[pages] = [_encoded(it) for it in raw.find({"view": view}).sort(f"{pages}_id", 1)]
        return view, found


def _encoded(document: RawBSONDocument) -> bytes:
    return bson.encode({name: value for name, value in document.items() if name not in OF_THE_STORE})


@pytest.mark.parametrize("where", ["in_a_file", "in_documents"])
async def test_a_rebuild_makes_the_same_bytes(where, request, capsys):
    store, chance = request.getfixturevalue(where), random.Random(20261126)
    lanes = said(store.events, chance)
    log = in_some_order(lanes, chance)
    assert {it.type for it in log} == {kind.__name__ for kind in WHENEVER}
    took = [await _timed(_heard(store.settings, repeated(in_some_order(lanes, chance), chance)))]
    view, before = store.documents()
    assert len(before["booking"]) > len(before["ticket"]) > 1
    await _recorded(store.settings, log)
    took.append(await _timed(stores.rebuild(store.settings, as_json=True)))
    summary = json.loads(capsys.readouterr().out)
    assert summary == {"records": len(log), "unreadable": 0, "differences": []}
    rebuilt, after = store.documents()
    assert rebuilt != view, "these are the old ones"
    assert after == before
    print(f"{where}: {len(log)} events heard in {took[0]:.1f} s, rebuilt in {took[1]:.1f} s")


@pytest.mark.parametrize("where", ["in_a_file", "in_documents"])
async def test_a_log_that_was_made_anew_replaces_no_page(where, request, capsys):
    store = request.getfixturevalue(where)
    await _heard(store.settings, SOME)
    await _recorded(store.settings, SOME[-1:])
    before = store.documents()
    with pytest.raises(
        CannotRun, match=r"nothing of 2 of the pages .*/log\.sqlite was made anew.*MYTICKET_DATA.*--force"
    ):
        await stores.rebuild(store.settings, as_json=True)
    assert store.documents() == before
    await stores.rebuild(store.settings, as_json=True, forced=True)
    assert json.loads(capsys.readouterr().out)["differences"] == ["booking 1", "ticket 6"]
    _, after = store.documents()
    assert [len(after[pages]) for pages in ("booking", "ticket")] == [1, 0]


async def test_a_log_that_is_away_is_said_while_it_is_waited_for(in_a_file, monkeypatch, capsys):
    read, left = SqlHistory.read, [Unavailable("Kafka: [nobody] answers", timedelta(0))]

    async def away(self, limit):
        if left:
            raise left.pop()
        return await read(self, limit)

    monkeypatch.setattr(SqlHistory, "read", away)
    await stores.rebuild(in_a_file.settings, as_json=True)
    assert "waits, for a minute at most: Kafka: [nobody] answers\n" in capsys.readouterr().err


async def test_a_topic_that_is_missing_is_not_waited_for(in_a_file, kafka, kafka_topic):
    settings = evolve(in_a_file.settings, kafka_bootstrap_servers=kafka, kafka_topic=kafka_topic)
    with pytest.raises(Rejected, match=f"there is no topic {kafka_topic}"):
        async with asyncio.timeout(30):
            await stores.rebuild(settings, as_json=True)


async def _heard(settings: Settings, events: Sequence[Envelope]) -> None:
    """As my page's consumer hears them while it runs."""
    log, clock = MemoryLog(), SystemClock()
    await log.publisher().publish(events)
    async with composed(settings, places.stores(settings), ["mypage"]) as containers:
        project = ProjectPages(containers["mypage"].projection())
        consumer = Consumer("mypage", WHENEVER, {Project: project}, at_once=project.all)
        parking = MemoryParking(MemoryDatabase(clock, RandomIds()))
        reactor = Reactor(consumer, log.reader("mypage"), parking, clock, concurrently)
        while await reactor(timedelta(0)):
            pass
        assert not await parking.parked("mypage")


async def _recorded(settings: Settings, events: Sequence[Envelope]) -> None:
    """In the log, which has each of them once."""
    url = places.stores(settings)["log"]
    db = await Database.open(url, "log", SystemClock(), RandomIds())
    for start in range(0, len(events), BATCH):
        await SqlLog(db).publisher().publish(events[start : start + BATCH])
    await db.close()


async def _timed(work: Awaitable[None]) -> float:
    began = time.perf_counter()
    await work
    return time.perf_counter() - began
