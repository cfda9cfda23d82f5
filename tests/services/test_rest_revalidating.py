"""ETag and 304 on the pages: who has the answer already is told so, and only who has just that one."""

from __future__ import annotations

import pytest

from tests.services.rest_world import World

PAGES = (
    ("customer 1", "/mypages"),
    ("customer 1", "/mypages/1"),
    ("customer 1", "/customerManagementPages/1"),
    ("organizer 1", "/guestManagementPages"),
    ("organizer 1", "/guestManagementPages/1"),
    ("organizer 1", "/guestManagementPages/1/bookings"),
)
KEPT = ("ETag", "Cache-Control", "Vary")


async def _booked() -> World:
    world = World()
    await world.ticket(name="Concert", capacity=10)
    await world.ask("customer 1", "POST", "/books", {"ticketId": 1})
    await world.settle()
    return world


@pytest.mark.parametrize(("who", "path"), PAGES)
async def test_who_has_the_answer_is_told_so_until_it_is_another_one(who: str, path: str) -> None:
    world = await _booked()
    first = await world.ask(who, "GET", path)
    told = {name: first.headers[name] for name in KEPT}
    assert told == {"ETag": told["ETag"], "Cache-Control": "private, no-cache", "Vary": "Accept, Authorization"}
    known = {"If-None-Match": told["ETag"]}
    again = await world.ask(who, "GET", path, headers=known)
    assert (again.status_code, again.content) == (304, b"")
    assert {name: again.headers[name] for name in KEPT} == told
    await world.ask("customer 1", "DELETE", "/books/1")
    await world.settle()
    after = await world.ask(who, "GET", path, headers=known)
    assert after.status_code == 200
    assert after.headers["ETag"] != told["ETag"]


async def test_what_if_none_match_may_say() -> None:
    world = await _booked()
    tag = (await world.ask("customer 1", "GET", "/mypages/1")).headers["ETag"]
    said = {tag: 304, f"W/{tag}": 304, f'"a", W/"b,c" ,{tag}': 304, "*": 304, '"a"': 200, tag[1:-1]: 200, "": 200,
            f'"{tag}"': 200, '"' * 999: 200}  # fmt: skip
    for known, status in said.items():
        answer = await world.ask("customer 1", "GET", "/mypages/1", headers={"If-None-Match": known})
        assert (known, answer.status_code) == (known, status)
    assert (await world.ask("customer 1", "HEAD", "/mypages/1")).headers["ETag"] == tag


async def test_another_kind_of_json_is_another_answer() -> None:
    world = await _booked()
    tags = {
        (await world.ask("customer 1", "GET", "/mypages/1", headers={"Accept": accept})).headers["ETag"]
        for accept in ("application/json", "application/hal+json")
    }
    assert len(tags) == 2


async def test_what_is_not_yours_is_not_found_whatever_you_say_you_have() -> None:
    world = await _booked()
    for known in ("*", (await world.ask("customer 1", "GET", "/mypages/1")).headers["ETag"]):
        answer = await world.ask("customer 2", "GET", "/mypages/1", headers={"If-None-Match": known})
        assert answer.status_code == 404
