"""R1–R3 over HTTP, in the formats of the originals."""

from __future__ import annotations

from typing import Any

import pytest

from tests.services.rest_world import URL, World, quiet


async def test_a_ticket_is_registered_as_the_originals_answer() -> None:
    world = World()
    answer = await world.ask("organizer 1", "POST", "/tickets", {"price": "15000", "companyId": "1"})
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"{URL}/tickets/1"
    assert answer.headers["Content-Type"] == "application/hal+json;charset=UTF-8"
    assert answer.json() == {
        "id": 1,
        "companyId": 1,
        "name": None,
        "price": 15000,
        "capacity": None,
        "startDate": None,
        "endDate": None,
        "cancelUntil": None,
        "cancelFeePercent": 0,
        "status": "ON_SALE",
        "available": True,
        "version": 1,
        "_links": {"self": {"href": f"{URL}/tickets/1"}, "ticket": {"href": f"{URL}/tickets/1"}},
    }
    assert (await world.ask(None, "GET", "/tickets/1")).json() == answer.json()


async def test_terms_are_replaced_changed_and_cleared() -> None:
    world = World()
    id = await world.ticket(name="Concert", capacity=10)
    patched = await world.ask("organizer 1", "PATCH", f"/tickets/{id}", {"price": 9, "capacity": None})
    assert (patched.status_code, patched.json()["price"], patched.json()["name"]) == (200, 9, "Concert")
    assert patched.json()["capacity"] is None
    replaced = await world.ask("organizer 1", "PUT", f"/tickets/{id}", {"price": 7, "companyId": 1})
    assert (replaced.status_code, replaced.json()["price"], replaced.json()["name"]) == (200, 7, None)
    assert (await world.ask("organizer 1", "PUT", f"/tickets/{id}", {})).json()["member"] == "price"
    assert (await world.ask(None, "GET", f"/tickets/{id}")).json()["price"] == 7


async def test_terms_of_cancellation_are_told_changed_and_cleared() -> None:
    world = World()
    id = await world.ticket(cancelUntil="2027-01-20T00:00:00Z", cancelFeePercent="10")

    async def terms(method: str, body: Any) -> tuple[Any, Any]:
        told = (await world.ask("organizer 1", method, f"/tickets/{id}", body)).json()
        return told["cancelUntil"], told["cancelFeePercent"]

    assert await terms("GET", None) == ("2027-01-20T00:00:00.000+0000", 10)
    assert await terms("PATCH", {"cancelFeePercent": 30}) == ("2027-01-20T00:00:00.000+0000", 30)
    assert await terms("PATCH", {"cancelUntil": None, "cancelFeePercent": None}) == (None, 0)
    assert await terms("PATCH", {"cancelFeePercent": 100}) == (None, 100)
    assert await terms("PUT", {"price": 7}) == (None, 0)


@pytest.mark.parametrize("wrong", [-1, 101, 1.5, "ten", True, "1000", 2**60, []])
@pytest.mark.parametrize("method", ["POST", "PATCH", "PUT"])
async def test_a_fee_that_is_no_percentage_is_refused_by_name(method: str, wrong: Any) -> None:
    world = World()
    id = await world.ticket(cancelFeePercent=20)
    path = "/tickets" if method == "POST" else f"/tickets/{id}"
    answer = await world.ask("organizer 1", method, path, {"price": 5, "cancelFeePercent": wrong})
    assert (answer.status_code, answer.json()["member"]) == (400, "cancelFeePercent")
    answer = await world.ask("organizer 1", method, path, {"price": 5, "cancelUntil": "soon"})
    assert (answer.status_code, answer.json()["member"]) == (400, "cancelUntil")
    assert (await world.ask(None, "GET", f"/tickets/{id}")).json()["cancelFeePercent"] == 20
    assert len(world.dbs["ticket"].tickets) == 1


async def test_a_patch_is_a_merge_patch_too() -> None:
    world = World()
    id = await world.ticket()
    headers = {"Content-Type": "application/merge-patch+json"}
    answer = await world.ask("organizer 1", "PATCH", f"/tickets/{id}", content=b'{"price":5}', headers=headers)
    assert answer.json()["price"] == 5


async def test_a_deleted_ticket_is_gone_and_deleting_it_again_is_404() -> None:
    world = World()
    id = await world.ticket()
    answer = await world.ask("organizer 1", "DELETE", f"/tickets/{id}")
    assert (answer.status_code, answer.content) == (204, b"")
    for method in ("DELETE", "GET", "PATCH"):
        body = {"price": 1} if method == "PATCH" else None
        gone = await world.ask("organizer 1", method, f"/tickets/{id}", body)
        assert (gone.status_code, gone.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
async def test_what_is_another_companys_is_not_found(method: str) -> None:
    world = World()
    id = await world.ticket()
    answer = await world.ask("organizer 2", method, f"/tickets/{id}", None if method == "DELETE" else {"price": 1})
    assert answer.status_code == 404
    assert (await world.ask(None, "GET", f"/tickets/{id}")).json()["price"] == 15000


async def test_a_company_in_the_body_is_the_tokens_or_refused() -> None:
    world = World()
    refused = await world.ask("organizer 1", "POST", "/tickets", {"price": 1, "companyId": 2})
    assert (refused.status_code, refused.json()["member"], refused.json()["value"]) == (400, "companyId", 2)
    assert (await world.ask("admin", "POST", "/tickets", {"price": 1})).json()["member"] == "companyId"
    made = await world.ask("admin", "POST", "/tickets", {"price": 1, "companyId": 2})
    assert made.json()["companyId"] == 2
    moved = await world.ask("admin", "PATCH", "/tickets/1", {"companyId": 3, "price": 2})
    assert (moved.status_code, moved.json()["member"]) == (400, "companyId")
    assert (await world.ask("admin", "PATCH", "/tickets/1", {"companyId": 2, "price": 2})).status_code == 200


@pytest.mark.parametrize(
    "query, found",
    [
        ("", [1, 2, 3]),
        ("text=rock", [1, 2]),
        ("companyId=2", [3]),
        ("priceFrom=200", [2, 3]),
        ("priceTo=200", [1, 2]),
        ("priceFrom=150&priceTo=250", [2]),
        ("from=2027-01-15", [2, 3]),
        ("to=2027-01-05", [1, 3]),
        ("from=2027-01-01T00:00:00Z&to=2027-01-02", [1, 3]),
        ("available=true", [1, 3]),
        ("available=false", [1, 2, 3]),
        ("text=", [1, 2, 3]),
    ],
)
async def test_a_search_narrows_by_everything_it_says(query: str, found: list[int]) -> None:
    world = World()
    await world.ask("organizer 1", "POST", "/tickets", _lasting("ROCK a", 100, "2027-01-01", "2027-01-10"))
    await world.ask("organizer 1", "POST", "/tickets", _lasting("rock b", 200, "2027-01-12", "2027-01-20"))
    await world.ask("organizer 2", "POST", "/tickets", {"name": "jazz", "price": 300})
    await world.tickets.change(2, lambda ticket: ticket.stocked(False, 1), _cause())  # type: ignore[arg-type]
    answer = await world.ask(None, "GET", f"/tickets?{query}")
    assert [ticket["id"] for ticket in answer.json()["_embedded"]["tickets"]] == found


@pytest.mark.parametrize(
    "query, found",
    [
        ("from=2027-01-15&to=2027-01-15", 1),
        ("to=2027-01-15", 1),
        ("to=2027-01-14", 0),
        ("to=2027-01-15T00:00:00Z", 0),
        ("to=2027-01-15T23:30:00Z", 1),
        ("from=2027-01-16", 0),
        ("to=9999-12-31", 1),
    ],
)
async def test_a_day_is_searched_to_its_end(query: str, found: int) -> None:
    world, evening = World(), ("2027-01-15T23:30:00Z", "2027-01-15T23:59:00Z")
    await world.ask("organizer 1", "POST", "/tickets", _lasting("jazz", 100, *evening))
    assert (await world.ask(None, "GET", f"/tickets?{query}")).json()["page"]["totalElements"] == found


async def test_what_is_over_has_seats_left_and_is_found_until_one_says_from_which_day_or_moment() -> None:
    world = World()
    await world.ask("organizer 1", "POST", "/tickets", _lasting("jazz", 100, "2020-01-01", "2020-01-02"))
    await world.settle()
    for narrower, found in (("", 1), ("&from=2026-11-22", 0), ("&from=2026-11-22T16:09:00Z", 0)):
        answer = await world.ask(None, "GET", f"/tickets?available=true{narrower}")
        assert answer.json()["page"]["totalElements"] == found
    assert (await world.ask("customer 1", "POST", "/books", {"ticketId": 1})).json()["code"] == "closed"
    said = (await world.ask(None, "GET", "/schema/openapi.json")).json()["paths"]["/tickets"]["get"]["parameters"]
    told = {it["name"]: it["schema"] for it in said if "name" in it}
    assert {way["format"] for way in told["from"]["anyOf"]} == {"date", "date-time"}


@pytest.mark.parametrize(
    "query, member",
    [
        ("companyId=0", "companyId"),
        ("companyId=abc", "companyId"),
        ("priceFrom=-1", "priceFrom"),
        ("priceTo=1.5", "priceTo"),
        ("from=yesterday", "from"),
        ("to=2027-02-30", "to"),
        ("available=maybe", "available"),
        ("text=%00", "text"),
        ("text=" + "a" * 201, "text"),
        ("companyId=1&companyId=2", "companyId"),
        ("text=%FF", "query"),
    ],
)
async def test_a_wrong_search_is_refused_by_name(query: str, member: str) -> None:
    answer = await quiet().ask(None, "GET", f"/tickets?{query}")
    assert (answer.status_code, answer.json()["code"], answer.json()["member"]) == (400, "invalid", member)


async def test_a_key_registers_once() -> None:
    world = World()
    headers = {"Idempotency-Key": "k-1"}
    first = await world.ask("organizer 1", "POST", "/tickets", {"price": 1}, headers=headers)
    again = await world.ask("organizer 1", "POST", "/tickets", {"price": "1"}, headers=headers)
    assert (again.status_code, again.json()) == (201, first.json())
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    other = await world.ask("organizer 1", "POST", "/tickets", {"price": 2}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")
    mine = await world.ask("organizer 2", "POST", "/tickets", {"price": 2}, headers=headers)
    assert mine.json()["id"] == 2


def _lasting(name: str, price: int, starts: str, ends: str) -> dict[str, Any]:
    return {"name": name, "price": price, "startDate": starts, "endDate": ends}


def _cause() -> Any:
    from myticket_core.messages import Cause

    return Cause(id="stock", correlation_id="stock")
