"""Booking, paying later and canceling on the pages, over real HTTP and without JavaScript: every outcome there is."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest

from adapters.web.asking import Answer, Question
from tests.services.rest_world import MOST_HOLDS
from tests.services.web_world import Browser, WebWorld

DATES = {"startDate": "2030-05-01T10:00:00Z", "endDate": "2030-05-01T12:00:00Z"}

CHECKED = "It is being checked whether this was paid."


async def _at_ticket(browser: Browser, id: int = 1, customer: int = 1) -> None:
    await browser.sign_in("customer", customer, next=f"/web/tickets/{id}")


async def _about_to_cancel(browser: Browser) -> None:
    await _at_ticket(browser)
    await browser.send("/tickets/1")
    await browser.see("/bookings/1/cancel")


async def test_a_booking_is_paid_shown_and_listed() -> None:
    world = WebWorld()
    await world.ticket(name="Jazz", capacity=2, **DATES)
    async with world.browsing() as browser:
        await _at_ticket(browser)
        await browser.send("/tickets/1")
        assert browser.at == "/web/bookings/1"
        assert "It is booked" in browser.text
        assert "₩15,000" in browser.text
        await world.settle()
        await browser.see("/bookings/1")
        assert "Paid" in browser.text
        assert "What happened" in browser.text
        await browser.see("/bookings")
        assert "Jazz Wed, 1 May 2030, 19:00 – 21:00 · Booking 1" in browser.text
        await browser.see("/tickets/1")
        assert "1 left" in browser.text
    assert (await world.ask("customer 1", "GET", "/books/1")).json()["startDate"] == "2030-05-01T10:00:00.000+0000"


async def test_the_same_form_sent_twice_books_once() -> None:
    world = WebWorld()
    await world.ticket()
    async with world.browsing() as browser:
        await _at_ticket(browser)
        form = browser.form("/tickets/1")
        for _ in range(2):
            assert (await browser.http.post("/web/tickets/1", data=form)).url.path == "/web/bookings/1"
    assert (await world.ask("customer 1", "GET", "/books")).json()["page"]["totalElements"] == 1


async def test_who_comes_back_after_booking_is_told_that_there_is_a_booking_already() -> None:
    world = WebWorld()
    await world.ticket()
    await world.ticket()
    said = "You have a booking of this ticket already. Booking again makes another one. Booking 1"
    async with world.browsing() as browser:
        await _at_ticket(browser)
        assert said not in browser.text
        await browser.send("/tickets/1")
        for path, told in (("/tickets/1", True), ("/tickets/2", False)):
            await browser.see(path)
            assert (said in browser.text) is told
        await browser.see("/bookings/1/cancel")
        await browser.send("/bookings/1/cancel")
        await browser.see("/tickets/1")
        assert "already" not in browser.text


async def test_what_cannot_be_paid_as_its_number_was_is_shown_and_can_be_canceled() -> None:
    world = WebWorld()
    await world.ticket()
    await world.ask("customer 2", "POST", "/books", {"ticketId": 1})
    world.dbs["book"].bookings.clear()
    async with world.browsing() as browser:
        await _at_ticket(browser)
        await browser.send("/tickets/1")
        assert browser.at == "/web/bookings/1"
        await browser.see("/bookings/1/cancel")
        await browser.send("/bookings/1/cancel")
    assert (await world.ask("customer 1", "GET", "/books/1")).json()["status"] == "CANCELED"


async def test_a_card_that_was_pasted_with_something_unseen_is_told_where_it_can_be_corrected() -> None:
    world = WebWorld()
    world.changed(cards=())
    await world.ticket()
    async with world.browsing() as browser:
        await browser.sign_in("customer", next="/web/tickets/1")
        assert (await browser.send("/tickets/1", card="pm\u200b1")).status_code == 400
        assert "Check what you pay by" in browser.text
        assert browser.form("/tickets/1")["card"] == "pm\u200b1"
        await browser.send("/tickets/1", card="unavailable")
        assert (await browser.send("/bookings/1", card="pm\t1")).status_code == 400
        assert "Check what you pay by" in browser.text
        await browser.send("/bookings/1", card="pm1")
        assert "It is booked." in browser.text


async def test_a_declined_card_is_told_and_another_one_is_another_booking() -> None:
    world = WebWorld()
    await world.ticket()
    async with world.browsing() as browser:
        await _at_ticket(browser)
        assert (await browser.send("/tickets/1", card="declined")).status_code == 402
        assert "The payment was declined" in browser.text
        await browser.send("/tickets/1", card="sandbox-approve")
        assert browser.at == "/web/bookings/2"


async def test_another_price_is_told_and_agreed_to() -> None:
    world = WebWorld()
    await world.ticket()
    async with world.browsing() as browser:
        await _at_ticket(browser)
        await world.ask("organizer 1", "PATCH", "/tickets/1", {"price": 16000})
        await world.settle()
        assert (await browser.send("/tickets/1")).status_code == 409
        assert "The price has changed to ₩16,000" in browser.text
        await browser.send("/tickets/1")
        assert browser.at == "/web/bookings/1"
        assert "₩16,000" in browser.text


async def test_the_last_seat_gone_elsewhere_is_told_and_the_form_is_gone_too() -> None:
    world = WebWorld()
    await world.ticket(capacity=1)
    async with world.browsing() as browser:
        await _at_ticket(browser)
        await world.ask("customer 2", "POST", "/books", {"ticketId": 1})
        assert (await browser.send("/tickets/1")).status_code == 409
        assert "The last seat has just gone" in browser.text
        assert 'name="key"' not in browser.page.text


async def test_a_closed_sale_is_told() -> None:
    world = WebWorld()
    await world.ticket(endDate="2026-11-23T00:00:00Z")
    async with world.browsing() as browser:
        await _at_ticket(browser)
        world.clock.time += timedelta(days=2)
        await browser.sign_in("customer", next="/web/tickets/1")
        assert "Sale over" in browser.text


@pytest.mark.parametrize("heard", [True, False], ids=["heard", "unheard"])
async def test_who_books_what_was_deleted_meanwhile_is_told_that_it_is_not_sold_any_more(heard: bool) -> None:
    """Whether or not booking had heard that there was one."""
    world = WebWorld()
    if heard:
        await world.ticket()
    else:
        await world.ask("organizer 1", "POST", "/tickets", {"price": 15000})
    async with world.browsing() as browser:
        await _at_ticket(browser)
        await world.ask("organizer 1", "DELETE", "/tickets/1")
        if heard:
            await world.settle()
        assert (await browser.send("/tickets/1")).status_code == 410
        assert "This ticket is not on sale any more. Nothing was charged." in browser.text
        assert (await browser.see("/tickets/1")).status_code == (410 if heard else 404)
    assert (await world.ask("customer 1", "GET", "/books")).json()["page"]["totalElements"] == 0


async def test_a_deleted_ticket_that_booking_has_not_heard_of_yet_was_on_sale() -> None:
    world = WebWorld()
    await world.ticket()
    async with world.browsing() as browser:
        await world.ask("organizer 1", "DELETE", "/tickets/1")
        assert (await browser.see("/tickets/1")).status_code == 410
        assert "This ticket is not on sale any more." in browser.text


async def test_pay_later_holds_the_seat_until_it_is_paid() -> None:
    world = WebWorld()
    await world.ticket(capacity=1)
    async with world.browsing() as browser:
        await _at_ticket(browser)
        await browser.send("/tickets/1", card="unavailable")
        assert browser.at == "/web/bookings/1"
        assert "The seat is held until 23 Nov, 01:19:00" in browser.text
        assert CHECKED not in browser.text, "it was certainly not paid"
        assert "data-countdown" in browser.page.text
        assert (await browser.send("/bookings/1", card="unavailable")).status_code == 503
        assert "It cannot be paid yet" in browser.text
        await browser.send("/bookings/1", card="sandbox-approve")
        assert "It is booked" in browser.text


async def test_who_has_too_many_unpaid_bookings_is_led_to_them() -> None:
    world = WebWorld()
    await world.ticket()
    async with world.browsing() as browser:
        for _ in range(MOST_HOLDS):
            order = {"ticketId": 1, "paymentMethod": "unavailable"}
            await world.ask("customer 1", "POST", "/books", order)
        await _at_ticket(browser)
        assert (await browser.send("/tickets/1")).status_code == 409
        assert f"{MOST_HOLDS} at most: pay or cancel one first. My bookings" in browser.text


async def test_a_payment_in_doubt_shows_itself_when_it_is_known() -> None:
    world = WebWorld()
    await world.ticket()
    async with world.browsing() as browser:
        await _at_ticket(browser)
        await browser.send("/tickets/1", card="late")
        assert "Awaiting payment" in browser.text
        assert CHECKED in browser.text
        assert 'hx-trigger="every' in browser.page.text
        await browser.send("/bookings/1", card="late")
        assert CHECKED in browser.text, "paying again settles nothing either"
        await browser.see("/bookings/1/cancel")
        assert "This booking is not known to be paid. Whatever was charged is refunded." in browser.text
        await browser.see("/bookings/1?checking=1")
        world.provider.arrive()
        await browser.send("/bookings/1")
        assert "It is booked" in browser.text
        await browser.see("/bookings/1?checking=1")
        assert CHECKED not in browser.text
        part = await browser.http.get("/web/bookings/1/state?was=PENDING")
        assert part.headers["hx-redirect"] == "/web/bookings/1"


async def test_without_javascript_a_page_is_looked_at_again_by_hand() -> None:
    world = WebWorld()
    await world.ticket()
    async with world.browsing() as browser:
        await _at_ticket(browser)
        for card, address in (("unavailable", "/web/bookings/1"), ("late", "/web/bookings/2?checking=1")):
            await browser.see("/tickets/1")
            await browser.send("/tickets/1", card=card)
            assert f'<noscript><p><a href="{address}">See how it stands now</a>' in browser.page.text
        await browser.see("/bookings/1")
        await browser.send("/bookings/1", card="sandbox-approve")
        assert "See how it stands now" in browser.text, "my page has not heard of it"
        await world.settle()
        await browser.see("/bookings/1")
        assert "See how it stands now" not in browser.text


async def test_what_canceling_gives_back_is_told_before_and_after() -> None:
    world = WebWorld()
    await world.ticket(cancelFeePercent=10)
    async with world.browsing() as browser:
        await _about_to_cancel(browser)
        assert "Paid ₩15,000 Cancel fee − ₩1,500 You get back ₩13,500" in browser.text
        await browser.send("/bookings/1/cancel")
        assert browser.at == "/web/bookings/1"
        await world.settle()
        await browser.see("/bookings/1")
        assert "Canceled Refunded" in browser.text
        assert "₩13,500 was refunded" in browser.text
        assert "for a fee of" not in browser.text
        await browser.see("/bookings/1/cancel")
        assert "This booking is over already" in browser.text
        assert "You get back" not in browser.text


async def test_what_was_free_when_it_was_shown_is_not_canceled_for_a_fee_and_the_fee_is_shown() -> None:
    for language, said in (("en", "the fee is another one by now"), ("ko", "그사이 취소 수수료가 달라졌으니")):
        world = WebWorld()
        await world.ticket(cancelFeePercent=100)
        await world.ask("customer 1", "POST", "/books", {"ticketId": 1, "paymentMethod": "lost"})
        async with world.browsing(language) as browser:
            await browser.sign_in("customer", next="/web/bookings/1/cancel")
            assert "₩" not in browser.text, "nothing is paid, as far as is known"
            await world.found_out()
            assert (await browser.send("/bookings/1/cancel")).status_code == 409
            assert said in browser.text
            assert "− ₩15,000" in browser.text
            assert (await world.ask("customer 1", "GET", "/books/1")).json()["status"] == "BOOKED"
            await browser.send("/bookings/1/cancel")
            assert browser.at == "/web/bookings/1"
        assert (await world.ask("customer 1", "GET", "/books/1")).json()["refund"] == 0


async def test_a_fee_that_nobody_was_shown_is_not_agreed_to() -> None:
    """The booking was looked at before it was paid, what a cancel means afterwards."""
    world = WebWorld()
    await world.ticket(cancelFeePercent=10)
    await world.ask("customer 1", "POST", "/books", {"ticketId": 1})
    ask, seen = world.site.ask, {}

    async def before(question: Question) -> Answer:
        answer = await ask(question)
        if question.path != "/books/1":
            return answer
        seen.update(answer.said)
        return Answer(200, answer.headers, json.dumps({**answer.said, "status": "PENDING"}).encode())

    async with world.browsing() as browser:
        await browser.sign_in("customer")
        world.changed(ask=before)
        await browser.see("/bookings/1/cancel")
        assert seen["status"] == "BOOKED"
        assert ("− ₩1,500" in browser.text, browser.form("/bookings/1/cancel")["fee"]) == (True, "1500")


async def test_a_form_from_before_there_were_fees_in_it_cancels_whatever_it_costs() -> None:
    world = WebWorld()
    await world.ticket(cancelFeePercent=10)
    async with world.browsing() as browser:
        await _about_to_cancel(browser)
        form = browser.form("/bookings/1/cancel")
        del form["fee"]
        assert (await browser.http.post("/web/bookings/1/cancel", data=form)).url.path == "/web/bookings/1"
    assert (await world.ask("customer 1", "GET", "/books/1")).json()["refund"] == 13500


async def test_from_a_booking_one_comes_to_its_ticket_while_there_is_one() -> None:
    world = WebWorld()
    await world.ticket(name="Jazz")
    await world.ask("customer 1", "POST", "/books", {"ticketId": 1})
    async with world.browsing() as browser:
        await browser.sign_in("customer", next="/web/bookings/1")
        assert "See the ticket" in browser.text
        await world.ask("organizer 1", "DELETE", "/tickets/1")
        await world.settle()
        await browser.see("/bookings/1")
        assert "The organizer deleted the ticket, so the booking is canceled." in browser.text
        assert "See the ticket" not in browser.text


async def test_what_a_deleted_ticket_was_called_is_still_said_with_its_bookings() -> None:
    world = WebWorld()
    await world.ticket(name="Jazz")
    await world.ask("customer 1", "POST", "/books", {"ticketId": 1})
    await world.ask("organizer 1", "DELETE", "/tickets/1")
    await world.settle()
    async with world.browsing() as browser:
        for page in ("/bookings", "/bookings/1"):
            await browser.sign_in("customer", next=f"/web{page}")
            assert "Jazz" in browser.text, page


async def test_too_late_is_told_and_nothing_is_canceled() -> None:
    world = WebWorld()
    await world.ticket(cancelUntil="2026-11-22T17:00:00Z")
    async with world.browsing() as browser:
        await _about_to_cancel(browser)
        form = browser.form("/bookings/1/cancel")
        world.clock.time += timedelta(hours=1)
        answer = await browser.http.post("/web/bookings/1/cancel", data=form)
        assert answer.status_code == 409
        assert "It can no longer be canceled: that was possible until" in answer.text
    assert (await world.ask("customer 1", "GET", "/books/1")).json()["status"] == "BOOKED"


@pytest.mark.parametrize("language", ["ko", "en"])
async def test_what_cannot_be_canceled_any_more_says_so_wherever_its_terms_are_said(language: str) -> None:
    over, button, until_paid = {
        "ko": (
            "취소 기한이 지나 취소할 수 없습니다 (2020년 1월 1일 (수) 09:00).",
            "예매 취소",
            "결제하기 전까지만 가능",
        ),
        "en": ("that was possible until Wed, 1 Jan 2020, 09:00.", "Cancel the booking", "Only until it is paid"),
    }[language]
    world = WebWorld()
    await world.ticket(cancelUntil="2020-01-01T00:00:00Z", cancelFeePercent=10)
    async with world.browsing(language) as browser:
        await _at_ticket(browser)
        assert over in browser.text
        assert "10%" not in browser.text
        await browser.send("/tickets/1", card="unavailable")
        assert until_paid in browser.text
        assert (button in browser.text, over in browser.text) == (True, False), "a hold can be given back"
        await browser.send("/bookings/1", card="sandbox-approve")
        assert over in browser.text
        assert 'href="/web/bookings/1/cancel"' not in browser.page.text
        await world.ask("organizer 1", "DELETE", "/tickets/1")
        for envelope in list(world.dbs["ticket"].outbox.values()):
            await world.consumers()[0].handle(envelope)
        await browser.see("/bookings/1")
        assert (button in browser.text, over in browser.text) == (True, False), "of a deleted ticket everything is back"


async def test_a_booking_of_somebody_else_is_not_there() -> None:
    world = WebWorld()
    await world.ticket()
    await world.ask("customer 2", "POST", "/books", {"ticketId": 1})
    async with world.browsing() as browser:
        await browser.sign_in("customer", 1)
        for path in ("/bookings/1", "/bookings/1/cancel", "/bookings/1/state"):
            assert (await browser.see(path)).status_code == 404


async def test_seats_show_what_is_sold_elsewhere_and_the_page_is_made_anew_when_none_is_left() -> None:
    world = WebWorld()
    await world.ticket(capacity=2)
    async with world.browsing() as browser:
        await world.ask("customer 2", "POST", "/books", {"ticketId": 1})
        await browser.see("/tickets/1/seats", was="open")
        assert browser.text == "1 left"
        seen = re.search(r"seen=(\w+)", browser.page.text)[1]
        assert (await browser.see("/tickets/1/seats", was="open", seen=seen)).status_code == 204
        await world.ask("customer 2", "DELETE", "/books/1")
        await browser.see("/tickets/1/seats", was="open", seen=seen)
        assert browser.text == "2 left"
        await world.ask("customer 2", "POST", "/books", {"ticketId": 1})
        await world.ask("customer 2", "POST", "/books", {"ticketId": 1})
        part = await browser.see("/tickets/1/seats", was="open")
        assert part.headers["hx-redirect"] == "/web/tickets/1"


@pytest.mark.parametrize("capacity, said", [(20, "20 left"), (None, "No limit on seats")], ids=["some", "any"])
async def test_of_a_ticket_that_booking_has_not_heard_of_yet_nobody_says_how_many_are_left(
    capacity: int | None, said: str
) -> None:
    world = WebWorld()
    await world.ask("organizer 1", "POST", "/tickets", {"price": 15000, "capacity": capacity})
    async with world.browsing() as browser:
        await _at_ticket(browser)
        assert "The remaining seats are not known at the moment" in browser.text
        assert "No limit on seats" not in browser.text
        assert "Book and pay ₩15,000" in browser.text, "booking asks about it then"
        await world.settle()
        await browser.see("/tickets/1/seats", was="open")
        assert browser.text == said


async def test_an_ended_session_is_asked_to_sign_in_again_and_comes_back() -> None:
    world = WebWorld()
    await world.ticket()
    async with world.browsing() as browser:
        await _at_ticket(browser)
        await browser.send("/tickets/1")
        world.clock.time += timedelta(hours=13)
        await browser.see("/bookings/1")
        assert browser.at == "/web/sign-in"
        await browser.send("/sign-in", role="customer", number="1")
        assert browser.at == "/web/bookings/1"


async def test_a_button_pressed_after_the_session_has_ended_does_nothing_until_it_is_pressed_again_signed_in() -> None:
    world = WebWorld()
    await world.ticket(capacity=1)
    await world.ask("customer 1", "POST", "/books", {"ticketId": 1})
    await world.settle()
    forms = [("/tickets/1/line", "/tickets/1"), ("/messages/3", "/messages"), ("/bookings/1/cancel", "/bookings/1")]
    for action, leads_to in forms:
        page = action if action.endswith("cancel") else leads_to
        async with world.browsing() as browser:
            await browser.sign_in("customer", next=f"/web{page}")
            world.clock.time += timedelta(hours=13)
            await browser.send(action)
            assert browser.page.status_code == 403
            assert "was not taken" in browser.text
            assert (await world.ask("customer 1", "GET", "/books/1")).json()["status"] == "BOOKED"
            kept = browser.form(action)
            await browser.sign_in("customer")
            browser.page = await browser.http.post(f"/web{action}", data=kept)
            assert (browser.at, browser.page.status_code) == (f"/web{leads_to}", 200)
    assert (await world.ask("customer 1", "GET", "/books/1")).json()["status"] == "CANCELED"
