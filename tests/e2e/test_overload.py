"""Try G in short, with real processes: pay hung and failing under 200 buyers at once. What is counted, not how fast:
`make overload` prints that.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Sequence

import pytest
import pytest_asyncio

from myticket_core.access import Role
from tests.e2e.split import Split
from tests.e2e.system import Answer
from tests.services.moody import FAILS, GOOD, HANGS, HELD

SETTINGS = {"MYTICKET_PAYMENT_TIMEOUT_SECONDS": "6", "MYTICKET_LOG_LEVEL": "warning"}
BUYERS = 200


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def split(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Split]:
    async with Split(tmp_path_factory.mktemp("split"), SETTINGS) as running:
        yield running


def booking(split: Split, ticket: int, buyers: Sequence[int]) -> list[asyncio.Task[Answer]]:
    async def one(buyer: int) -> Answer:
        token = split.token(Role.CUSTOMER, customer_id=buyer)
        return await split.ask("POST", "/books", token, {"ticketId": ticket}, Idempotency_Key="mine")

    return [asyncio.create_task(one(buyer)) for buyer in buyers]


async def all_but(few: int, tasks: Sequence[asyncio.Task[Answer]]) -> None:
    """Wait until all but these have their answers."""
    waiting = set(tasks)
    async with asyncio.timeout(60):
        while len(waiting) > few:
            _, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)


def kept(answers: Sequence[Answer]) -> bool:
    """A clear answer and a held seat each."""
    later = [answer for answer in answers if answer.status == 503]
    return all(
        answer.body["code"] == "pay_later"
        and int(answer.headers["Retry-After"]) >= 1
        and answer.headers["Location"].endswith(f"/books/{answer.body['bookId']}")
        and answer.body["bookStatus"] == "PENDING"
        for answer in later
    ) and {answer.status for answer in answers} <= {201, 202, 503}


async def told(split: Split, buyer: int) -> str:
    """The first notification of a buyer who does not come back by themselves; their page has it too."""
    token = split.token(Role.CUSTOMER, customer_id=buyer)
    async with asyncio.timeout(60):
        while True:
            heard = (await split.ask("GET", "/notifications", token)).body["_embedded"]["notifications"]
            pages = (await split.ask("GET", "/mypages", token)).body["_embedded"]["mypages"]
            if heard and pages:
                assert (pages[0]["status"], pages[0]["expiresAt"] is None) == ("PENDING", False)
                return str(heard[0]["message"])
            await asyncio.sleep(0.2)


async def paid(split: Split, buyers: Sequence[int], ticket: int) -> list[int]:
    """Everybody asks again, half of them in one way and half in the other, until they are booked; their bookings."""

    async def one(buyer: int) -> int:
        token = split.token(Role.CUSTOMER, customer_id=buyer)
        while True:
            (mine,) = (await split.ask("GET", "/books", token)).body["_embedded"]["books"]
            if mine["status"] == "BOOKED":
                return int(mine["id"])
            path, body = (f"/books/{mine['id']}/payment", None) if buyer % 2 else ("/books", {"ticketId": ticket})
            again = await split.ask("POST", path, token, body, **({} if buyer % 2 else {"Idempotency_Key": "mine"}))
            assert again.status in (200, 201, 202, 503), again
            await asyncio.sleep(0 if again.status in (200, 201) else 1)

    return await asyncio.gather(*(one(buyer) for buyer in buyers))


@pytest.mark.parametrize("how", ["fails", "hangs", "is stopped"])
@pytest.mark.asyncio(loop_scope="module")
async def test_nobody_waits_few_try_and_everybody_pays_later(split: Split, how: str) -> None:
    first = 1000 * (1 + ["fails", "hangs", "is stopped"].index(how))
    ticket, here = await split.ticket(), split.between
    before, came = await split.figures(), here.came.copy()
    split.signal("pay", signal.SIGSTOP if how == "is stopped" else signal.SIGCONT)
    here.mood = {"fails": FAILS, "hangs": HANGS}.get(how, GOOD)
    buyers = range(first, first + BUYERS)
    opening = booking(split, ticket, buyers)
    await split.becomes("open")
    assert kept(await asyncio.gather(*opening))
    in_doubt = sum((here.came - came).values())
    assert in_doubt <= 64, "no more than there were places"

    await split.becomes("half_open")
    split.signal("pay", signal.SIGCONT)
    here.mood, here.held = HELD, 0
    later = range(first + BUYERS, first + 2 * BUYERS)
    here.let_go.clear()
    trying = booking(split, ticket, later)
    await all_but(3, trying)
    assert 1 <= here.held <= 3, "of two hundred at once"
    here.mood = GOOD
    here.let_go.set()
    answers = await asyncio.gather(*trying)
    assert kept(answers)

    waits = next(buyer for buyer, answer in zip(later, answers, strict=True) if answer.status == 503)
    assert "can be paid now" in await told(split, waits)
    everybody = [*buyers, *later]
    bookings = await paid(split, everybody, ticket)
    assert len(set(bookings)) == len(everybody)
    audit = await split.at_rest()
    assert audit["compared"]["counts"]["charges"] == audit["compared"]["counts"]["bookings BOOKED"]
    figures = await split.figures()
    for outcome in ("open", "probe", "bad"):
        key = ("edge_questions_total", "charge", outcome)
        assert figures[key] > before[key], outcome
