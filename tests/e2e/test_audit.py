"""`myticket audit` finds nothing in what the system has done, and every kind of contradiction that is planted there."""

from __future__ import annotations

import asyncio
import json
import random
import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from attrs import field, frozen

from apps import audit as auditing
from apps.settings import Settings
from tests.e2e.forking import ran
from tests.e2e.load import Crowd
from tests.e2e.system import System, run

pytestmark = pytest.mark.asyncio(loop_scope="module")

SETTINGS = {"MYTICKET_HOLD_SECONDS": "1", "MYTICKET_PAYMENT_TIMEOUT_SECONDS": "1"}
KEPT, DECLINED, CANCELED, BEREFT, EXPIRED = 1, 2, 3, 4, 5
"""The bookings by what became of them; BEREFT is one of the ticket that was deleted."""
SOLD, DELETED = 1, 2
SETTLED_WITHIN = 15.0


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stopped(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Path]:
    """The data of a system that did a bit of everything, came to rest and was stopped; not to be changed."""
    async with System(tmp_path_factory.mktemp("audited"), SETTINGS) as system:
        await _a_bit_of_everything(system)
        await _at_rest(system)
        assert await system.stop() == 0
        yield system.data


async def _a_bit_of_everything(system: System) -> None:
    customer = await system.customer()
    assert [await system.ticket(5), await system.ticket()] == [SOLD, DELETED]
    for ticket, card, status in (
        (SOLD, "approve", 201),
        (SOLD, "decline", 402),
        (SOLD, "approve", 201),
        (DELETED, "approve", 201),
        (SOLD, "unavailable", 503),
    ):
        order = {"ticketId": ticket, "paymentMethod": f"sandbox-{card}"}
        assert (await system.ask("POST", "/books", customer, order)).status == status
    assert (await system.ask("DELETE", f"/books/{CANCELED}", customer)).status == 204
    assert (await system.ask("DELETE", f"/tickets/{DELETED}", await system.organizer())).status == 204


async def _at_rest(system: System) -> None:
    """Until all bookings are where they are going, and nothing is under way."""
    meant = ["BOOKED", "DECLINED", "CANCELED", "CANCELED", "EXPIRED"]
    async with asyncio.timeout(SETTLED_WITHIN):
        while await _statuses(system) != meant or (await system.audit())["in_flight"]:
            continue  # an audit takes long enough


async def _statuses(system: System) -> list[str]:
    admin = await system.admin()
    return [(await system.ask("GET", f"/books/{id}", admin)).body["status"] for id in range(1, 6)]


async def _audited(data: Path, code: int) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(await run("audit", "--data", str(data), "--json", codes=(code,)))
    return found


async def _audited_here(data: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """What the command does, without a process for each: that costs most of a second."""
    assert await auditing.run(Settings(data=data), as_json=True) == 1
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


async def test_what_the_system_did_is_free_of_contradictions(stopped: Path) -> None:
    found = await _audited(stopped, 0)
    assert (found["violations"], found["in_flight"]) == ([], [])
    assert found["compared"]["money"] == {
        **dict.fromkeys(("booked", "approved", "kept", "shown"), 15000),
        **dict.fromkeys(("canceled", "given back"), 30000),
        **dict.fromkeys(("fees", "failed"), 0),
    }
    assert found["compared"]["counts"].items() >= {"bookings EXPIRED": 1, "bookings CANCELED": 2, "charges": 3}.items()
    assert [it.partition(": ")[2] for it in found["unchecked"]] == ["no rebuilt", "no keys", "no answers", "no answers"]
    told = await run("audit", "--data", str(stopped))
    assert told.splitlines()[-1] == "no contradiction, and at rest"


@frozen
class Lie:
    """What is changed behind the services' backs, and what the audit has to say to it.

    `of` selects the id in `store` where it is not known beforehand; `loose` is a table that first loses its
    constraints, for what they would keep out.
    """

    name: str
    invariant: int
    id: object
    store: str
    sql: str
    of: str | None = None
    loose: str | None = None
    more: tuple[tuple[str, str], ...] = field(default=())


def again(kind: str, key: int, said_of: int | None = None) -> str:
    """The event once more, under the id "again"."""
    columns = "source, version, data, time, correlation_id, causation_id, published"
    return (
        f"INSERT INTO outbox (seq, id, type, key, {columns}) SELECT seq + 1000, 'again', type, "
        f"'{said_of or key}', {columns} FROM outbox WHERE type = '{kind}' AND key = '{key}'"
    )


REFUND = f"SELECT id FROM outbox WHERE type = 'PaymentCanceled' AND key = '{CANCELED}'"
TOLD_TWICE = (
    "INSERT INTO notifications SELECT id + 1000, event_id, event, channel, text, correlation_id, customer_id, "
    "company_id, booking_id, ticket_id, created_at, due_at, status, attempts, delivered_at, read_at, reason, 'other', "
    f"NULL, NULL FROM notifications WHERE event = 'PaymentCanceled' AND booking_id = {CANCELED}"
)
REOPENED = f"UPDATE sales SET deleted = 0 WHERE ticket_id = {DELETED}"
LIES = (
    Lie("booked more", 1, SOLD, "book", f"UPDATE sales SET booked = booked + 1 WHERE ticket_id = {SOLD}"),
    Lie("held less", 1, SOLD, "book", f"UPDATE bookings SET status = 'PENDING' WHERE id = {KEPT}"),
    Lie("oversold", 1, SOLD, "book", f"UPDATE sales SET ceiling = 0 WHERE ticket_id = {SOLD}", loose="sales"),
    Lie("guard off", 1, SOLD, "book", f"UPDATE sales SET ceiling = NULL WHERE ticket_id = {SOLD}"),
    Lie("of no sale", 1, KEPT, "book", f"UPDATE bookings SET ticket_id = 99 WHERE id = {KEPT}"),
    Lie("other amount", 2, KEPT, "pay", f"UPDATE payments SET price = 1 WHERE booking_id = {KEPT}"),
    Lie("other buyer", 2, KEPT, "pay", f"UPDATE payments SET customer_id = 9 WHERE booking_id = {KEPT}"),
    Lie("other payment", 2, KEPT, "book", f"UPDATE bookings SET payment_id = 9 WHERE id = {KEPT}"),
    Lie("unpaid", 2, KEPT, "pay", f"DELETE FROM payments WHERE booking_id = {KEPT}"),
    Lie("approved twice", 3, "again", "pay", again("PaymentApproved", KEPT)),
    Lie("paid twice", 3, 1, "pay", f"UPDATE payments SET booking_id = {KEPT} WHERE id = 3", loose="payments"),
    Lie("charged twice", 3, "booking-1", "sandbox", "INSERT INTO charges SELECT * FROM charges", loose="charges"),
    Lie("canceled, kept", 4, 1, "book", f"UPDATE bookings SET status = 'CANCELED' WHERE id = {KEPT}"),
    Lie("expired, paid", 4, 5, "pay", f"UPDATE payments SET status = 'APPROVED' WHERE booking_id = {EXPIRED}"),
    Lie("orphan charge", 4, "booking-77", "sandbox", "INSERT INTO charges (key, amount) VALUES ('booking-77', 5)"),
    Lie("not given back", 4, "booking-3", "sandbox", "DELETE FROM refunds WHERE key = 'booking-3'"),
    Lie("given back in part", 4, "booking-3", "sandbox", "UPDATE refunds SET amount = 1 WHERE key = 'booking-3'"),
    Lie("too much back", 5, "booking-3", "sandbox", "UPDATE refunds SET amount = 99999 WHERE key = 'booking-3'"),
    Lie("another fee", 4, "booking-3", "pay", "UPDATE payments SET refund_amount = 1 WHERE booking_id = 3"),
    Lie("other charge", 4, "booking-1", "sandbox", "UPDATE charges SET amount = 1 WHERE key = 'booking-1'"),
    Lie("not charged", 4, 1, "sandbox", "DELETE FROM charges WHERE key = 'booking-1'"),
    Lie("no refund", 5, CANCELED, "pay", f"DELETE FROM outbox WHERE id = ({REFUND})"),
    Lie("two refunds", 5, CANCELED, "pay", again("PaymentCanceled", CANCELED)),
    Lie("unpaid refund", 5, EXPIRED, "pay", again("PaymentCanceled", CANCELED, said_of=EXPIRED)),
    Lie(
        "refund not told",
        5,
        None,
        "alarm",
        f"DELETE FROM notifications WHERE event = 'PaymentCanceled' AND booking_id = {CANCELED}",
        of=REFUND,
    ),
    Lie("refund told twice", 5, None, "alarm", TOLD_TWICE, of=REFUND),
    Lie("expired, open", 6, EXPIRED, "pay", f"UPDATE payments SET status = 'REQUESTED' WHERE booking_id = {EXPIRED}"),
    Lie("expired, no tombstone", 6, EXPIRED, "pay", f"DELETE FROM payments WHERE booking_id = {EXPIRED}"),
    Lie(
        "canceled, open", 6, CANCELED, "pay", f"UPDATE payments SET status = 'REQUESTED' WHERE booking_id = {CANCELED}"
    ),
    Lie("open sale", 7, DELETED, "book", REOPENED),
    Lie(
        "live booking",
        7,
        BEREFT,
        "book",
        f"UPDATE bookings SET status = 'BOOKED' WHERE id = {BEREFT}",
        more=(("book", REOPENED),),
    ),
    Lie("deleted, sold", 7, KEPT, "ticket", f"UPDATE tickets SET status = 'DELETED' WHERE id = {SOLD}"),
    Lie(
        "other status",
        10,
        KEPT,
        "mypage",
        f"UPDATE booking_pages SET document = json_set(document, '$.status', 'CANCELED') WHERE booking_id = {KEPT}",
    ),
    Lie("missing page", 10, CANCELED, "mypage", f"DELETE FROM booking_pages WHERE booking_id = {CANCELED}"),
    Lie("missing ticket page", 10, SOLD, "mypage", f"DELETE FROM ticket_pages WHERE ticket_id = {SOLD}"),
    Lie(
        "other price of a ticket",
        10,
        SOLD,
        "mypage",
        f"UPDATE ticket_pages SET document = json_set(document, '$.price', 1) WHERE ticket_id = {SOLD}",
    ),
    Lie(
        "page of nothing",
        10,
        99,
        "mypage",
        "INSERT INTO booking_pages (view, booking_id, document) "
        "SELECT view, 99, json_set(document, '$.booking_id', 99) FROM booking_pages LIMIT 1",
    ),
)


@pytest.mark.parametrize("lie", [pytest.param(lie, id=f"{lie.invariant} {lie.name}") for lie in LIES])
async def test_a_planted_contradiction_is_named(
    stopped: Path, tmp_path: Path, lie: Lie, capsys: pytest.CaptureFixture[str]
) -> None:
    data = shutil.copytree(stopped, tmp_path / "data")
    id = lie.id if lie.of is None else _select(data / "pay.sqlite", lie.of)
    for store, sql in ((lie.store, lie.sql), *lie.more):
        _plant(data / f"{store}.sqlite", sql, lie.loose)
    found = await _audited_here(data, capsys)
    named = {(wrong["invariant"], one) for wrong in found["violations"] for one in wrong["ids"]}
    assert (lie.invariant, id) in named, found["violations"]


def _select(path: Path, sql: str) -> object:
    with closing(sqlite3.connect(path)) as file:
        ((id,),) = file.execute(sql)
        return id


def _plant(path: Path, sql: str, loose: str | None) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as file:
        if loose is not None:
            file.execute(f"ALTER TABLE {loose} RENAME TO guarded")
            file.execute(f"CREATE TABLE {loose} AS SELECT * FROM guarded")
        assert file.execute(sql).rowcount >= 1, "nothing was planted"


async def test_scripts_and_people_are_told_the_same(stopped: Path, tmp_path: Path) -> None:
    data = shutil.copytree(stopped, tmp_path / "data")
    _plant(data / "book.sqlite", f"UPDATE sales SET booked = 2 WHERE ticket_id = {SOLD}", None)
    found = await _audited(data, 1)
    assert [(wrong["invariant"], wrong["ids"]) for wrong in found["violations"]] == [(1, [SOLD])]
    told = await run("audit", "--data", str(data), codes=(1,))
    assert "WRONG, invariant 1: a sale counts its bookings: the sale counts 0 held and 2 booked" in told
    assert told.splitlines()[-1] == "1 contradictions"


def _emptied(data: Path) -> None:
    shutil.rmtree(data)
    data.mkdir()


def _without(store: str) -> Callable[[Path], None]:
    return lambda data: (data / f"{store}.sqlite").unlink()


def _ruined(store: str) -> Callable[[Path], None]:
    def ruin(data: Path) -> None:
        (data / f"{store}.sqlite").write_bytes(b"no database" * 1000)

    return ruin


@pytest.mark.parametrize(
    "harm, names",
    [
        pytest.param(_emptied, "there is no log.sqlite", id="empty"),
        pytest.param(shutil.rmtree, "there is no log.sqlite", id="no folder"),
        pytest.param(_without("pay"), "there is no pay.sqlite", id="no pay"),
        pytest.param(_without("sandbox"), "there is no sandbox.sqlite", id="no sandbox"),
        pytest.param(_ruined("book"), "book.sqlite", id="ruined book"),
        pytest.param(_ruined("sandbox"), "sandbox.sqlite", id="ruined sandbox"),
    ],
)
async def test_what_cannot_be_read_is_said_in_one_line(
    stopped: Path, tmp_path: Path, harm: Callable[[Path], None], names: str
) -> None:
    data = shutil.copytree(stopped, tmp_path / "data")
    harm(data)
    code, out, told = await ran("audit", "--data", str(data), "--json")
    assert (code, out, len(told.splitlines())) == (1, "", 1), told
    assert told.startswith("myticket: ")
    assert names in told


async def test_a_running_system_is_not_accused_of_what_it_is_doing(tmp_path: Path) -> None:
    async with System(tmp_path, {**SETTINGS, "MYTICKET_LOG_LEVEL": "warning"}) as system:
        crowd = Crowd(system, 4, random.Random(20261122))
        await crowd.open_up(2)
        rush = asyncio.create_task(crowd.rush(8.0))
        assert (await system.audit())["violations"] == []
        await rush
        assert crowd.diary.booked
