"""Pages and their links, as recorded from the originals."""

from __future__ import annotations

import pytest

from tests.services.rest_world import URL, World, quiet

PROFILE = {"href": f"{URL}/profile/tickets"}


async def _six() -> World:
    world = World()
    for price in (15000, 15000, 15000, 100, 300, 200):
        await world.ask("organizer 1", "POST", "/tickets", {"price": price})
    return world


async def test_one_page_is_templated_and_has_no_other_links() -> None:
    answer = await (await _six()).ask(None, "GET", "/tickets")
    assert answer.json()["_links"] == {
        "self": {"href": f"{URL}/tickets{{?page,size,sort}}", "templated": True},
        "profile": PROFILE,
    }
    assert answer.json()["page"] == {"size": 20, "totalElements": 6, "totalPages": 1, "number": 0}


async def test_the_first_of_several_pages() -> None:
    answer = await (await _six()).ask(None, "GET", "/tickets?page=0&size=2&sort=price,desc")
    assert [ticket["price"] for ticket in answer.json()["_embedded"]["tickets"]] == [15000, 15000]
    assert answer.json()["_links"] == {
        "first": {"href": f"{URL}/tickets?page=0&size=2&sort=price,desc"},
        "self": {"href": f"{URL}/tickets"},
        "next": {"href": f"{URL}/tickets?page=1&size=2&sort=price,desc"},
        "last": {"href": f"{URL}/tickets?page=2&size=2&sort=price,desc"},
        "profile": PROFILE,
    }
    assert answer.json()["page"] == {"size": 2, "totalElements": 6, "totalPages": 3, "number": 0}


async def test_a_page_beyond_the_last_is_empty_and_leads_back() -> None:
    answer = await (await _six()).ask(None, "GET", "/tickets?page=9&size=2")
    assert answer.json()["_embedded"] == {"tickets": []}
    assert answer.json()["_links"] == {
        "first": {"href": f"{URL}/tickets?page=0&size=2"},
        "prev": {"href": f"{URL}/tickets?page=8&size=2"},
        "self": {"href": f"{URL}/tickets{{&sort}}", "templated": True},
        "last": {"href": f"{URL}/tickets?page=2&size=2"},
        "profile": PROFILE,
    }


async def test_the_links_lead_through_all_pages_and_keep_the_search() -> None:
    world, seen = await _six(), list[int]()
    next = "/tickets?priceFrom=150&size=2&sort=price&sort=id,desc"
    while next:
        page = (await world.ask(None, "GET", next.removeprefix(URL))).json()
        seen += [ticket["id"] for ticket in page["_embedded"]["tickets"]]
        next = page["_links"].get("next", {"href": ""})["href"]
    assert seen == [6, 5, 3, 2, 1]


@pytest.mark.parametrize(
    "query, itself",
    [
        ("priceFrom=150&text=", "?priceFrom=150&text={&page,size,sort}"),
        ("text=%EA%B0%80%7B&sort=price,desc", "?text=%EA%B0%80%7B&sort=price,desc{&page,size}"),
        ("size=2&priceFrom=150&page=1", "?priceFrom=150&page=1&size=2{&sort}"),
        ("size=2&priceFrom=150&sort=price", "?priceFrom=150&page=0&size=2&sort=price"),
    ],
)
async def test_a_search_is_itself_with_what_it_searches_for(query: str, itself: str) -> None:
    """The originals know no search: without that it would be another list."""
    links = (await (await _six()).ask(None, "GET", f"/tickets?{query}")).json()["_links"]
    templated = {"templated": True} if itself.endswith("}") else {}
    assert links["self"] == {"href": f"{URL}/tickets{itself}", **templated}


@pytest.mark.parametrize(
    "query, member",
    [
        ("page=-1", "page"),
        ("page=abc", "page"),
        ("page=2147483648", "page"),
        ("page=1.0", "page"),
        ("page=99999999999999999999", "page"),
        ("page=0&page=1", "page"),
        ("size=0", "size"),
        ("size=1001", "size"),
        ("size=%D9%A1", "size"),
        ("sort=nosuch", "sort"),
        ("sort=price,sideways", "sort"),
        ("sort=", "sort"),
        ("sort=company_id", "sort"),
        ("&".join(["sort=id"] * 6), "sort"),
    ],
)
@pytest.mark.parametrize("path", ["/tickets", "/books", "/payments", "/notifications", "/mypages"])
async def test_a_wrong_page_size_or_sort_is_refused_by_name(path: str, query: str, member: str) -> None:
    answer = await quiet().ask("admin", "GET", f"{path}?{query}")
    assert (answer.status_code, answer.json()["code"], answer.json()["member"]) == (400, "invalid", member)


@pytest.mark.parametrize(
    "query, value, allowed",
    [
        ("size=-5", "-5", "an integer from 1 to 1000"),
        ("size=1001", "1001", "an integer from 1 to 1000"),
        ("page=2147483648", "2147483648", "an integer from 0 to 2147483647"),
        ("page=x", "x", "an integer from 0 to 2147483647"),
        ("page=1&page=2", "page=1&page=2", "given once"),
        ("sort=id&" * 6, "sort=id" + "&sort=id" * 5, "given at most 5 times"),
        ("text=%ff&size=1", "text=%ff&size=1", "at most 100 parameters in percent-encoded UTF-8"),
    ],
)
async def test_a_refusal_shows_what_was_sent_and_what_is_allowed(query: str, value: str, allowed: str) -> None:
    told = (await quiet().ask(None, "GET", f"/tickets?{query}")).json()
    assert (told["value"], told["allowed"]) == (value, allowed)
    assert told["detail"].startswith(f'{told["member"]} is "{value}"; allowed: {allowed}')


@pytest.mark.parametrize("query, reason", [("text=%ff", "it is not UTF-8"), ("a=1&" * 101, "they are more")])
async def test_what_is_wrong_with_a_query_is_told(query: str, reason: str) -> None:
    told = (await quiet().ask(None, "GET", f"/tickets?{query}")).json()
    assert (told["member"], told["value"]) == ("query", query[:100])
    assert told["detail"].endswith(f"({reason})")


@pytest.mark.parametrize(
    "path, fields",
    [
        ("/tickets", "id companyId price name startDate endDate"),
        ("/books", "id ticketId price status startDate endDate createdAt"),
        ("/payments", "id bookId ticketId price status createdAt"),
        ("/notifications", "id createdAt"),
        ("/customerManagementPages", "bookId ticketId price status startTime"),
        ("/guestManagementPages", "ticketId name price status startDate"),
    ],
)
async def test_every_field_that_can_be_sorted_by_can(path: str, fields: str) -> None:
    world = quiet()
    for field in fields.split():
        assert (await world.ask("admin", "GET", f"{path}?sort={field},DESC")).status_code == 200


async def test_the_profile_of_a_list_says_what_it_is() -> None:
    world = quiet()
    for name in (await world.ask(None, "GET", "/profile")).json()["_links"].keys() - {"self"}:
        lists = (await world.ask("admin", "GET", f"/{name}")).json()
        answer = await world.ask(None, "GET", lists["_links"]["profile"]["href"].removeprefix(URL))
        assert answer.headers["Content-Type"] == "application/alps+json;charset=UTF-8"
        assert answer.json()["alps"]["descriptor"][0]["id"] == f"{name.removesuffix('s')}-representation"


async def test_a_profile_names_every_member_and_what_can_be_done() -> None:
    world = World()
    await world.ticket()
    said = (await world.ask(None, "GET", "/profile/tickets")).json()["alps"]["descriptor"]
    members = (await world.ask(None, "GET", "/tickets/1")).json().keys() - {"_links"}
    assert {it["name"] for it in said[0]["descriptor"]} == members
    done = {it["id"]: it["type"] for it in said[1:]}
    assert done == {
        "get-tickets": "SAFE",
        "create-tickets": "UNSAFE",
        "get-ticket": "SAFE",
        "update-ticket": "IDEMPOTENT",
        "patch-ticket": "UNSAFE",
        "delete-ticket": "IDEMPOTENT",
    }
    assert (await world.ask(None, "GET", "/profile/nothing")).status_code == 404
