"""Operations on the five processes while they run: dead letters, a rebuild, a consumer group from zero."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import pytest
import pytest_asyncio
from kafka import KafkaAdminClient, KafkaProducer
from pymongo import MongoClient

from adapters.kafka import create_topics
from adapters.persistence.mongo import migrate_documents
from apps.locking import locked
from apps.places import SERVICES
from tests.e2e.five import Five
from tests.e2e.forking import ran
from tests.e2e.resting import select, settled
from tests.e2e.system import NO_GRAPHQL
from tests.services.kafka_world import lies
from tests.services.malformed import malformed
from tests.until import until

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]

WITHIN = 180.0
NOW_AND_THEN = 1.0
"""Seconds between two looks that take a process each."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def five(
    tmp_path_factory: pytest.TempPathFactory, postgres_url: str, mongodb_url: str, kafka: str
) -> AsyncIterator[Five]:
    patient = {**NO_GRAPHQL, "MYTICKET_PAYMENT_TIMEOUT_SECONDS": "20"}  # a machine under load is not what is tried here
    async with Five(tmp_path_factory.mktemp("five"), postgres_url, mongodb_url, kafka, settings=patient) as running:
        yield running


async def page(five: Five, ticket: int, price: int) -> None:
    """Return once the organizer's page of the ticket has this price."""

    async def shown() -> bool:
        answer = await five.ask("GET", f"/guestManagementPages/{ticket}", await five.admin())
        return answer.status == 200 and answer.body["price"] == price

    await until(shown, WITHIN)


async def book(five: Five, ticket: int) -> int:
    order = {"ticketId": ticket, "paymentMethod": "sandbox-approve"}
    answer = await five.ask("POST", "/books", await five.customer(), order)
    assert answer.status == 201, answer
    return int(answer.body["id"])


async def parked(five: Five, *services: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(await five.run("dlq", "list", *services, "--json"))
    return found


async def refused(five: Five, *words: str, **settings: str) -> tuple[str, str]:
    """What a command that fails prints, and what it says of it."""
    code, out, said = await ran(*words, env={**os.environ, **five.made.shared, **five.made.stores, **settings})
    assert code == 1, said
    return out, said


def wrote(five: Five, key: bytes | None, value: bytes | None) -> None:
    """As somebody else writes into the topic."""
    with closing(KafkaProducer(bootstrap_servers=five.kafka)) as producer:
        producer.send(five.made.name, value, key).get(10)


async def test_poison_is_parked_everywhere_and_copied_while_the_rest_goes_on(five: Five) -> None:
    ticket = await five.ticket()
    await asyncio.to_thread(wrote, five, b"poison", b"\xff is not JSON")
    await asyncio.to_thread(wrote, five, b"poison", None)
    await page(five, await five.ticket(price=777), 777)

    async def by_all() -> list[dict[str, Any]] | None:
        entries = await parked(five)
        return entries if len(entries) == 2 * len(SERVICES) else None

    entries = await until(by_all, WITHIN, NOW_AND_THEN)
    assert {entry["service"] for entry in entries} == set(SERVICES)
    assert all("not JSON" in entry["reason"] and entry["key"] == "poison" for entry in entries)
    copies = await lies(five.kafka, f"{five.made.name}.dlq")
    assert {dict(copy.headers)["dlq_consumer"].decode() for copy in copies} == set(SERVICES)
    await _discarded(five, entries)
    assert await book(five, ticket)


async def _discarded(five: Five, entries: list[dict[str, Any]]) -> None:
    for service in SERVICES:
        ids = [entry["id"] for entry in entries if entry["service"] == service]
        shown = json.loads(await five.run("dlq", "show", service, ids[0], "--json"))
        assert shown["topic"] == five.made.name
        assert "still parked" in (await refused(five, "dlq", "replay", service, ids[0]))[1]
        await five.run("dlq", "discard", service, *ids)
    assert await five.run("dlq", "list") == "nothing is parked\n"


@asynccontextmanager
async def ill_alarm(five: Five, ticket: int) -> AsyncIterator[None]:
    """PostgreSQL refuses what is told of the ticket."""
    server = await asyncpg.connect(five.made.store("alarm"))
    try:
        await server.execute(f"ALTER TABLE notifications ADD CONSTRAINT ill CHECK (ticket_id <> {ticket}) NOT VALID")
        yield
        await server.execute("ALTER TABLE notifications DROP CONSTRAINT ill")
    finally:
        await server.close()


@asynccontextmanager
async def ill_mypage(five: Five, ticket: int) -> AsyncIterator[None]:
    """The ticket's document cannot be read."""
    with MongoClient(five.made.store("mypage")) as client:
        pages = client.get_default_database()["ticket_pages"]
        found = pages.find_one({"ticket_id": ticket})
        assert found is not None
        pages.update_one({"_id": found["_id"]}, {"$unset": {"history": ""}})
        yield
        pages.update_one({"_id": found["_id"]}, {"$set": {"history": found["history"]}})


async def test_what_failed_is_handled_under_its_own_id_when_the_cause_is_gone(five: Five) -> None:
    ticket = await five.ticket(price=100)
    await page(five, ticket, 100)
    async with ill_alarm(five, ticket), ill_mypage(five, ticket):
        for price in (200, 300):
            answer = await five.ask("PATCH", f"/tickets/{ticket}", await five.organizer(), {"price": price})
            assert answer.status == 200
        await page(five, await five.ticket(price=888), 888)

        async def both() -> list[dict[str, Any]] | None:
            entries = await parked(five, "alarm", "mypage")
            return entries if len(entries) == 4 else None

        entries = await until(both, WITHIN, NOW_AND_THEN)
        assert {entry["key"] for entry in entries} == {str(ticket)}
        assert [entry["reason"][:5] for entry in entries if entry["service"] == "alarm"] == ["Check", "waits"]
    for service in ("alarm", "mypage"):
        first, second = (entry["id"] for entry in entries if entry["service"] == service)
        assert await five.run("dlq", "replay", service, first) == "2 handled\n"
        assert await parked(five, service) == []
        await _handled(five, service, first, second)
    await page(five, ticket, 300)
    assert (await five.audit())["violations"] == []


async def _handled(five: Five, service: str, *ids: str) -> None:
    if service == "alarm":
        server = await asyncpg.connect(five.made.store("alarm"))
        try:
            told = await server.fetch("SELECT event_id FROM notifications WHERE event_id = ANY($1)", list(ids))
        finally:
            await server.close()
        assert sorted(row["event_id"] for row in told) == sorted(ids)


async def test_a_store_that_cannot_be_read_is_said_and_the_others_are_listed(five: Five) -> None:
    await asyncio.to_thread(wrote, five, b"again", b"{}")

    async def by_pay() -> list[dict[str, Any]]:
        return await parked(five, "pay")

    (entry,) = await until(by_pay, WITHIN, NOW_AND_THEN)
    nowhere = {
        "MYTICKET_ALARM_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/alarm",
        "MYTICKET_BOOK_DATABASE_URL": five.postgres,
        "MYTICKET_MONGODB_URL": "mongodb://127.0.0.1:1/mypage",
    }
    out, said = await refused(five, "dlq", "list", **nowhere)
    assert entry["id"] in out
    lines = said.splitlines()
    assert any(
        "alarm: postgresql://127.0.0.1:1/alarm (MYTICKET_ALARM_DATABASE_URL) cannot be used" in line for line in lines
    ), said
    assert any("book: " in line and "run `myticket migrate book` first" in line for line in lines), said
    assert any("mypage: mongodb://127.0.0.1:1/mypage (MONGODB_URL) cannot be reached" in line for line in lines), said
    assert len(lines) == 3
    for service in SERVICES:
        await five.run("dlq", "discard", service, *(it["id"] for it in await parked(five, service)))


def documents(url: str, collection: str) -> list[dict[str, Any]]:
    """The pages of the live view, without what says which view that is, how often and when they were written."""
    with MongoClient(url) as client:
        store = client.get_default_database()
        live = store["about"].find_one({"_id": "views"})["live"]  # type: ignore[index]
        found = list(store[collection].find({"view": live}, {"_id": 0, "view": 0, "revision": 0, "changed": 0}))
    return sorted(found, key=lambda page: page.get("booking_id") or page["ticket_id"])


async def test_a_rebuild_repairs_and_no_page_is_ever_missing(five: Five) -> None:
    """While people book and the live service consumes; readers ask all the time."""
    ticket = await five.ticket()
    await asyncio.gather(*(book(five, ticket) for _ in range(20)))
    await settled(five, WITHIN)
    with MongoClient(five.made.store("mypage")) as client:
        assert (
            client.get_default_database()["ticket_pages"]
            .update_one({"ticket_id": ticket}, {"$set": {"price": 1}})
            .modified_count
        )
    stopping = asyncio.Event()
    readers = [asyncio.create_task(_never_fewer(five, stopping)) for _ in range(2)]
    buying = asyncio.create_task(_buying(five, ticket, stopping))
    rebuilt = [json.loads(await five.run("rebuild", "mypage", "--json")) for _ in range(2)]
    stopping.set()
    looks = await asyncio.gather(*readers)
    assert min(looks) > 5, "nobody looked"
    assert await buying > 5, "nothing was consumed meanwhile"
    assert f"ticket {ticket}" in rebuilt[0]["differences"]
    assert f"ticket {ticket}" not in rebuilt[1]["differences"]
    assert rebuilt[0]["records"] >= 40
    await settled(five, WITHIN)
    assert json.loads(await five.run("rebuild", "mypage", "--json"))["differences"] == []


async def _never_fewer(five: Five, stopping: asyncio.Event) -> int:
    """How often was looked."""
    looks, most = 0, 0
    while not stopping.is_set():
        answer = await five.ask("GET", "/mypages?size=1", await five.admin())
        total = answer.body["page"]["totalElements"]
        assert total >= most, f"{most} pages were there, now {total}"
        looks, most = looks + 1, total
        await asyncio.sleep(0.05)
    return looks


async def _buying(five: Five, ticket: int, stopping: asyncio.Event) -> int:
    bought = 0
    while not stopping.is_set():
        await book(five, ticket)
        bought += 1
        await asyncio.sleep(0.1)
    return bought


async def test_a_topic_that_knows_nothing_of_the_pages_replaces_none(five: Five) -> None:
    await page(five, await five.ticket(price=777), 777)
    await settled(five, WITHIN)
    before = documents(five.made.store("mypage"), "ticket_pages")
    other = f"{five.made.name}_anew"
    await create_topics(five.kafka, other, 2, 1)
    said = (await refused(five, "rebuild", "mypage", MYTICKET_KAFKA_TOPIC=other))[1].splitlines()[-1]
    shown = len(before) + len(documents(five.made.store("mypage"), "booking_pages"))
    assert f"nothing of {shown} of the pages that are shown" in said
    assert f"the topic {other} of {five.kafka} was made anew" in said
    assert documents(five.made.store("mypage"), "ticket_pages") == before


async def test_only_one_rebuild_at_a_time(five: Five) -> None:
    with locked(five.data, ["rebuild"]):
        assert "is in use: process" in (await refused(five, "rebuild", "mypage"))[1]


async def test_what_is_heard_once_more_changes_nothing(five: Five) -> None:
    await settled(five, WITHIN)
    before = await _notifications(five)
    assert before
    assert " records of the log heard again" in await five.run("rehear", "alarm")
    assert await _notifications(five) == before
    await _given_up_again(five, "alarm")


async def test_what_a_service_has_lost_of_what_it_told_it_has_again_once_it_is_ended(five: Five) -> None:
    ticket = await five.ticket(capacity=5)
    booking = await book(five, ticket)
    await settled(five, WITHIN)
    before = await _booked(five, ticket)
    assert before
    assert "book is running: end all of it first" in (await refused(five, "rehear", "book"))[1]
    await five.stop("book")
    await _lost(five, booking, ticket)
    assert await _booked(five, ticket) != before
    assert " records of the log heard again" in await five.run("rehear", "book")
    assert await _booked(five, ticket) == before
    await _given_up_again(five, "book")
    await five.start_one("book")
    assert await book(five, ticket) > booking


async def _given_up_again(five: Five, service: str) -> None:
    """What was given up by the tests before is parked anew."""
    if again := await parked(five, service):
        await five.run("dlq", "discard", service, *(it["id"] for it in again))


async def _lost(five: Five, booking: int, ticket: int) -> None:
    """As if it had not been made when the store was backed up."""
    for lost in (
        f"DELETE FROM bookings WHERE id = {booking}",
        f"DELETE FROM outbox WHERE key = '{booking}' AND type = 'Booked'",
        f"UPDATE sales SET booked = booked - 1 WHERE ticket_id = {ticket}",
    ):
        await select(five, "book", lost)


async def _booked(five: Five, ticket: int) -> list[Any]:
    rows = await select(
        five, "book", f"SELECT id, status, version, payment_id FROM bookings WHERE ticket_id = {ticket}"
    )
    return [*rows, *await select(five, "book", f"SELECT held, booked FROM sales WHERE ticket_id = {ticket}")]


async def _notifications(five: Five) -> list[Any]:
    return await select(five, "alarm", "SELECT id, event_id, status FROM notifications ORDER BY id")


async def test_a_group_from_zero_replays_all_and_gives_the_same_pages(five: Five) -> None:
    await settled(five, WITHIN)
    before = {name: documents(five.made.store("mypage"), name) for name in ("booking_pages", "ticket_pages")}
    assert all(before.values())
    await five.stop("mypage")
    await asyncio.to_thread(_deleted, five.kafka, f"{five.made.groups}mypage")
    anew = urlsplit(five.mongodb)._replace(path=f"/{five.made.name}_anew").geturl()
    await asyncio.to_thread(migrate_documents, anew)
    await five.start_one("mypage", 0, MYTICKET_MONGODB_URL=anew)

    async def same() -> bool:
        return before == {name: await asyncio.to_thread(documents, anew, name) for name in before}

    await until(same, WITHIN)
    await five.stop("mypage")
    await asyncio.to_thread(_deleted, five.kafka, f"{five.made.groups}mypage")
    await five.start_one("mypage")  # over its own pages again: what is applied twice changes nothing
    marked = await five.ticket(price=999)
    await page(five, marked, 999)
    after = documents(five.made.store("mypage"), "booking_pages")
    assert after == before["booking_pages"]
    with MongoClient(five.mongodb) as client:
        client.drop_database(f"{five.made.name}_anew")


def _deleted(kafka: str, group: str) -> None:
    admin = KafkaAdminClient(bootstrap_servers=kafka)
    try:
        admin.delete_groups([group])
    finally:
        admin.close()


async def test_malformed_records_stop_no_consumer(five: Five) -> None:
    """Behind some thousands of them each consumer hears what is said then: this booking is seen by all five."""
    await asyncio.to_thread(flooded, five, 3000)
    ticket = await five.ticket(capacity=1)
    booking, customer = await book(five, ticket), await five.customer()

    async def sold_out() -> bool:
        return (await five.ask("GET", f"/tickets/{ticket}")).body["available"] is False

    await until(sold_out, 400)
    assert (await five.ask("DELETE", f"/books/{booking}", customer)).status == 204

    async def given_back() -> bool:
        answer = await five.ask("GET", f"/mypages/{booking}", customer)
        return answer.status == 200 and answer.body["paymentStatus"] == "CANCELED"

    await until(given_back, 400)

    async def told() -> bool:
        return bool(await select(five, "alarm", f"SELECT 1 FROM notifications WHERE booking_id = {booking}"))

    await until(told, WITHIN)
    entries = await parked(five)
    assert {entry["service"] for entry in entries} == set(SERVICES)
    assert all(entry["reason"] for entry in entries)
    rebuilt = json.loads(await five.run("rebuild", "mypage", "--json"))
    assert rebuilt["unreadable"] > 500
    assert f"booking {booking}" not in rebuilt["differences"]


def flooded(five: Five, number: int) -> None:
    with closing(KafkaProducer(bootstrap_servers=five.kafka)) as producer:
        for raw in malformed(20261122, number):
            headers = [(name, value or b"") for name, value in raw.headers]  # kafka-python sends no null
            producer.send(five.made.name, raw.value, raw.key if raw.value else b"malformed", headers)
        producer.flush(60)
