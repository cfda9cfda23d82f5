"""A service needs its own store and nobody else: whoever is missing, it starts, serves, and catches up later."""

from __future__ import annotations

import asyncio
import json
from functools import partial
from pathlib import Path

import pytest
from aiohttp import ClientConnectorError

from scripts.installation import SERVICES
from scripts.services import Kafka
from tests.e2e.five import Five, Replica
from tests.e2e.system import Answer
from tests.until import until

PROBES = ("/livez", "/readyz", "/actuator/health", "/metrics")
PATIENT = {"MYTICKET_PAYMENT_TIMEOUT_SECONDS": "20"}
CLIENTS = 4
ASKED = {"ticket": "/tickets", "book": "/books", "pay": "/payments", "alarm": "/notifications", "mypage": "/mypages"}


@pytest.mark.slow
async def test_without_kafka_and_before_pay(tmp_path: Path, postgres_url: str, mongodb_url: str, kafka: str) -> None:
    """Book first, ticket next, the others while they already serve; the broker last of all."""
    broker = Kafka()
    at = (tmp_path, postgres_url, mongodb_url, broker.url)
    async with Five(*at, settings=PATIENT, order=("book", "ticket")) as five:
        ticket, buyer = await five.ticket(), await five.customer()
        later = await five.ask("POST", "/books", buyer, {"ticketId": ticket})
        assert (later.status, later.body["code"]) == (503, "pay_later"), later
        await five.start("mypage", "alarm", "pay")
        where = later.headers["Location"].partition("/books/")[2]
        paid = await until(lambda: _paid(five, where, buyer))
        assert paid["status"] == "BOOKED"
        await asyncio.gather(*(_well(five, name) for name in SERVICES))
        for name in SERVICES:
            await until(partial(_says_trouble, five.replica(name)))
        try:
            await asyncio.to_thread(broker.start)
            await until(lambda: _shown(five, paid["id"], buyer))
            told = await until(lambda: _told(five, buyer))
            assert any(f"Booking {paid['id']}" in message for message in told)
            await asyncio.gather(*(_well(five, name) for name in SERVICES))
        finally:
            await asyncio.gather(*(five.stop(name) for name in SERVICES))
            await asyncio.to_thread(broker.stop)
    for name in SERVICES:
        _few_words(five.replica(name))


@pytest.mark.slow
async def test_whoever_is_ended_answers_what_was_asked(
    tmp_path: Path, postgres_url: str, mongodb_url: str, kafka: str
) -> None:
    async with Five(tmp_path, postgres_url, mongodb_url, kafka, settings=PATIENT) as five:
        ticket, buyer, organizer = await five.ticket(), await five.customer(), await five.organizer()
        answers: dict[str, list[Answer]] = {name: [] for name in SERVICES}

        async def one(name: str) -> Answer:
            match name:
                case "ticket":
                    return await five.ask("POST", "/tickets", organizer, {"price": 1}, Connection="close")
                case "book":
                    return await five.ask("POST", "/books", buyer, {"ticketId": ticket}, Connection="close")
            return await five.ask("GET", ASKED[name], buyer, Connection="close")

        async def client(name: str) -> None:
            """Refused before it was connected is all that may happen to it; anything else ends the test."""
            while True:
                try:
                    answers[name].append(await one(name))
                except ClientConnectorError:
                    await asyncio.sleep(0.05)

        async with asyncio.TaskGroup() as group:
            clients = [group.create_task(client(name)) for name in SERVICES for _ in range(CLIENTS)]
            back = []
            for name in SERVICES:
                await _more(answers[name])
                await five.stop(name)
                back.append(group.create_task(five.start_one(name)))
            await asyncio.gather(*back)
            await asyncio.gather(*(_more(answers[name]) for name in SERVICES))
            for task in clients:
                task.cancel()
        assert {it.status for name in ("pay", "alarm", "mypage") for it in answers[name]} == {200}
        assert {it.status for it in answers["ticket"]} == {201}
        assert {it.status for it in answers["book"]} <= {201, 202, 503}
        await _all_there(five, answers, buyer)


async def _all_there(five: Five, answers: dict[str, list[Answer]], buyer: str) -> None:
    booked = {it.body["id"] for it in answers["book"] if it.status == 201}
    registered = {it.body["id"] for it in answers["ticket"]}
    assert booked
    assert registered
    found = await five.ask("GET", "/books?size=1000", buyer)
    assert booked <= {it["id"] for it in found.body["_embedded"]["books"] if it["status"] == "BOOKED"}
    last = await five.ask("GET", f"/tickets/{max(registered)}")
    assert last.status == 200
    shown = await until(lambda: _shown(five, max(booked), buyer))
    assert shown["status"] == "BOOKED"


async def _more(answers: list[Answer], number: int = 3) -> None:
    known = len(answers)
    await until(lambda: len(answers) >= known + number)


async def _well(five: Five, name: str) -> None:
    for path in PROBES:
        answer = await five.ask("GET", path, at=five.replica(name).url)
        assert answer.status == 200, f"{name} {path}: {answer}"


async def _paid(five: Five, id: str, buyer: str) -> dict[str, object] | None:
    """503 as long as book's breaker stays away from pay."""
    answer = await five.ask("POST", f"/books/{id}/payment", buyer, {})
    assert answer.status in (200, 202, 503), answer
    return answer.body if answer.status == 200 else None


async def _shown(five: Five, id: object, buyer: str) -> dict[str, object] | None:
    page = (await five.ask("GET", f"/mypages/{id}", buyer)).body
    return page if page.get("status") and page.get("paymentStatus") == "APPROVED" else None


async def _told(five: Five, buyer: str) -> list[str]:
    answer = await five.ask("GET", "/notifications?size=1000", buyer)
    return [it["message"] for it in answer.body["_embedded"]["notifications"]]


async def _says_trouble(replica: Replica) -> bool:
    """A broker that is away is said."""
    return any("kafka" in trouble or "worker failed" in trouble for trouble in _troubles(replica))


def _few_words(replica: Replica) -> None:
    """Not over and over."""
    assert len(_troubles(replica)) < 12, _troubles(replica)


def _troubles(replica: Replica) -> list[str]:
    lines = [json.loads(line) for line in replica.log.read_text().splitlines() if line.startswith("{")]
    return [line["event"] for line in lines if line["level"] in ("warning", "error")]


async def test_a_service_that_waits_for_its_store_says_so_and_can_be_ended(
    tmp_path: Path, postgres_url: str, mongodb_url: str, kafka: str
) -> None:
    async with Five(tmp_path, postgres_url, mongodb_url, kafka, order=()) as five:
        nobody = "postgresql://u:secret@127.0.0.1:1/x"
        await five.launch("ticket", MYTICKET_DATABASE_URL=nobody)
        waiting = await until(lambda: _waits(five.replica("ticket")))
        assert "postgresql://127.0.0.1:1/x" in waiting
        assert "DATABASE_URL" in waiting
        assert "secret" not in waiting
        await five.stop("ticket")


async def _waits(replica: Replica) -> str | None:
    assert replica.running, replica.tail()
    return next((line for line in replica.log.read_text().splitlines() if "waiting for a store" in line), None)


@pytest.mark.parametrize(
    ("service", "wrong", "words"),
    [
        ("ticket", {"MYTICKET_DATABASE_URL": "mysql://x/y"}, ("MYTICKET_DATABASE_URL is", "allowed: postgresql://")),
        ("mypage", {"MYTICKET_MONGODB_URL": "http://x"}, ("MYTICKET_MONGODB_URL is", "allowed: mongodb://")),
        ("ticket", {"MYTICKET_KAFKA_BOOTSTRAP_SERVERS": "x"}, ("MYTICKET_KAFKA_BOOTSTRAP_SERVERS is", "host:port")),
        ("book", {"MYTICKET_API_URL_PAYMENT": "x"}, ("MYTICKET_API_URL_PAYMENT is", "a URL like https://")),
    ],
    ids=lambda it: next(iter(it)) if isinstance(it, dict) else None,
)
async def test_an_address_that_is_none(
    tmp_path: Path, kafka: str, service: str, wrong: dict[str, str], words: tuple[str, ...]
) -> None:
    five = Five(tmp_path, "postgresql://nobody", "mongodb://nobody", kafka)
    _said_in_one_line(await _refused(five, service, **wrong), *words)


@pytest.mark.slow
async def test_a_store_that_is_not_as_it_should_be(
    tmp_path: Path, postgres_url: str, mongodb_url: str, kafka: str
) -> None:
    """Wrong password, no such database, not migrated, another's, too new: a line that says which setting, and what to
    do about it.
    """
    async with Five(tmp_path, postgres_url, mongodb_url, kafka, order=()) as five:
        url, blank = five.made.store("ticket"), five.made.store("mypage") + "_blank"
        password = url.replace(":myticket@", ":secret@")

        async def told(service: str, name: str, wrong: str, *words: str) -> None:
            said = await _refused(five, service, **{f"MYTICKET_{name}": wrong})
            _said_in_one_line(said, name, *words)
            assert "secret" not in said

        await told("mypage", "MONGODB_URL", blank, "myticket migrate mypage")
        await told("ticket", "DATABASE_URL", url + "_nowhere", "create it first")
        await told("ticket", "DATABASE_URL", five.postgres, "myticket migrate ticket")
        await told("ticket", "DATABASE_URL", five.made.store("book"), "is the store of book, not of ticket")
        if password != url:
            await told("ticket", "DATABASE_URL", password, "does not accept this user and password")
        await _newer(url)
        await told("ticket", "DATABASE_URL", url, "written by a newer version")


async def _newer(url: str) -> None:
    import asyncpg

    store = await asyncpg.connect(url)
    await store.execute("UPDATE alembic_version SET version_num = '9999'")
    await store.close()


async def _refused(five: Five, service: str, **settings: str) -> str:
    """What it said before it ended by itself, and not well."""
    replica = five.replica(service)
    replica.log.unlink(missing_ok=True)
    await five.launch(service, **settings)
    assert replica.process is not None
    assert await asyncio.wait_for(replica.process.wait(), 90) == 1, replica.tail()
    return replica.log.read_text()


def _said_in_one_line(said: str, *words: str) -> None:
    assert said.startswith("myticket: "), said
    assert len(said.splitlines()) == 1, said
    for word in words:
        assert word in said
