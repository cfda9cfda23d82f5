"""Where the originals do not do what the scenario says, and ours do: the same requests, and what is true afterwards."""

from __future__ import annotations

from tests.services.originals.shape import Answer
from tests.services.originals.transcripts import scenes
from tests.services.originals.world import Standing

SCENES = {scene.name: scene.exchanges for scene in scenes()}


async def _played(scene: str, world: Standing | None = None) -> dict[str, tuple[Answer, Answer]]:
    """By method and path, the last of the same: what the original answered, and what ours did."""
    if world is None:
        world = Standing()
        await world.stand()
    found = {}
    for it in SCENES[scene]:
        found[f"{it.request.method} {it.request.path}"] = it.answer, await world.played(it.request)
    return found


async def test_a_deleted_ticket_takes_its_bookings_along_and_gives_the_money_back() -> None:
    world = Standing()
    await world.stand()
    played = await _played("book, a ticket deleted", world)
    (java, ours), (javas, our) = played["GET /books/2"], played["GET /payments/3"]
    assert (java.body["status"], javas.body["status"]) == (None, "PayApproved")
    assert (ours.body["status"], our.body["status"]) == ("CANCELED", "CANCELED")
    assert world.provider.amounts == {}


async def test_a_notification_has_an_id_and_something_to_say() -> None:
    java, ours = (await _played("pages, notifications"))["GET /notifications/1"]
    assert (java.body["id"], java.body["message"]) == (None, None)
    assert ours.body["id"] == 1
    assert ours.body["message"].startswith("Hello ")


async def test_my_page_shows_more_than_the_bookings_id() -> None:
    java, ours = (await _played("pages, my page"))["GET /customerManagementPages/2"]
    assert {name for name, value in java.body.items() if value is not None} == {"bookId", "_links"}
    assert ours.body.keys() >= java.body.keys()
    missing = [name for name, value in ours.body.items() if value is None]
    assert missing == ["cancelUntil", "expiresAt"], "it can always be canceled, and is no hold"
    assert (ours.body["status"], ours.body["price"], ours.body["ticketId"]) == ("BOOKED", 15000, 2)
    assert ours.body["bookId"] == 2  # payId is the payment's, which is no booking's


async def test_my_page_follows_a_cancel_and_the_payment_shows_it() -> None:
    played = await _played("book, canceling")
    java, ours = played["GET /customerManagementPages/1"]
    assert (java.body["status"], ours.body["status"], ours.body["paymentStatus"]) == (None, "CANCELED", "CANCELED")
    assert played["GET /payments/1"][1].body["status"] == "CANCELED"
    assert played["GET /books/1"][1].body["status"] == "CANCELED"


async def test_a_paid_booking_says_so_and_no_wish_is_believed() -> None:
    java, ours = (await _played("book, booking"))["POST /books"]
    assert (java.body["status"], ours.body["status"]) == (None, "BOOKED")
    java, ours = (await _played("pay, as book asks"))["POST /payments"]
    assert (java.body["status"], ours.body["status"]) == ("whatever", "APPROVED")


async def test_a_booking_is_charged_once_however_often_it_is_asked_for() -> None:
    java, ours = (await _played("pay, as book asks"))["GET /payments/search/findByBookId?bookId=77"]
    assert [len(it.body["_embedded"]["payments"]) for it in (java, ours)] == [2, 1]


async def test_pay_down_is_a_held_seat_and_no_error() -> None:
    world = Standing()
    await world.stand()
    world.provider.down = True
    java, ours = (await _played("book, pay is down", world))["POST /books"]
    assert (java.status, ours.status, ours.body["code"]) == (500, 503, "pay_later")
    assert int(ours.headers["retry-after"]) > 0
    assert ours.headers["location"].endswith("/books/5")


async def test_a_payment_in_doubt_belongs_to_a_booking_that_is_there() -> None:
    world = Standing()
    await world.stand()
    world.hang()
    played = await _played("book, pay hangs", world)
    java, ours = played["POST /books"]
    assert (java.status, ours.status, ours.body["code"]) == (500, 202, "payment_pending")
    (payment,) = played["GET /payments?sort=id,desc&size=1"][1].body["_embedded"]["payments"]
    assert (payment["bookId"], payment["status"]) == (ours.body["id"], "REQUESTED")
