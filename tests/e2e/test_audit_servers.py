"""`myticket audit` over the stores of the five processes, while they run: the same verdicts as over files."""

from __future__ import annotations

import asyncio
import json
import random
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from typing import Any

import asyncpg
import attrs
import pytest
import pytest_asyncio
from attrs import frozen
from pymongo import MongoClient

from adapters.persistence import StoreError
from apps import audit as auditing
from apps.audit_stores import look
from apps.environment import load
from apps.settings import Settings
from myticket_core.errors import Unavailable
from tests.e2e.five import Five
from tests.e2e.load import Crowd
from tests.e2e.resting import settled
from tests.until import until

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]

KEPT, CANCELED, TICKET = 1, 2, 1
SETTLED_WITHIN = 60.0
IN_KAFKA = "what consumers have still to read: it is in Kafka"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def five(
    tmp_path_factory: pytest.TempPathFactory, postgres_url: str, mongodb_url: str, kafka: str
) -> AsyncIterator[Five]:
    """Running and at rest: one booking kept, one canceled and paid back."""
    async with Five(tmp_path_factory.mktemp("five"), postgres_url, mongodb_url, kafka) as running:
        customer = await running.customer()
        assert await running.ticket(5) == TICKET

        async def on_sale() -> bool:
            return (await running.ask("GET", f"/sales/{TICKET}", customer)).status == 200

        await until(on_sale)  # who books before that asks for a number twice
        for _ in (KEPT, CANCELED):
            order = {"ticketId": TICKET, "paymentMethod": "sandbox-approve"}
            assert (await running.ask("POST", "/books", customer, order)).status == 201
        assert (await running.ask("DELETE", f"/books/{CANCELED}", customer)).status == 204
        await settled(running, SETTLED_WITHIN)
        yield running


@pytest.fixture
def settings(five: Five) -> Settings:
    return load({**five.made.shared, **five.made.stores})


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of it is under way any more, so that looking twice is enough."""
    monkeypatch.setattr(auditing, "PATIENCE", 0.1)
    monkeypatch.setattr(auditing, "PAUSE", 0.1)


async def test_what_the_services_did_is_free_of_contradictions(five: Five) -> None:
    found = await five.audit()
    assert (found["violations"], found["in_flight"]) == ([], [])
    assert found["compared"]["money"] == {
        **dict.fromkeys(("booked", "approved", "kept", "shown"), 15000),
        **dict.fromkeys(("canceled", "given back"), 15000),
        **dict.fromkeys(("fees", "failed"), 0),
    }
    assert IN_KAFKA in found["unchecked"]
    told = await five.run("audit")
    assert f"unchecked: {IN_KAFKA}" in told
    assert told.splitlines()[-1] == "no contradiction, and at rest"


@frozen
class Lie:
    """What is changed behind the backs of the services that run, and back again."""

    name: str
    invariant: int
    id: object
    store: str
    do: Any
    undo: Any


REFUND = f"type = 'PaymentCanceled' AND key = '{CANCELED}'"
TOLD = f"WHERE event = 'PaymentCanceled' AND booking_id = {CANCELED}"
LIES = (
    Lie("booked more", 1, TICKET, "book", "UPDATE sales SET booked = booked + 1", "UPDATE sales SET booked = 1"),
    Lie(
        "other amount",
        2,
        KEPT,
        "pay",
        f"UPDATE payments SET price = 1 WHERE booking_id = {KEPT}",
        "UPDATE payments SET price = 15000",
    ),
    Lie(
        "not given back",
        4,
        f"booking-{CANCELED}",
        "sandbox",
        f"UPDATE refunds SET status = 'failed' WHERE key = 'booking-{CANCELED}'",
        f"UPDATE refunds SET status = 'done' WHERE key = 'booking-{CANCELED}'",
    ),
    Lie(
        "no refund",
        5,
        CANCELED,
        "pay",
        f"UPDATE outbox SET type = 'Hidden' WHERE {REFUND}",
        "UPDATE outbox SET type = 'PaymentCanceled' WHERE type = 'Hidden'",
    ),
    Lie(
        "refund not told",
        5,
        None,
        "alarm",
        f"UPDATE notifications SET event_id = 'not ' || event_id {TOLD}",
        f"UPDATE notifications SET event_id = substr(event_id, 5) {TOLD}",
    ),
    Lie(
        "deleted, sold",
        7,
        KEPT,
        "ticket",
        "UPDATE tickets SET status = 'DELETED'",
        "UPDATE tickets SET status = 'ON_SALE'",
    ),
    Lie("other status", 10, KEPT, "mypage", {"status": "CANCELED"}, {"status": "BOOKED"}),
    Lie("other price", 10, KEPT, "mypage", {"price": 1}, {"price": 15000}),
)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("lie", [pytest.param(lie, id=f"{lie.invariant} {lie.name}") for lie in LIES])
async def test_a_planted_contradiction_is_named(
    five: Five, settings: Settings, lie: Lie, capsys: pytest.CaptureFixture[str]
) -> None:
    expected = lie.id or await _refund(five)
    await _plant(five, lie.store, lie.do)
    try:
        assert await auditing.run(settings, as_json=True) == 1
    finally:
        await _plant(five, lie.store, lie.undo)
    found = json.loads(capsys.readouterr().out)
    named = {(wrong["invariant"], one) for wrong in found["violations"] for one in wrong["ids"]}
    assert (lie.invariant, expected) in named, found["violations"]
    assert await auditing.run(settings, as_json=True) == 0, "it was not put back"


async def _refund(five: Five) -> Any:
    server = await asyncpg.connect(five.made.store("pay"))
    try:
        return await server.fetchval(f"SELECT id FROM outbox WHERE {REFUND}")
    finally:
        await server.close()


async def _plant(five: Five, store: str, change: Any) -> None:
    if store == "mypage":
        with MongoClient(five.made.store(store)) as client:
            pages = client.get_default_database()["booking_pages"]
            assert pages.update_one({"booking_id": KEPT}, {"$set": change}).modified_count == 1
    elif store == "sandbox":
        with closing(sqlite3.connect(five.data / "sandbox.sqlite", isolation_level=None)) as bank:
            assert bank.execute(change).rowcount == 1
    else:
        server = await asyncpg.connect(five.made.store(store))
        try:
            assert not (await server.execute(change)).endswith(" 0"), "nothing was planted"
        finally:
            await server.close()


async def test_what_waits_for_a_service_that_is_down_is_no_contradiction(
    five: Five, settings: Settings, impatient: None, capsys: pytest.CaptureFixture[str]
) -> None:
    """What stays under way explains what is not at rest; what must hold at every instant is still said."""
    five.pause("book")
    await _plant(five, "book", "UPDATE outbox SET published = false WHERE seq = (SELECT max(seq) FROM outbox)")
    await _plant(five, "mypage", {"status": "CANCELED"})
    try:
        assert await auditing.run(settings, as_json=True) == 0
        waiting = json.loads(capsys.readouterr().out)
        await _plant(five, "book", "UPDATE sales SET booked = booked + 1")
        assert await auditing.run(settings, as_json=True) == 1
    finally:
        five.resume("book")
        await _plant(five, "book", "UPDATE sales SET booked = 1")
        await _plant(five, "mypage", {"status": "BOOKED"})
    assert [it["what"] for it in waiting["in_flight"]] == ["not published"]
    assert {it["invariant"] for it in json.loads(capsys.readouterr().out)["violations"]} == {1}
    await settled(five, SETTLED_WITHIN)


async def test_without_the_sandbox_its_charges_are_not_checked(
    settings: Settings, tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await auditing.run(attrs.evolve(settings, data=tmp_path), as_json=True) == 0
    assert "4 no orphan charge: no charges" in json.loads(capsys.readouterr().out)["unchecked"]


async def test_running_services_are_not_accused_of_what_they_are_doing(five: Five) -> None:
    crowd = Crowd(five, 4, random.Random(20261122))  # type: ignore[arg-type]
    await crowd.open_up(2)
    rush = asyncio.create_task(crowd.rush(8.0))
    assert (await five.audit())["violations"] == []
    await rush
    assert crowd.diary.booked
    await settled(five, SETTLED_WITHIN)


NOWHERE = "127.0.0.1:1"


@pytest.mark.parametrize(
    "setting, url, error, says",
    [
        (
            "book_database_url",
            f"postgresql://nobody@{NOWHERE}/x",
            Unavailable,
            f"{NOWHERE}/x (MYTICKET_BOOK_DATABASE_URL)",
        ),
        ("book_database_url", "{postgres}", StoreError, "run `myticket migrate book` first"),
        ("book_database_url", "{pay}", StoreError, "is the store of pay, not of book"),
        ("mongodb_url", f"mongodb://{NOWHERE}/x", Unavailable, f"mongodb://{NOWHERE}/x (MONGODB_URL) cannot be"),
        ("mongodb_url", "{mongodb}/never_made", StoreError, "run `myticket migrate mypage` first"),
    ],
)
async def test_what_cannot_be_read_is_said(
    five: Five, settings: Settings, setting: str, url: str, error: type[Exception], says: str
) -> None:
    there = url.format(postgres=five.postgres, pay=five.made.store("pay"), mongodb=five.mongodb)
    with pytest.raises(error) as raised:
        await look(attrs.evolve(settings, **{setting: there}))
    assert says in str(raised.value)
