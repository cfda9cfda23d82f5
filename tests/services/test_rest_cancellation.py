"""Terms of cancellation over HTTP: shown, previewed, obeyed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.services.rest_world import START, URL, World

UNTIL = "2026-11-23T16:09:00.000+0000"  # a day after START


async def _booked(**terms: Any) -> World:
    world = World()
    await world.ticket(**({"cancelUntil": UNTIL, "cancelFeePercent": 10} | terms))
    answer = await world.ask("customer 1", "POST", "/books", {"ticketId": 1})
    assert answer.status_code == 201, answer.text
    await world.settle()
    return world


async def _cancellation(world: World, who: str = "customer 1") -> dict[str, Any]:
    answer = await world.ask(who, "GET", "/books/1/cancellation")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_the_preview_says_what_would_come_back_and_changes_nothing() -> None:
    world = await _booked()
    link = (await world.ask("customer 1", "GET", "/books/1")).json()["_links"]["cancellation"]["href"]
    assert link == f"{URL}/books/1/cancellation"
    assert await _cancellation(world) == {
        "bookId": 1,
        "status": "BOOKED",
        "possible": True,
        "cancelUntil": UNTIL,
        "price": 15000,
        "fee": 1500,
        "refund": 13500,
        "_links": {"self": {"href": link}, "book": {"href": f"{URL}/books/1"}},
    }
    assert (await world.ask("customer 1", "GET", "/books/1")).json()["status"] == "BOOKED"
    assert (await world.ask("customer 2", "GET", "/books/1/cancellation")).status_code == 404


async def test_a_cancel_in_time_keeps_the_fee_and_says_so() -> None:
    world = await _booked()
    world.clock.time = START + timedelta(days=1)
    assert (await world.ask("customer 1", "DELETE", "/books/1")).status_code == 204
    (said,) = [it for it in world.dbs["book"].outbox.values() if it.type == "BookCanceled"]
    assert (said.data["refund"], said.data["cancelFee"], said.data["price"]) == (13500, 1500, 15000)
    book = (await world.ask("customer 1", "GET", "/books/1")).json()
    assert (book["status"], book["refund"], "cancellation" in book["_links"]) == ("CANCELED", 13500, False)
    over = await _cancellation(world)
    assert (over["possible"], over["fee"], over["refund"]) == (False, 1500, 13500)


async def test_after_the_deadline_it_is_409_with_until_when_and_nothing_changes() -> None:
    world = await _booked()
    world.clock.time = START + timedelta(days=1, milliseconds=1)
    late = await world.ask("customer 1", "DELETE", "/books/1")
    assert (late.status_code, late.json()["code"], late.json()["cancelUntil"]) == (409, "too_late", UNTIL)
    assert late.json()["detail"] == f"booking 1 could be canceled until {UNTIL}"
    assert (await world.ask("customer 1", "GET", "/books/1")).json()["status"] == "BOOKED"
    assert not [it for it in world.dbs["book"].outbox.values() if it.type == "BookCanceled"]
    told = await _cancellation(world)
    assert (told["possible"], told["refund"], told["cancelUntil"]) == (False, 0, UNTIL)
    assert (await _cancellation(world, "admin"))["refund"] == 15000
    assert (await world.ask("admin", "DELETE", "/books/1")).status_code == 204
    assert (await world.ask("customer 1", "GET", "/books/1")).json()["refund"] == 15000


async def test_a_hold_is_called_off_for_nothing_at_any_time() -> None:
    world = World()
    await world.ticket(cancelUntil="2020-01-01", cancelFeePercent=50)
    world.provider.down = True
    assert (await world.ask("customer 1", "POST", "/books", {"ticketId": 1})).json()["code"] == "pay_later"
    told = await _cancellation(world)
    assert (told["status"], told["possible"], told["fee"], told["refund"]) == ("PENDING", True, 0, 15000)
    assert (await world.ask("customer 1", "DELETE", "/books/1")).status_code == 204
    await _nothing_was_given_back(world)


async def test_what_was_declined_was_not_given_back() -> None:
    world = World()
    await world.ticket(cancelFeePercent=50)
    declined = {"ticketId": 1, "paymentMethod": "declined"}
    assert (await world.ask("customer 1", "POST", "/books", declined)).status_code == 402
    await _nothing_was_given_back(world)


async def _nothing_was_given_back(world: World) -> None:
    assert (await world.ask("customer 1", "GET", "/books/1")).json()["refund"] is None
    over = await _cancellation(world)
    assert (over["possible"], over["fee"], over["refund"]) == (False, 0, 0)


async def test_whoever_says_what_it_was_to_cost_pays_no_more() -> None:
    world = await _booked()
    for agreed in ("0", "1499"):
        changed = await world.ask("customer 1", "DELETE", f"/books/1?fee={agreed}")
        assert (changed.status_code, changed.json()["code"], changed.json()["fee"]) == (409, "fee_changed", 1500)
    assert (await world.ask("customer 1", "GET", "/books/1")).json()["status"] == "BOOKED"
    assert not [it for it in world.dbs["book"].outbox.values() if it.type == "BookCanceled"]
    assert (await world.ask("customer 1", "DELETE", "/books/1?fee=1500")).status_code == 204
    assert (await world.ask("customer 1", "GET", "/books/1")).json()["refund"] == 13500
    assert (await world.ask("customer 1", "DELETE", "/books/1?fee=0")).status_code == 204, "it costs nothing more"


async def test_what_was_free_in_doubt_and_is_booked_by_now_is_not_canceled_for_a_fee() -> None:
    world = World()
    await world.ticket(cancelFeePercent=100)
    assert (
        await world.ask("customer 1", "POST", "/books", {"ticketId": 1, "paymentMethod": "lost"})
    ).status_code == 202
    told = await _cancellation(world)
    assert (told["status"], told["fee"], told["refund"]) == ("PENDING", 0, 15000)
    await world.found_out()
    changed = await world.ask("customer 1", "DELETE", f"/books/1?fee={told['fee']}")
    assert (changed.status_code, changed.json()["code"], changed.json()["fee"]) == (409, "fee_changed", 15000)
    assert (await world.ask("customer 1", "DELETE", "/books/1")).status_code == 204, "whatever it costs"
    assert (await world.ask("customer 1", "GET", "/books/1")).json()["refund"] == 0


async def test_an_operator_pays_no_fee_whatever_was_agreed_to() -> None:
    world = await _booked()
    assert (await world.ask("admin", "DELETE", "/books/1?fee=0")).status_code == 204
    assert (await world.ask("customer 1", "GET", "/books/1")).json()["refund"] == 15000


@pytest.mark.parametrize("fee", ["", "-1", "1.5", "none", "9007199254740992", "1&fee=2"])
async def test_what_is_no_amount_is_refused_by_name(fee: str) -> None:
    world = await _booked()
    answer = await world.ask("customer 1", "DELETE", f"/books/1?fee={fee}")
    assert (answer.status_code, answer.json()["member"]) == (400, "fee")
    assert (await world.ask("customer 1", "GET", "/books/1")).json()["status"] == "BOOKED"


async def test_bookings_made_before_keep_the_old_terms() -> None:
    world = await _booked(cancelUntil=None, cancelFeePercent=0)
    terms = {"cancelUntil": "2020-01-01", "cancelFeePercent": 100}
    assert (await world.ask("organizer 1", "PATCH", "/tickets/1", terms)).status_code == 200
    await world.settle()
    sale = (await world.ask(None, "GET", "/sales/1")).json()
    assert (sale["cancelUntil"], sale["cancelFeePercent"]) == ("2020-01-01T00:00:00.000+0000", 100)
    assert (await _cancellation(world))["refund"] == 15000
    assert (await world.ask("customer 1", "DELETE", "/books/1")).status_code == 204
    anew = (await world.ask("customer 1", "POST", "/books", {"ticketId": 1})).json()
    assert (anew["cancelUntil"], anew["cancelFee"]) == ("2020-01-01T00:00:00.000+0000", 15000)
    assert (await world.ask("customer 1", "DELETE", f"/books/{anew['id']}")).json()["code"] == "too_late"


async def test_the_customers_page_shows_the_terms() -> None:
    world = await _booked()
    page = (await world.ask("customer 1", "GET", "/mypages/1")).json()
    assert (page["cancelUntil"], page["cancelFee"]) == (UNTIL, 1500)


async def test_a_deleted_ticket_gives_everything_back() -> None:
    world = await _booked(cancelUntil="2020-01-01", cancelFeePercent=100)
    await world.ask("organizer 1", "DELETE", "/tickets/1")
    await world.settle()
    book = (await world.ask("customer 1", "GET", "/books/1")).json()
    assert (book["status"], book["refund"]) == ("CANCELED", 15000)
    assert world.provider.refunded == {"booking-1": 15000}
