"""Check-in over HTTP: once, idempotent by key, and what a used ticket means for its buyer."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from tests.services.graphql_world import GraphWorld
from tests.services.rest_world import START, URL, World

AT = "2026-11-22T16:09:00.000+0000"


async def _booked(bookings: int = 1) -> World:
    world = World()
    await _book(world, bookings)
    return world


async def _book(world: World, bookings: int = 1) -> None:
    await world.ticket()
    for number in range(bookings):
        answer = await world.ask(f"customer {number + 1}", "POST", "/books", {"ticketId": 1})
        assert answer.status_code == 201, answer.text
    await world.settle()


async def test_who_comes_is_let_in_once_and_a_second_scan_hears_when() -> None:
    world = await _booked()
    first = await world.ask("organizer 1", "POST", "/books/1/checkin")
    assert (first.status_code, first.json()["checkedInAt"], first.json()["status"]) == (200, AT, "BOOKED")
    assert "Idempotency-Replayed" not in first.headers
    world.clock.time = START + timedelta(minutes=5)
    second = await world.ask("organizer 1", "POST", "/books/1/checkin")
    assert (second.status_code, second.json()["code"], second.json()["checkedInAt"]) == (409, "checked_in", AT)
    assert second.json()["detail"] == f"somebody was let in with booking 1 at {AT}"
    assert (await world.ask("customer 1", "GET", "/books/1")).json()["checkedInAt"] == AT
    assert list(world.dbs["book"].outbox) == [], "it is nobody else's business"


async def test_a_lost_answer_is_asked_for_again_by_its_key() -> None:
    world = await _booked()
    keys = [{"Idempotency-Key": "door 1"}, {"Idempotency-Key": "door 1"}, {"Idempotency-Key": "door 2"}]
    answers = [await world.ask("organizer 1", "POST", "/books/1/checkin", headers=it) for it in keys]
    assert [(it.status_code, it.headers.get("Idempotency-Replayed")) for it in answers] == [
        (200, None),
        (200, "true"),
        (409, None),
    ]


@pytest.mark.parametrize("again", ["rest", "graph"])
async def test_an_answer_that_is_asked_for_again_lets_nobody_in_with_what_is_canceled_by_now(again: str) -> None:
    world = GraphWorld()
    await _book(world)
    door = {"Idempotency-Key": "door 1"}
    assert (await world.ask("organizer 1", "POST", "/books/1/checkin", headers=door)).status_code == 200
    assert (await world.ask("admin", "DELETE", "/books/1")).status_code == 204
    if again == "rest":
        over = (await world.ask("organizer 1", "POST", "/books/1/checkin", headers=door)).json()
    else:
        asked = 'mutation { checkIn(id: 1, idempotencyKey: "door 1") { ... on NotBooked { code bookStatus } } }'
        over = await world.say("organizer 1", asked)
    assert (over.get("code"), over.get("bookStatus")) == ("not_booked", "CANCELED")


async def test_of_two_doors_at_once_one_lets_in() -> None:
    world = await _booked()
    doors = await asyncio.gather(*(world.ask("organizer 1", "POST", "/books/1/checkin") for _ in range(10)))
    assert sorted(it.status_code for it in doors) == [200] + [409] * 9


async def test_what_does_not_stand_lets_nobody_in() -> None:
    world = await _booked()
    await world.ask("customer 1", "DELETE", "/books/1")
    over = await world.ask("organizer 1", "POST", "/books/1/checkin")
    assert (over.status_code, over.json()["code"], over.json()["bookStatus"]) == (409, "not_booked", "CANCELED")
    world.provider.down = True
    held = (await world.ask("customer 2", "POST", "/books", {"ticketId": 1})).json()
    unpaid = await world.ask("organizer 1", "POST", f"/books/{held['bookId']}/checkin")
    assert (unpaid.json()["code"], unpaid.json()["bookStatus"]) == ("not_booked", "PENDING")


async def test_a_used_ticket_is_not_canceled_by_its_buyer_and_a_deletion_refunds_it() -> None:
    world = await _booked()
    await world.ask("organizer 1", "POST", "/books/1/checkin")
    told = (await world.ask("customer 1", "GET", "/books/1/cancellation")).json()
    assert (told["possible"], told["refund"]) == (False, 0)
    refused = await world.ask("customer 1", "DELETE", "/books/1")
    assert (refused.status_code, refused.json()["code"], refused.json()["checkedInAt"]) == (409, "checked_in", AT)
    await world.ask("organizer 1", "DELETE", "/tickets/1")
    await world.settle()
    book = (await world.ask("customer 1", "GET", "/books/1")).json()
    assert (book["status"], book["refund"], book["checkedInAt"]) == ("CANCELED", 15000, AT)
    assert world.provider.refunded == {"booking-1": 15000}


async def test_who_came_is_listed_for_whose_ticket_it_is() -> None:
    world = await _booked(3)
    for id in (3, 1):
        await world.ask("organizer 1", "POST", f"/books/{id}/checkin")
        world.clock.time += timedelta(minutes=1)
    listed = await world.ask("organizer 1", "GET", "/sales/1/checkins?sort=checkedInAt,desc&size=1")
    assert listed.json()["_embedded"]["checkins"] == [
        {"bookId": 1, "customerId": 1, "checkedInAt": "2026-11-22T16:10:00.000+0000"}
    ]
    assert listed.json()["page"]["totalElements"] == 2
    assert listed.json()["_links"]["next"]["href"] == f"{URL}/sales/1/checkins?page=1&size=1&sort=checkedInAt,desc"
    assert (await world.ask("organizer 1", "GET", "/sales/1/checkins?sort=price")).json()["member"] == "sort"
    assert (await world.ask("organizer 2", "GET", "/sales/1/checkins")).status_code == 404
    assert (await world.ask("organizer 2", "POST", "/books/2/checkin")).status_code == 404
    assert (await world.ask("organizer 1", "GET", "/books/2")).json()["checkedInAt"] is None


@pytest.mark.parametrize("path", ["/books/0/checkin", "/books/x/checkin"])
async def test_a_number_that_is_none_is_named(path: str) -> None:
    answer = await World().ask("organizer 1", "POST", path)
    assert (answer.status_code, answer.json()["member"]) == (400, "id")
