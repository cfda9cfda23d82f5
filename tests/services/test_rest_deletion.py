"""R12 as the organizer has it in hand: previewed, followed booking by booking, paused, tried again."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.memory import MemoryBookings
from adapters.system import concurrently
from myticket_core.booking.close_sale import CancelCampaign
from tests.services.rest_world import URL, World

WHERE = "/sales/1/deletion"


async def _sold(bookings: int = 3, holds: int = 1, **terms: Any) -> World:
    world = World()
    await world.ticket(**terms)
    for down in [False] * bookings + [True] * holds:
        world.provider.down = down
        await world.ask("customer 1", "POST", "/books", {"ticketId": 1})
    world.provider.down = False
    await world.settle()
    return world


async def _deletion(world: World) -> Any:
    answer = await world.ask("organizer 1", "GET", WHERE)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def _outcomes(world: World, outcome: str) -> Any:
    answer = await world.ask("organizer 1", "GET", f"{WHERE}/bookings?outcome={outcome}")
    assert answer.status_code == 200, answer.text
    return answer.json()["_embedded"]["bookings"]


async def test_the_preview_counts_bookings_and_money_and_changes_nothing() -> None:
    world = await _sold(cancelFeePercent=50, cancelUntil="2020-01-01")
    assert await _deletion(world) == {
        "ticketId": 1,
        "status": "preview",
        "booked": {"bookings": 3, "money": 45000},
        "held": {"bookings": 1, "money": 15000},
        "failed": {"bookings": 0, "money": 0},
        "canceled": {"bookings": 0, "money": 0},
        "campaign": None,
        "_links": {
            "self": {"href": f"{URL}{WHERE}"},
            "sale": {"href": f"{URL}/sales/1"},
            "bookings": {"href": f"{URL}{WHERE}/bookings{{?outcome,page,size,sort}}", "templated": True},
        },
    }
    assert (await world.ask(None, "GET", "/tickets/1")).status_code == 200
    assert (await world.ask(None, "GET", "/sales/1")).json()["status"] == "open"


async def test_what_the_preview_promised_is_what_the_deletion_does() -> None:
    world = await _sold()
    before = await _deletion(world)
    await world.ask("organizer 1", "DELETE", "/tickets/1")
    await world.settle()
    after = await _deletion(world)
    assert (after["status"], after["canceled"]["money"]) == ("over", before["booked"]["money"])
    assert after["canceled"]["bookings"] == before["booked"]["bookings"] + before["held"]["bookings"]
    assert after["campaign"] == {"total": 4, "done": 4, "failed": 0, "left": 0, "paused": False, "retryAt": None}
    assert sum(world.provider.refunded.values()) == before["booked"]["money"]
    told = await _outcomes(world, "canceled")
    assert [(it["bookId"], it["status"], it["refund"], it["reason"]) for it in told] == [
        (1, "CANCELED", 15000, None),
        (2, "CANCELED", 15000, None),
        (3, "CANCELED", 15000, None),
        (4, "CANCELED", None, None),
    ], "together the money above: the hold was not paid"


async def test_the_list_of_an_outcome_leads_to_itself() -> None:
    world = await _sold(bookings=3, holds=0)
    for path in (f"{WHERE}/bookings?outcome=left", f"{WHERE}/bookings?outcome=left&page=1&size=2&sort=bookId,desc"):
        listed = await world.ask("organizer 1", "GET", path)
        itself = listed.json()["_links"]["self"]["href"].partition("{")[0]
        again = await world.ask("organizer 1", "GET", itself.removeprefix(URL))
        assert (again.status_code, again.json()) == (200, listed.json())


async def test_a_deletion_is_paused_and_goes_on() -> None:
    world = await _sold(bookings=2, holds=0)
    await world.ask("organizer 1", "DELETE", "/tickets/1")
    (deleted,) = [it for it in world.dbs["ticket"].outbox.values() if it.type == "TicketDeleted"]
    await world.consumers()[0].handle(deleted)
    for _ in range(2):
        paused = await world.ask("organizer 1", "PATCH", WHERE, {"paused": "true"})
        assert (paused.status_code, paused.json()["status"]) == (200, "paused")
    assert (await world.ask(None, "GET", "/sales/1")).json()["campaign"]["paused"] is True
    await world.settle()
    assert [it["bookId"] for it in await _outcomes(world, "left")] == [1, 2]
    going = await world.ask("organizer 1", "PATCH", WHERE, {"paused": False})
    assert going.json()["status"] == "running"
    await CancelCampaign(world.bookings, world.sales, world.clock, concurrently)()
    assert (await _deletion(world))["status"] == "over"


async def _paused(world: World) -> World:
    """Its ticket is deleted, and the cancellation of its bookings paused before any is canceled."""
    await world.ask("organizer 1", "DELETE", "/tickets/1")
    (deleted,) = [it for it in world.dbs["ticket"].outbox.values() if it.type == "TicketDeleted"]
    await world.consumers()[0].handle(deleted)
    assert (await world.ask("organizer 1", "PATCH", WHERE, {"paused": True})).json()["status"] == "paused"
    return world


@pytest.mark.parametrize("terms", [{"cancelFeePercent": 100}, {"cancelUntil": "2020-01-01"}], ids=["fee", "late"])
async def test_before_the_campaign_has_come_to_a_booking_its_buyer_cancels_it_for_nothing(terms: Any) -> None:
    world = await _paused(await _sold(bookings=2, holds=1, **terms))
    told = (await world.ask("customer 1", "GET", "/books/1/cancellation")).json()
    assert (told["possible"], told["fee"], told["refund"]) == (True, 0, 15000)
    assert (await world.ask("customer 1", "DELETE", "/books/1?fee=0")).status_code == 204
    book = (await world.ask("customer 1", "GET", "/books/1")).json()
    assert (book["status"], book["refund"], book["reason"]) == ("CANCELED", 15000, "the organizer deleted the ticket")
    assert [it["bookId"] for it in await _outcomes(world, "canceled")] == [1]
    await world.settle()
    after = await _deletion(world)
    assert (after["canceled"], after["campaign"]["done"]) == ({"bookings": 1, "money": 15000}, 1)
    assert world.provider.refunded == {"booking-1": 15000}


async def test_what_was_used_of_a_deleted_ticket_is_given_back_to_its_buyer_as_the_campaign_does() -> None:
    world = await _sold(bookings=1, holds=0)
    assert (await world.ask("organizer 1", "POST", "/books/1/checkin")).status_code == 200
    assert (await world.ask("customer 1", "DELETE", "/books/1")).json()["code"] == "checked_in"
    await _paused(world)
    assert (await world.ask("customer 1", "GET", "/books/1/cancellation")).json()["refund"] == 15000
    assert (await world.ask("customer 1", "DELETE", "/books/1")).status_code == 204
    await world.settle()
    assert world.provider.refunded == {"booking-1": 15000}


async def test_nobody_pays_for_a_deleted_ticket_however_they_ask_for_it() -> None:
    world, order = await _sold(bookings=0, holds=1), {"ticketId": 1}
    world.provider.down = True
    for who, path, key in (("customer 2", "/books", "a"), ("customer 1", "/books/1/payment", "b")):
        said = await world.ask(who, "POST", path, order if path == "/books" else None, headers={"Idempotency-Key": key})
        assert (said.status_code, said.json()["code"]) == (503, "pay_later")
    world.provider.down = False
    await _paused(world)
    asks = [
        ("customer 1", "/books/1/payment", None, "b"),  # as before
        ("customer 2", "/books", order, "a"),
        ("customer 1", "/books/1/payment", None, None),  # again, anew
        ("customer 2", "/books/2/payment", {"paymentMethod": "sandbox-approve"}, "c"),
    ]
    for who, path, body, key in asks:
        gone = await world.ask(who, "POST", path, body, headers={"Idempotency-Key": key} if key else {})
        assert (gone.status_code, gone.json()["code"], gone.json()["bookStatus"]) == (410, "expired", "CANCELED")
        assert "the organizer deleted the ticket" in gone.json()["detail"]
    assert (world.provider.amounts, len(await _outcomes(world, "canceled"))) == ({}, 2)
    assert (await _deletion(world))["status"] == "over"


async def test_what_is_paid_of_a_deleted_ticket_waits_for_the_campaign_and_says_so() -> None:
    """Asking to pay for it again changes nothing: that is for the campaign, or for its buyer's cancel."""
    world = await _paused(await _sold(bookings=1, holds=0))
    paid = await world.ask("customer 1", "POST", "/books/1/payment")
    assert (paid.status_code, paid.json()["status"]) == (200, "BOOKED")
    assert (await _deletion(world))["booked"] == {"bookings": 1, "money": 15000}


async def test_what_failed_is_told_with_its_reason_and_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    world, change = await _sold(), MemoryBookings.change

    async def locked(self: Any, id: Any, decide: Any, cause: Any) -> Any:
        if id == 2 and not decide(self._db.bookings[id])[0].live:
            raise RuntimeError("row 2 is locked")
        return await change(self, id, decide, cause)

    with monkeypatch.context() as patch:
        patch.setattr(MemoryBookings, "change", locked)
        await world.ask("organizer 1", "DELETE", "/tickets/1")
        await world.settle()
    told = await _deletion(world)
    assert (told["status"], told["campaign"]["failed"]) == ("running", 1)
    assert told["failed"] == {"bookings": 1, "money": 15000}
    assert told["campaign"]["retryAt"] == "2026-11-22T16:09:01.000+0000"
    (stuck,) = await _outcomes(world, "failed")
    assert (stuck["bookId"], stuck["status"], stuck["outcome"]) == (2, "BOOKED", "failed")
    assert stuck["reason"] == "something unforeseen happened; the log tells what"
    await world.ask("organizer 1", "PATCH", WHERE, {"paused": False})
    await CancelCampaign(world.bookings, world.sales, world.clock, concurrently)()
    assert (await _outcomes(world, "failed"), (await _deletion(world))["status"]) == ([], "over")


@pytest.mark.parametrize("body", [{}, {"paused": None}, {"paused": "maybe"}, {"paused": 1}])
async def test_what_is_neither_pausing_nor_going_on_is_refused_by_name(body: Any) -> None:
    world = await _sold(1, 0)
    answer = await world.ask("organizer 1", "PATCH", WHERE, body)
    assert (answer.status_code, answer.json()["member"]) == (400, "paused")


@pytest.mark.parametrize("query", ["", "?outcome=", "?outcome=lost", "?outcome=left&outcome=left", "?outcome=LEFT"])
async def test_an_outcome_that_is_none_is_refused_by_name(query: str) -> None:
    answer = await (await _sold(1, 0)).ask("organizer 1", "GET", f"{WHERE}/bookings{query}")
    assert (answer.status_code, answer.json()["member"]) == (400, "outcome")


async def test_what_is_not_being_deleted_cannot_be_paused() -> None:
    answer = await (await _sold(1, 0)).ask("organizer 1", "PATCH", WHERE, {"paused": True})
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
