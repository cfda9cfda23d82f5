"""A guard is taken away from one of the five processes, and the audit has to notice; that it is the lock of the relays
is seen in test_leading.py, the others are taken away in the simulation (tests/stateful/test_guards.py).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from tests.e2e.crashing import Crashing
from tests.e2e.resting import at_rest, lag, select
from tests.services.kafka_world import lies, wrote

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]
UNIQUE = "ALTER TABLE notifications DROP CONSTRAINT notifications_event_id_recipient_channel_key"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def five(
    tmp_path_factory: pytest.TempPathFactory, postgres_url: str, mongodb_url: str, kafka: str
) -> AsyncIterator[Crashing]:
    """One for all: first all is well, then what each guard keeps off comes on top."""
    async with Crashing(tmp_path_factory.mktemp("without"), postgres_url, mongodb_url, kafka) as running:
        yield running


async def test_with_all_guards_nothing_is_noticed(five: Crashing) -> None:
    await _told_twice(five)
    assert await _charged_after_the_cancel(five) == 409
    await at_rest(five)


async def test_without_the_tombstone(five: Crashing) -> None:
    assert await _charged_after_the_cancel(five, WITHOUT_GUARD="no_tombstone") == 201
    assert 4 in await _violated(five)


async def test_without_the_version_guard(five: Crashing) -> None:
    await _again(five, "mypage", WITHOUT_GUARD="no_version_guard")
    await _told_twice(five)
    assert 10 in await _violated(five)


async def test_without_the_inbox(five: Crashing) -> None:
    await select(five, "alarm", UNIQUE)
    await _again(five, "alarm", WITHOUT_GUARD="no_inbox")
    assert not await _told_two_times(five)
    await _told_twice(five)
    assert await _told_two_times(five)


async def _again(five: Crashing, service: str, **settings: str) -> None:
    await five.stop(service)
    await five.start_one(service, **settings)


async def _told_twice(five: Crashing) -> None:
    """A booking that is booked, paid, canceled and refunded, and then all that was said of it once more, backwards."""
    ticket = await five.ticket()
    booked = await five.ask("POST", "/books", await five.customer(), {"ticketId": ticket})
    assert booked.status == 201, booked
    await five.ask("DELETE", f"/books/{booked.body['id']}", await five.customer())
    await _refunded(five, booked.body["id"])
    records = await lies(five.kafka, five.made.name)
    again = [_same(record) for record in records if record.key == str(booked.body["id"]).encode()]
    assert len(again) >= 4, again
    await asyncio.to_thread(wrote, five.kafka, five.made.name, *reversed(again))
    await _read(five)


def _same(record: Any) -> dict[str, Any]:
    names = ("key", "value", "headers", "partition")
    return {name: getattr(record, name) for name in names}


async def _refunded(five: Crashing, booking: int) -> None:
    query = f"SELECT 1 FROM payments WHERE booking_id = {booking} AND status = 'CANCELED'"
    async with asyncio.timeout(60):
        while not await select(five, "pay", query):  # noqa: ASYNC110
            await asyncio.sleep(0.1)
    await _read(five)


async def _read(five: Crashing) -> None:
    """Everything is in the log, and everybody has read it."""
    async with asyncio.timeout(90):
        while await _unpublished(five) or any((await lag(five)).values()):  # noqa: ASYNC110
            await asyncio.sleep(0.1)


async def _unpublished(five: Crashing) -> int:
    return sum([len(await select(five, it, "SELECT 1 FROM outbox WHERE NOT published")) for it in ("book", "pay")])


async def _charged_after_the_cancel(five: Crashing, **settings: str) -> int:
    """Held while pay was down, canceled; pay hears of that first, and is asked for the money then: its answer."""
    ticket = await five.ticket()
    await five.stop("pay")
    held = await five.ask("POST", "/books", await five.customer(), {"ticketId": ticket})
    assert held.status == 503, held
    booking = held.body["bookId"]
    await five.ask("DELETE", f"/books/{booking}", await five.customer())
    await five.start_one("pay", **settings)
    await _read(five)
    asked = {"bookId": booking, "ticketId": ticket, "price": 15000, "companyId": 1, "customerId": 1}
    return (await five.ask("POST", "/payments", await five.admin(), asked)).status


async def _violated(five: Crashing) -> set[int]:
    return {violation["invariant"] for violation in (await five.audit())["violations"]}


async def _told_two_times(five: Crashing) -> bool:
    """Invariant 5 is violated by what was done without a tombstone too, in other words."""
    found = (await five.audit())["violations"]
    return any(it["invariant"] == 5 and "told 2 times" in it["what"] for it in found)
