"""ETag, 304 and 412: who has the answer already is told so, and may have changed just what they have."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from myticket_core.messages import Cause, Decide
from myticket_core.ticket.model import Ticket, TicketId
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


CHANGES: list[tuple[str, Any]] = [("PATCH", {"price": 9}), ("PUT", {"price": 9}), ("DELETE", None)]


async def _tag(world: World, accept: str = "*/*") -> str:
    return (await world.ask(None, "GET", "/tickets/1", headers={"Accept": accept})).headers["ETag"]


async def _status(world: World, method: str, body: Any, known: str, who: str = "organizer 1", id: int = 1) -> int:
    answer = await world.ask(who, method, f"/tickets/{id}", body, headers={"If-Match": known})
    if answer.status_code == 412:
        assert answer.json()["code"] == "changed_meanwhile"
    return answer.status_code


async def test_who_has_the_ticket_is_told_so_until_it_is_another_one() -> None:
    world = World()
    await world.ticket()
    known = {"If-None-Match": await _tag(world)}
    assert (await world.ask(None, "GET", "/tickets/1", headers=known)).status_code == 304
    await world.tickets.change(TicketId(1), lambda it: it.stocked(False, 1), Cause(id="c", correlation_id="c"))
    after = await world.ask(None, "GET", "/tickets/1", headers=known)
    assert (after.status_code, after.json()["available"]) == (200, False)


@pytest.mark.parametrize("method, body", CHANGES)
async def test_a_ticket_changes_only_as_its_caller_knows_it(method: str, body: Any) -> None:
    world = World()
    await world.ticket()
    first = await _tag(world)
    await world.ask("organizer 1", "PATCH", "/tickets/1", {"price": 5})
    tag = await _tag(world)
    for stale in (first, '"nope"', "nope", f"W/{tag}", f'W/"a", "b", W/{tag}', tag[1:-1], ""):
        assert (stale, await _status(world, method, body, stale)) == (stale, 412)
    assert (await world.ask(None, "GET", "/tickets/1")).json()["price"] == 5
    assert await _status(world, method, body, f'W/"a", "b" ,{tag}') < 300
    assert await _status(world, method, body, tag) == (404 if method == "DELETE" else 412)


@pytest.mark.parametrize("method, body", CHANGES)
async def test_a_ticket_that_there_is_does_not_change_where_there_is_to_be_none_or_another(
    method: str, body: Any
) -> None:
    world = World()
    await world.ticket()
    tag = await _tag(world)
    for known in ("*", tag, f"W/{tag}", f'"a", {tag}'):
        for wanted in ({}, {"If-Match": "*"}, {"If-Match": tag}):
            said = {"If-None-Match": known, **wanted}
            answer = await world.ask("organizer 1", method, "/tickets/1", body, headers=said)
            assert (said, answer.status_code) == (said, 412)
    assert (await world.ask(None, "GET", "/tickets/1")).json()["version"] == 1
    for said in ({"If-None-Match": '"a"', "If-Match": '"b"'}, {"If-None-Match": "*"}):
        assert (await world.ask("organizer 2", method, "/tickets/1", body, headers=said)).status_code == 404
    assert (
        await world.ask("organizer 1", method, "/tickets/1", body, headers={"If-None-Match": '"a"'})
    ).status_code < 300


async def test_what_has_no_tag_is_not_changed_as_if_it_had_the_one_that_is_named() -> None:
    world = await _booked()
    changes: list[tuple[str, str, Any]] = [
        ("PUT", "/contacts/email", {"address": "kim@example.com"}),
        ("POST", "/books", {"ticketId": 1}),
        ("DELETE", "/books/1", None),
    ]
    for method, path, body in changes:
        for known in ('"nope"', "nope", ""):
            answer = await world.ask("customer 1", method, path, body, headers={"If-Match": known})
            assert (answer.status_code, answer.json()["code"]) == (412, "changed_meanwhile")
    assert (await world.ask("customer 1", "GET", "/contacts/email")).status_code == 404
    assert (await world.ask("customer 1", "GET", "/books/1")).json()["status"] == "BOOKED"
    for method, path, body in changes:
        assert (await world.ask("customer 1", method, path, body, headers={"If-Match": "*"})).status_code < 300


ANEW = {"If-None-Match": "*"}


async def test_where_nothing_is_to_be_there_what_is_there_stays_as_it_is() -> None:
    world = await _booked()
    await world.ask("customer 1", "PUT", "/contacts/email", {"address": "kim@example.com"})
    changes: list[tuple[str, str, Any]] = [
        ("PUT", "/contacts/email", {"address": "lee@example.com"}),
        ("DELETE", "/contacts/email", None),
        ("POST", "/books", {"ticketId": 1}),
        ("DELETE", "/books/1", None),
        ("PATCH", "/notifications", {"read": True}),
    ]
    for method, path, body in changes:
        for more in ({}, {"If-Match": "*"}):
            answer = await world.ask("customer 1", method, path, body, headers={**ANEW, **more})
            assert (path, answer.status_code, answer.json()["code"]) == (path, 412, "changed_meanwhile")
        assert (await world.ask("customer 1", "GET", path, headers=ANEW)).status_code == 200
    assert (await world.ask("customer 1", "GET", "/contacts/email")).json()["address"] == "kim@example.com"
    (book,) = (await world.ask("customer 1", "GET", "/books")).json()["_embedded"]["books"]
    assert book["status"] == "BOOKED"
    for said in ('"a"', ""):
        answer = await world.ask("customer 1", *changes[0], headers={"If-None-Match": said})
        assert answer.status_code == 200, "nothing has this tag"


async def test_of_many_who_would_be_the_first_to_say_where_one_is_reached_one_is() -> None:
    world = World()
    said = [{"address": f"kim{number}@example.com"} for number in range(5)]
    ask = world.ask
    all_of = await asyncio.gather(*(ask("customer 1", "PUT", "/contacts/email", it, headers=ANEW) for it in said))
    assert sorted(answer.status_code for answer in all_of) == [200, 412, 412, 412, 412]


async def test_who_would_wait_only_without_a_place_waits_once() -> None:
    world = World()
    await world.ticket(capacity=1)
    await world.ask("customer 1", "POST", "/books", {"ticketId": 1})
    await world.settle()
    said = [await world.ask("customer 2", "PUT", "/sales/1/waiting", headers=ANEW) for _ in range(2)]
    assert [answer.status_code for answer in said] == [200, 412]
    assert (await world.ask("customer 2", "PUT", "/sales/1/waiting")).status_code == 200


@pytest.mark.parametrize("accept", ["application/json", "application/hal+json"])
@pytest.mark.parametrize("method, body", CHANGES)
async def test_the_ticket_is_known_by_whichever_json_was_read(method: str, body: Any, accept: str) -> None:
    world = World()
    await world.ticket()
    assert await _status(world, method, body, await _tag(world, accept)) < 300


@pytest.mark.parametrize("method, body", CHANGES)
async def test_any_ticket_there_is_changes_and_what_is_not_yours_is_not_found(method: str, body: Any) -> None:
    world = World()
    await world.ticket()
    for known in ("*", '"nope"', await _tag(world)):
        assert await _status(world, method, body, known, "organizer 2") == 404
        assert await _status(world, method, body, known, id=2) == 404
    assert await _status(world, method, body, "*") < 300


@pytest.mark.parametrize("method, body", CHANGES)
async def test_what_changes_between_the_look_and_the_change_is_not_lost(method: str, body: Any) -> None:
    world = World()
    await world.ticket()
    tag, change = await _tag(world), world.tickets.change

    async def later(id: TicketId, decide: Decide[Ticket], cause: Cause) -> Ticket:
        await change(id, lambda it: it.changed(price=5), Cause(id="other", correlation_id="other"))
        return await change(id, decide, cause)

    world.tickets.change = later  # type: ignore[method-assign]
    assert await _status(world, method, body, tag) == 412
    assert (await world.ask(None, "GET", "/tickets/1")).json()["price"] == 5


async def test_of_many_who_know_the_same_one_changes_it() -> None:
    world = World()
    await world.ticket()
    tag = await _tag(world)
    said = await asyncio.gather(*(_status(world, "PATCH", {"price": price}, tag) for price in range(10)))
    assert sorted(said) == [200] + [412] * 9


@pytest.mark.parametrize(
    ("who", "path", "status"),
    [
        ("customer 1", "/books", 200),
        ("customer 1", "/books/1", 200),
        ("customer 2", "/books/1", 404),
        ("customer 1", "/books?size=0", 400),
        ("customer 1", "/payments", 200),
        ("customer 1", "/notifications", 200),
        ("customer 1", "/contacts/email", 404),
        ("organizer 1", "/contacts/email", 404),
        (None, "/books/1", 401),
    ],
)
async def test_what_is_for_who_asks_alone_nobody_on_the_way_keeps(who: str | None, path: str, status: int) -> None:
    answer = await (await _booked()).ask(who, "GET", path)
    assert (answer.status_code, answer.headers.get_list("Cache-Control")) == (status, ["no-store"])
    assert answer.headers.get_list("Vary") == (["Accept"] if status == 200 else [])


@pytest.mark.parametrize("path", ["/tickets", "/sales/1", "/schema"])
async def test_what_depends_on_what_is_accepted_says_so(path: str) -> None:
    world = await _booked()
    for accept in ("*/*", "text/html, */*"):
        answer = await world.ask(None, "GET", path, headers={"Accept": accept})
        assert (answer.status_code, answer.headers.get_list("Vary")) == (200, ["Accept"])
        assert "Cache-Control" not in answer.headers, "anybody may see it"
