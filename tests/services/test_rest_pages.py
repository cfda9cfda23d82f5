"""R6–R8, R11, R13: what buyer and organizer see, and who does not."""

from __future__ import annotations

import pytest

from adapters.memory import MemoryNotifications, MemoryPages
from tests.services.rest_world import URL, World


async def _booked() -> World:
    world = World()
    await world.ticket(name="Concert", capacity=10, startDate="2027-01-23")
    await world.ask("customer 1", "POST", "/books", {"ticketId": 1, "startDate": "2027-01-23"})
    await world.settle()
    return world


async def test_the_customers_page_has_the_members_of_the_originals_and_ours() -> None:
    world = await _booked()
    page = (await world.ask("customer 1", "GET", "/customerManagementPages/1")).json()
    at = "2026-11-22T16:09:00.000+0000"
    assert page == {
        "bookId": 1,
        "price": 15000,
        "startTime": "2027-01-23T00:00:00.000+0000",
        "endTime": None,
        "ticketId": 1,
        "status": "BOOKED",
        "payId": 1,
        "conertId": 1,
        "companyId": 1,
        "customerId": 1,
        "paymentStatus": "APPROVED",
        "cancelUntil": None,
        "cancelFee": 0,
        "refund": 0,
        "expiresAt": None,
        "history": [
            {"at": at, "source": "book", "status": "BOOKED"},
            {"at": at, "source": "pay", "status": "APPROVED"},
        ],
        "_links": {
            "self": {"href": f"{URL}/customerManagementPages/1"},
            "customerManagementPage": {"href": f"{URL}/customerManagementPages/1"},
        },
    }
    lists = (await world.ask("customer 1", "GET", "/customerManagementPages")).json()
    assert lists["_embedded"] == {"customerManagementPages": [page]}


async def test_mypages_are_the_same_under_our_name() -> None:
    world = await _booked()
    mine = (await world.ask("customer 1", "GET", "/mypages")).json()["_embedded"]["mypages"]
    (theirs,) = (await world.ask("customer 1", "GET", "/customerManagementPages")).json()["_embedded"].values()
    for page in (*mine, *theirs):
        del page["_links"]
    assert mine == theirs
    one = (await world.ask("customer 1", "GET", "/mypages/1")).json()
    assert one["_links"]["mypage"] == {"href": f"{URL}/mypages/1"}


async def test_another_customer_sees_nothing_of_it() -> None:
    world = await _booked()
    assert (await world.ask("customer 2", "GET", "/mypages")).json()["page"]["totalElements"] == 0
    assert (await world.ask("customer 2", "GET", "/mypages/1")).status_code == 404
    assert (await world.ask("organizer 1", "GET", "/mypages/1")).status_code == 403


async def test_the_organizer_sees_tickets_sums_and_bookings() -> None:
    world = await _booked()
    page = (await world.ask("organizer 1", "GET", "/guestManagementPages/1")).json()
    told = ("ticketId", "name", "capacity", "status", "booked", "canceled", "captured", "refunded")
    assert [page[name] for name in told] == [1, "Concert", 10, "ON_SALE", 1, 0, 15000, 0]
    assert page["_links"]["bookings"] == {"href": f"{URL}/guestManagementPages/1/bookings"}
    for name, members in (("sale", {"held", "booked", "remaining"}), ("deletion", {"held", "booked", "canceled"})):
        linked = await world.ask("organizer 1", "GET", page["_links"][name]["href"].removeprefix(URL))
        assert linked.status_code == 200
        assert members <= linked.json().keys()
    assert (await world.ask("organizer 1", "GET", "/guestManagementPages")).json()["_embedded"] == {
        "guestManagementPages": [page]
    }
    bookings = (await world.ask("organizer 1", "GET", "/guestManagementPages/1/bookings")).json()
    assert [(it["bookId"], it["customerId"]) for it in bookings["_embedded"]["bookings"]] == [(1, 1)]
    days = (await world.ask("organizer 1", "GET", page["_links"]["days"]["href"].removeprefix(URL))).json()
    assert (days["ticketId"], days["days"]) == (1, [{"day": "2026-11-23", "booked": 1}])
    for path in ("", "/bookings", "/days"):
        assert (await world.ask("organizer 2", "GET", f"/guestManagementPages/1{path}")).status_code == 404
        assert (await world.ask("customer 1", "GET", f"/guestManagementPages/1{path}")).status_code == 403


async def test_after_the_ticket_is_deleted_the_pages_and_messages_say_so() -> None:
    world = await _booked()
    await world.ask("organizer 1", "DELETE", "/tickets/1")
    await world.settle()
    page = (await world.ask("customer 1", "GET", "/mypages/1")).json()
    assert (page["status"], page["paymentStatus"]) == ("CANCELED", "CANCELED")
    organizer = (await world.ask("organizer 1", "GET", "/guestManagementPages/1")).json()
    assert (organizer["status"], organizer["canceled"], organizer["refunded"]) == ("DELETED", 1, 15000)
    lists = (await world.ask("customer 1", "GET", "/notifications?sort=id,desc")).json()
    assert lists["_embedded"]["notifications"][0]["event"] == "PaymentCanceled"


async def test_bookings_are_listed_where_the_page_is_shown_and_nothing_is_added_up_for_that(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = await _booked()
    await world.ask("organizer 1", "DELETE", "/tickets/1")
    await world.settle()
    sums: list[object] = []
    monkeypatch.setattr(MemoryPages, "summed", lambda pages, ticket: sums.append(ticket))
    bookings = await world.ask("organizer 1", "GET", "/guestManagementPages/1/bookings")
    assert [it["status"] for it in bookings.json()["_embedded"]["bookings"]] == ["CANCELED"]
    for who, ticket in (("organizer 2", 1), ("organizer 1", 2)):
        asked = [await world.ask(who, "GET", f"/guestManagementPages/{ticket}{path}") for path in ("", "/bookings")]
        assert [(it.status_code, it.json()["code"]) for it in asked] == [(404, "not_found")] * 2
    assert sums == []


async def test_all_messages_up_to_one_are_read_at_once() -> None:
    world = World()
    await world.ticket()
    for who in ("customer 1", "customer 1", "customer 2", "customer 1"):
        await world.ask(who, "POST", "/books", {"ticketId": 1})
    await world.settle()
    mine = (await world.ask("customer 1", "GET", "/notifications?sort=id,asc")).json()["_embedded"]["notifications"]
    for _ in range(2):
        answer = await world.ask("customer 1", "PATCH", "/notifications", {"readUpTo": mine[1]["id"]})
        assert (answer.status_code, answer.json()) == (200, {"unread": 1})
    left = (await world.ask("customer 1", "GET", "/notifications?read=false")).json()["_embedded"]["notifications"]
    assert left == mine[2:]
    assert (await world.ask("customer 2", "GET", "/notifications")).json()["unread"] == 1
    for body in ({}, {"readUpTo": None}, {"readUpTo": 0}, {"readUpTo": "all"}, {"read": True}):
        answer = await world.ask("customer 1", "PATCH", "/notifications", body)
        assert answer.status_code == 400, body


async def test_notifications_are_read_and_unread() -> None:
    world = await _booked()
    (mine,) = (await world.ask("customer 1", "GET", "/notifications")).json()["_embedded"]["notifications"]
    assert (mine["event"], mine["bookId"], mine["customerId"], mine["read"]) == ("PaymentApproved", 1, 1, False)
    assert mine["message"].startswith("Hello ")
    path = f"/notifications/{mine['id']}"
    assert (await world.ask("customer 1", "GET", path)).json() == mine
    for said, read in ((True, True), ("true", True), (False, False), (True, True)):
        marked = await world.ask("customer 1", "PATCH", path, {"read": said})
        assert (marked.status_code, marked.json()["read"]) == (200, read)
    counts = {
        read: (await world.ask("customer 1", "GET", f"/notifications?read={read}")).json()["page"]["totalElements"]
        for read in ("true", "false")
    }
    assert counts == {"true": 1, "false": 0}
    await world.ask("customer 1", "PATCH", path, {"read": False})
    for who, query, unread in (("customer 1", "?read=true", 1), ("customer 1", "?size=1", 1), ("customer 2", "", 0)):
        assert (await world.ask(who, "GET", f"/notifications{query}")).json()["unread"] == unread
    for method, body in (("GET", None), ("PATCH", {"read": False})):
        assert (await world.ask("customer 2", method, path, body)).status_code == 404
    for body in ({}, {"read": None}, {"read": 1}, {"read": "yes"}):
        answer = await world.ask("customer 1", "PATCH", path, body)
        assert (answer.status_code, answer.json()["member"]) == (400, "read")


async def test_the_unread_ones_are_not_counted_once_more_where_they_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    world = await _booked()
    monkeypatch.delattr(MemoryNotifications, "unread")
    listed = (await world.ask("customer 1", "GET", "/notifications?read=false&size=1&page=1")).json()
    assert (listed["unread"], listed["page"]["totalElements"]) == (1, 1)


async def test_a_notification_bears_the_correlation_id_of_the_request() -> None:
    world = World()
    await world.ticket()
    headers = {"X-Correlation-Id": "case-7.a_B"}
    answer = await world.ask("customer 1", "POST", "/books", {"ticketId": 1}, headers=headers)
    assert answer.headers["X-Correlation-Id"] == "case-7.a_B"
    await world.settle()
    (mine,) = (await world.ask("customer 1", "GET", "/notifications")).json()["_embedded"]["notifications"]
    assert mine["correlationId"] == "case-7.a_B"
