"""The line for a sold-out ticket on its page, over real HTTP and without JavaScript."""

from __future__ import annotations

import re

from tests.services.web_ways import way
from tests.services.web_world import WebWorld


async def _sold_out() -> WebWorld:
    world = WebWorld()
    await world.ticket(name="Jazz", capacity=1, startDate="2030-05-01T10:00:00Z")
    await world.ask("customer 9", "POST", "/books", {"ticketId": 1})
    return world


async def test_a_place_is_joined_seen_to_move_offered_and_paid() -> None:
    world = await _sold_out()
    await world.ask("customer 8", "PUT", "/sales/1/waiting")
    async with world.browsing() as browser:
        await browser.see("/tickets/1")
        assert "Sign in to join the line" in browser.text
        await browser.sign_in("customer", next="/web/tickets/1")
        await browser.send("/tickets/1/line")
        assert browser.at == "/web/tickets/1"
        assert "Your place in line: 2" in browser.text
        await world.ask("customer 8", "DELETE", "/sales/1/waiting")
        await browser.see("/tickets/1/seats", was="sold_out")
        assert browser.text == "Sold out Your place in line: 1"
        await world.ask("customer 9", "DELETE", "/books/1")
        await world.offer_seats()
        assert (await browser.see("/tickets/1/seats", was="sold_out")).headers["hx-redirect"]
        await browser.see("/tickets/1")
        assert "It is your turn" in browser.text
        assert 'href="/web/bookings/2"' in browser.page.text
        await browser.see("/bookings/2")
        assert "Wed, 1 May 2030, 19:00" in browser.text
        await browser.send("/bookings/2", card="sandbox-approve")
        assert "It is booked" in browser.text


async def test_the_lines_that_one_stands_in_are_among_ones_bookings() -> None:
    world = await _sold_out()
    async with world.browsing() as browser:
        await browser.sign_in("customer", next="/web/bookings")
        assert "Tickets you wait for" not in browser.text
        await browser.see("/tickets/1")
        await browser.send("/tickets/1/line")
        await browser.see("/bookings")
        assert "Tickets you wait for 1 May Wed Jazz Wed, 1 May 2030" in browser.text
        assert 'href="/web/tickets/1"' in browser.page.text
        await world.ask("customer 9", "DELETE", "/books/1")
        await world.offer_seats()
        await browser.see("/bookings")
        assert "It is your turn" in browser.text
        await world.ask("customer 1", "DELETE", "/sales/1/waiting")
        await browser.see("/bookings")
        assert "Tickets you wait for" not in browser.text


async def test_whose_turn_it_is_sees_it_on_the_page_that_is_open() -> None:
    world = await _sold_out()
    asked = way(world)
    async with world.browsing() as browser:
        await browser.sign_in("customer", next="/web/bookings")
        assert "/web/bookings/lines" not in browser.page.text, "who waits for nothing asks for nothing"
        await browser.see("/tickets/1")
        await browser.send("/tickets/1/line")
        await browser.see("/bookings")
        assert re.search(r'hx-get="/web/bookings/lines\?seen="[^>]* hx-trigger="every 5s, told"', browser.page.text)
        await browser.see("/bookings/lines")
        assert browser.text == "Tickets you wait for 1 May Wed Jazz Wed, 1 May 2030, 19:00"
        seen = re.search(r"seen=(\w{12})", browser.page.text)[1]
        assert (await browser.see("/bookings/lines", seen=seen)).status_code == 204
        await world.ask("customer 9", "DELETE", "/books/1")
        await world.offer_seats()
        await browser.see("/bookings/lines", seen=seen)
        assert browser.text.endswith("19:00 It is your turn")
        asked.away = ("/sales/waiting",)
        assert (await browser.see("/bookings/lines")).status_code == 204, "what stands there stays"
        asked.away = ()
        await world.ask("customer 1", "DELETE", "/sales/1/waiting")
        await browser.see("/bookings/lines")
        assert (browser.page.status_code, browser.page.text.strip()) == (200, "")


async def test_who_has_an_offer_is_shown_it_first_though_more_seats_came_free() -> None:
    world = await _sold_out()
    asked = way(world)
    async with world.browsing() as browser:
        await browser.sign_in("customer", next="/web/tickets/1")
        await browser.send("/tickets/1/line")
        await world.ask("customer 9", "DELETE", "/books/1")
        await world.offer_seats()
        await world.ask("organizer 1", "PATCH", "/tickets/1", {"capacity": 5})
        await world.settle()
        assert (await world.ask(None, "GET", "/sales/1")).json()["remaining"] == 4
        await browser.see("/tickets/1/seats", was="offered")
        assert browser.text == "It is your turn"
        await browser.see("/tickets/1")
        assert 'href="/web/bookings/2"' in browser.page.text
        assert "Book and pay" not in browser.text
        await browser.see("/bookings/2")
        await browser.send("/bookings/2", card="sandbox-approve")
        await browser.see("/tickets/1")
        assert "Book and pay" in browser.text
        asked.asked.clear()
        await browser.see("/tickets/1/seats", was="open")
        assert [it.path for it in asked.asked] == ["/sales/1"], "in a rush nothing else is asked again and again"


async def test_a_line_is_left_again() -> None:
    world = await _sold_out()
    async with world.browsing() as browser:
        await browser.sign_in("customer", next="/web/tickets/1")
        await browser.send("/tickets/1/line")
        await browser.send("/tickets/1/line")
        assert "Join the line" in browser.text
    assert (await world.ask("customer 1", "GET", "/sales/1/waiting")).json()["status"] == "LEFT"


async def test_who_wants_to_wait_when_a_seat_is_there_is_shown_that_it_is() -> None:
    world = await _sold_out()
    async with world.browsing() as browser:
        await browser.sign_in("customer", next="/web/tickets/1")
        form = browser.form("/tickets/1/line")
        await world.ask("customer 9", "DELETE", "/books/1")
        browser.page = await browser.http.post("/web/tickets/1/line", data=form)
        assert browser.at == "/web/tickets/1"
        assert "Book and pay" in browser.text


async def test_a_form_from_before_the_ticket_sold_out_leads_to_the_offer_that_came_meanwhile() -> None:
    world = WebWorld()
    await world.ticket(capacity=1)
    async with world.browsing() as browser:
        await browser.sign_in("customer", next="/web/tickets/1")
        form = browser.form("/tickets/1")
        await world.ask("customer 9", "POST", "/books", {"ticketId": 1})
        await world.ask("customer 1", "PUT", "/sales/1/waiting")
        await world.ask("customer 9", "DELETE", "/books/1")
        await world.offer_seats()
        browser.page = await browser.http.post("/web/tickets/1", data=form)
        assert 'href="/web/bookings/2"' in browser.page.text
        assert "It is your turn" in browser.text
        assert "The last seat has just gone" not in browser.text, "one is kept for them"
