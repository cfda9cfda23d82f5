"""Lists of the pages: how one looks through them, where they end, and that one stays where one was."""

from __future__ import annotations

import re
from html import unescape

import pytest

from adapters.providers.currencies import decimals
from adapters.web import messages
from myticket_core.money import Currency
from tests.services.web_world import WebWorld


@pytest.mark.parametrize("code, told", [("usd", True), ("krw", False)])
async def test_who_looks_for_a_price_is_told_how_it_is_counted(code: str, told: bool) -> None:
    world = WebWorld()
    world.changed(currency=Currency(code.upper(), decimals(code)))
    async with world.browsing() as browser:
        page = await browser.see("/tickets", priceTo="19.99")
        assert ("Prices in the smallest unit of the currency: 1999 is $19.99." in browser.text) is told
        described = re.findall(r'name="(price\w+)"[^>]*aria-describedby="(?:wrong )?price-hint"', page.text)
        assert described == (["priceFrom", "priceTo"] if told else [])


async def test_filters_are_open_when_something_is_filtered_and_else_in_nobodys_way() -> None:
    async with WebWorld().browsing() as browser:
        page = await browser.see("/tickets", text="jazz", order="soon", priceTo="", to="", **{"from": ""})
        assert "<details>" in page.text
        for name, value in (("order", "cheap"), ("priceTo", "20000"), ("available", "1")):
            assert "<details open>" in (await browser.see("/tickets", **{name: value})).text, name


async def _messaged(monkeypatch: pytest.MonkeyPatch) -> WebWorld:
    """Customer 1 has three messages, one on a page."""
    monkeypatch.setattr(messages, "SIZE", 1)
    world = WebWorld()
    await world.ticket()
    for _ in range(3):
        await world.ask("customer 1", "POST", "/books", {"ticketId": 1})
    await world.settle()
    return world


async def test_who_marks_a_message_stays_on_its_page(monkeypatch: pytest.MonkeyPatch) -> None:
    world = await _messaged(monkeypatch)
    async with world.browsing() as browser:
        await browser.sign_in("customer", next="/web/messages?page=2")
        await browser.send(re.findall(r'action="/web(/messages/\d+)"', browser.page.text)[0])
        assert "Page 2 of 3" in browser.text
        assert browser.page is not None
        assert f'<li id="{browser.page.url.fragment}" class="card">' in browser.page.text
        assert 'aria-label="Messages, 2 unread"' in browser.page.text


async def test_all_messages_are_marked_on_the_page_that_begins_with_the_newest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """From a later one only those behind it would be."""
    world = await _messaged(monkeypatch)
    async with world.browsing() as browser:
        await browser.sign_in("customer", next="/web/messages?page=2")
        assert "Mark all as read" not in browser.text
        await browser.see("/messages")
        await browser.send("/messages")
        assert 'aria-label="Messages, 0 unread"' in browser.page.text


BEYOND = "There are no more pages: this is beyond the last one."


@pytest.mark.parametrize("who, path, ends", [
    ("customer", "/bookings", "No bookings yet"),
    ("customer", "/messages", "No messages"),
    ("organizer", "/organizer", "No tickets yet"),
    ("organizer", "/tickets", "No tickets found"),
])  # fmt: skip
async def test_behind_its_last_page_a_list_does_not_say_that_it_is_empty(who: str, path: str, ends: str) -> None:
    world = WebWorld()
    async with world.browsing() as browser:
        await browser.sign_in(who, next=f"/web{path}?page=9")
        assert (ends in browser.text, BEYOND in browser.text) == (True, False)
        await world.ticket(name="Jazz", startDate="2030-05-01T10:00:00Z")
        await world.ask("customer 1", "POST", "/books", {"ticketId": 1})
        await world.settle()
        await browser.see(path, page="9", text="Jazz")
        assert (ends in browser.text, BEYOND in browser.text) == (False, True)
        first = re.search(r'href="([^"]*)">To the first page', browser.page.text)
        assert first is not None
        await browser.see(unescape(first[1]))
        assert BEYOND not in browser.text
        assert "text=Jazz" in str(browser.page.url)


async def test_of_a_number_that_is_too_large_the_largest_is_told() -> None:
    """In a search; a form of an organizer says the same."""
    async with WebWorld().browsing() as browser:
        await browser.see("/tickets", priceTo="9" * 20)
        assert "That number is too large: 9007199254740991 at most." in browser.text
        await browser.see("/tickets", priceTo="-1")
        assert "The highest price is a whole number, 0 or more, without commas." in browser.text


async def test_a_name_that_is_read_from_the_right_is_one_by_itself() -> None:
    world = WebWorld()
    await world.ticket(name="حفل (VIP) 10%", startDate="2030-05-01T10:00:00Z")
    await world.ask("customer 1", "POST", "/books", {"ticketId": 1})
    await world.settle()
    seen = {
        "customer": ("/tickets", "/bookings", "/bookings/1/ticket"),
        "organizer": ("/organizer", "/organizer/tickets/1", "/organizer/tickets/1/delete"),
    }
    async with world.browsing() as browser:
        for role, paths in seen.items():
            await browser.sign_in(role)
            for path in paths:
                page = await browser.see(path)
                assert "<bdi>حفل (VIP) 10%</bdi>" in page.text, path
                assert "bdi" not in page.text.partition("</title>")[0], path
