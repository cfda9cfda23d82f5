"""Read-your-writes: what a command answered in X-Version is on the page that is asked for it, or is said to come."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

import pytest

from adapters.memory import MemoryPages
from adapters.system import Bells
from myticket_core.mypage.ports import PageId, Wait
from tests.services.rest_world import World

MINE = ("/mypages", "/mypages/1", "/customerManagementPages/1")
THEIRS = (
    "/guestManagementPages",
    "/guestManagementPages/1",
    "/guestManagementPages/1/bookings",
    "/guestManagementPages/1/days",
)


async def test_commands_say_how_far_they_have_brought_it() -> None:
    world = World()
    said = []
    for who, method, path, body in (
        ("organizer 1", "POST", "/tickets", {"price": 1}),
        ("organizer 1", "PATCH", "/tickets/1", {"price": 2}),
        ("customer 1", "POST", "/books", {"ticketId": 1}),
        ("service", "POST", "/payments", {"bookId": 1, "price": 2, "ticketId": 1, "customerId": 1, "companyId": 1}),
        ("customer 1", "POST", "/books/1/payment", None),
        ("customer 1", "DELETE", "/books/1", None),
        ("customer 1", "DELETE", "/books/1", None),
        ("organizer 1", "PUT", "/tickets/1", {"price": 2}),
        ("organizer 1", "DELETE", "/tickets/1", None),
    ):
        said.append((await world.ask(who, method, path, body)).headers.get("X-Version"))
        await world.settle()
    assert said == ["ticket:1:1", "ticket:1:2", "book:1:1", "pay:1:1", "book:1:1", "book:1:2", "book:1:2",
                    "ticket:1:2", "ticket:1:3"]  # fmt: skip


async def test_what_nothing_was_said_of_has_no_version() -> None:
    world = World()
    await world.ticket()
    held = await world.ask("customer 1", "POST", "/books", {"ticketId": 1, "paymentMethod": "late"})
    assert held.status_code == 202
    assert "X-Version" not in held.headers


@pytest.fixture
def waiting(monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Set when somebody has looked and waits for a bell."""
    waiting, listen = asyncio.Event(), Bells.listen

    @contextmanager
    def listening(bells: Bells, page: PageId) -> Iterator[Wait]:
        with listen(bells, page) as wait:

            async def waits() -> bool:
                waiting.set()
                return await wait()

            yield waits

    monkeypatch.setattr(Bells, "listen", listening)
    return waiting


@pytest.mark.parametrize("path", [*MINE, *THEIRS])
async def test_the_page_waits_for_what_is_on_its_way(path: str, waiting: asyncio.Event) -> None:
    world, who = World(), "customer 1" if path in MINE else "organizer 1"
    await world.ticket()
    version = (await world.ask("customer 1", "POST", "/books", {"ticketId": 1})).headers["X-Version"]
    asked = asyncio.create_task(world.ask(who, "GET", f"{path}?min_version={version}"))
    await asyncio.wait_for(waiting.wait(), 10)
    await world.settle()
    answer = await asked
    assert answer.status_code == 200
    assert "ETag" in answer.headers
    assert answer.json() == (await world.ask(who, "GET", path)).json() | (
        {"_links": answer.json()["_links"]} if "page" in answer.json() else {}
    )


@pytest.mark.parametrize("path", [*MINE, *THEIRS])
async def test_what_does_not_come_in_time_is_202_with_what_there_is(path: str) -> None:
    world, who = World(), "customer 1" if path in MINE else "organizer 1"
    await world.ticket()
    version = (await world.ask("customer 1", "POST", "/books", {"ticketId": 1})).headers["X-Version"]
    there = (await world.ask(who, "GET", path)).status_code
    answer = await world.ask(who, "GET", f"{path}?min_version={version}", headers={"If-None-Match": "*"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (202, "1")
    assert "ETag" not in answer.headers
    if there == 404:
        assert (answer.json()["bookId"], answer.json()["status"]) == (1, None)


async def test_nothing_is_added_up_while_one_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    world, sums, summed = World(), count(1), MemoryPages.summed
    await world.ticket()
    await world.settle()
    monkeypatch.setattr(MemoryPages, "summed", lambda pages, page: next(sums) and summed(pages, page))
    answer = await world.ask("organizer 1", "GET", "/guestManagementPages/1?min_version=ticket:1:9")
    assert (answer.status_code, next(sums)) == (202, 2), "once, for the answer"


async def test_who_waits_looks_no_further_than_their_own() -> None:
    world = World()
    await world.ticket()
    version = (await world.ask("customer 1", "POST", "/books", {"ticketId": 1})).headers["X-Version"]
    await world.settle()
    answers = [
        await world.ask("customer 2", "GET", path)
        for path in (f"/mypages/1?min_version={version}", "/mypages/9?min_version=book:9:1")
    ]
    told = [{**answer.json(), "bookId": 0, "_links": {}} for answer in answers]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert told[0] == told[1]


@pytest.mark.parametrize("path", [*MINE, *THEIRS])
async def test_what_is_no_position_is_refused_by_name(path: str) -> None:
    world, who = World(), "customer 1" if path in MINE else "organizer 1"
    for wrong in ("5", "book:5", "book:0:1", "book:5:0", "shop:5:1", "book:5:1:1", "book:５:1", "book:5:-1", " ",
                  "book:99999999999999999:1", "book:5:1&min_version=book:5:1"):  # fmt: skip
        answer = await world.ask(who, "GET", f"{path}?min_version={wrong}")
        assert (answer.status_code, answer.json()["member"]) == (400, "min_version"), wrong
