"""A part of a page has the whole one made anew: by asking for it, never by loading again what a form was answered."""

from __future__ import annotations

import pytest

from tests.services.web_world import WebWorld

PARTS = (
    ("customer 1", "/tickets/1/seats?was=sold_out", "/tickets/1"),
    ("customer 1", "/bookings/1/state?was=PENDING", "/bookings/1"),
    ("organizer 1", "/organizer/tickets/1/deletion?part=1&was=over", "/organizer/tickets/1/deletion"),
)
SHOWN_AT = (
    ("/tickets/1", "/tickets/1"),
    ("/tickets?text=%EA%B0%80&page=2#main", "/tickets?text=%EA%B0%80&page=2"),
    ("/tickets/1/line", "/tickets/1"),
    ("/messages/3", "/messages"),
    ("/nowhere/3", "/"),
)


@pytest.mark.parametrize("who, part, whole", PARTS, ids=[it[2] for it in PARTS])
async def test_a_part_leads_to_the_page_that_it_is_in(who: str, part: str, whole: str) -> None:
    world = WebWorld()
    await world.ticket()
    await world.ask("customer 1", "POST", "/books", {"ticketId": 1})
    async with world.browsing() as browser:
        role, _, number = who.partition(" ")
        await browser.sign_in(role, int(number))
        headers = (await browser.see(part)).headers
        assert (headers.get("hx-redirect"), "hx-refresh" in headers) == (f"/web{whole}", False)
        assert (await browser.see(whole)).request.method == "GET"


@pytest.mark.parametrize("shown, asked", SHOWN_AT, ids=[it[0] for it in SHOWN_AT])
async def test_who_is_not_signed_in_any_more_is_led_to_the_page_that_a_form_stood_on(shown: str, asked: str) -> None:
    async with WebWorld().browsing() as browser:
        for host in ("http://web:8088", "https://web.example"):
            said = {"hx-request": "true", "hx-current-url": f"{host}/web{shown}"}
            headers = (await browser.http.get("/web/bell", headers=said)).headers
            assert (headers.get("hx-redirect"), "hx-refresh" in headers) == (f"/web{asked}", False)


@pytest.mark.parametrize("said", ["", "no address", "http://[/web/x", "https://a/web/\\b", "https://evil.example/x"])
async def test_what_says_no_page_of_ours_leads_to_one(said: str) -> None:
    async with WebWorld().browsing() as browser:
        asked = {"hx-request": "true", "hx-current-url": said}
        assert (await browser.http.get("/web/bell", headers=asked)).headers["hx-redirect"].startswith("/web/")


async def test_the_page_of_a_refused_booking_is_not_sent_again_when_it_is_made_anew() -> None:
    """As its part asks for it: what leads anywhere else than by GET to the ticket would book."""
    world = WebWorld()
    await world.ticket(capacity=1)
    async with world.browsing() as browser:
        await browser.sign_in("customer", next="/web/tickets/1")
        await world.ask("customer 2", "POST", "/books", {"ticketId": 1})
        assert (await browser.send("/tickets/1")).status_code == 409
        await world.ask("customer 2", "DELETE", "/books/1")
        anew = (await browser.see("/tickets/1/seats?was=sold_out")).headers["hx-redirect"]
        await browser.see(anew)
        assert "Book and pay" in browser.text
    assert (await world.ask("customer 1", "GET", "/books")).json()["page"]["totalElements"] == 0


async def test_the_page_of_a_refused_form_says_where_it_is_looked_at_again_and_no_other_does() -> None:
    """Where something was typed, or the same try has to go on, sending the form again is better than losing it."""
    world = WebWorld()
    await world.ticket(capacity=1)
    async with world.browsing() as browser:
        await browser.sign_in("customer", next="/web/tickets/1")
        assert "data-here" not in browser.page.text
        await browser.send("/tickets/1", card="declined")
        assert 'data-here="/web/tickets/1"' in browser.page.text
        await world.ask("organizer 1", "PATCH", "/tickets/1", {"cancelFeePercent": 10})
        await world.settle()
        await browser.send("/tickets/1")
        assert (browser.page.status_code, "data-here" in browser.page.text) == (409, False)
        await browser.send("/tickets/1", card="unavailable")
        await browser.send("/bookings/2", card="unavailable")
        assert 'data-here="/web/bookings/2"' in browser.page.text
        await browser.sign_in("organizer", next="/web/organizer/tickets/new")
        await browser.send("/organizer/tickets/new", name="Jazz", price="x")
        assert (browser.page.status_code, "data-here" in browser.page.text) == (400, False)
