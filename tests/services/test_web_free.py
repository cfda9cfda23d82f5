"""What is free is booked without a word of paying: no card is asked for, and nothing says that ₩0 was paid or given
back. Over real HTTP and without JavaScript.
"""

from __future__ import annotations

from typing import Final

import pytest

from adapters.web.language import texts
from tests.services.web_ways import way
from tests.services.web_world import Browser, WebWorld

MONEY: Final = {"ko": ("₩", "결제", "환불"), "en": ("₩", "pay", "paid", "refund", "fee")}
LANGUAGES: Final = pytest.mark.parametrize("language", MONEY)


def _of_money(browser: Browser, language: str, *allowed: str) -> list[str]:
    """What is to be read of money on the page above its footer, but for what is `allowed`."""
    read = browser.text.replace(texts()["footer"][language], "")
    for key in allowed:
        read = read.replace(texts()[key][language], "")
    return [word for word in MONEY[language] if word in read.lower()]


async def _offered(world: WebWorld) -> None:
    """A seat of a sold-out ticket came free for customer 1."""
    await world.ask("customer 9", "POST", "/books", {"ticketId": 1})
    await world.ask("customer 1", "PUT", "/sales/1/waiting")
    await world.ask("customer 9", "DELETE", "/books/1")
    await world.offer_seats()


@LANGUAGES
async def test_it_is_booked_shown_and_canceled_without_a_word_of_paying(language: str) -> None:
    said = texts()
    world = WebWorld()
    world.provider.down = True
    await world.ticket(price=0, cancelFeePercent=10, startDate="2030-05-01T10:00:00Z")
    async with world.browsing(language) as browser:
        await browser.see("/tickets")
        assert (said["free"][language] in browser.text, "₩" in browser.text) == (True, False)
        await browser.sign_in("customer", next="/web/tickets/1")
        assert said["free_book_for"][language] in browser.text
        assert "<select" not in browser.page.text
        assert _of_money(browser, language, "free_book_hint", "cancel_free") == []
        await browser.send("/tickets/1")
        assert browser.at == "/web/bookings/1"
        for settled in (False, True):
            if settled:
                await world.settle()
                await browser.see("/bookings/1")
            assert said["about_BOOKED"][language] in browser.text
            assert said["free"][language] in browser.text
            assert _of_money(browser, language, "cancel_free") == []
        for page in ("/bookings", "/bookings/1/ticket"):
            await browser.see(page)
            assert said["free"][language] in browser.text
            assert _of_money(browser, language) == []
        await browser.see("/bookings/1/cancel")
        assert said["cancel_nothing"][language] in browser.text
        assert browser.form("/bookings/1/cancel")["fee"] == "0"
        await browser.send("/bookings/1/cancel")
        await world.settle()
        await browser.see("/bookings/1")
        assert said["about_CANCELED"][language] in browser.text
        assert _of_money(browser, language) == []


@LANGUAGES
async def test_what_came_free_for_who_waited_is_confirmed_and_nobody_asks_how_it_is_paid(language: str) -> None:
    said = texts()
    world = WebWorld()
    await world.ticket(price=0, capacity=1)
    await _offered(world)
    await world.settle()
    async with world.browsing(language) as browser:
        await browser.sign_in("customer", next="/web/tickets/1")
        assert said["free_pay_now"][language] in browser.text
        assert _of_money(browser, language, "cancel_free") == []
        await browser.see("/bookings/2")
        assert said["free_pay"][language] in browser.text
        assert "<select" not in browser.page.text
        hints = ("free_pay_hint", "free_about_PENDING", "cancel_free")
        assert _of_money(browser, language, *hints) == []
        await browser.see("/bookings/2/cancel")
        assert said["free_cancel_unpaid"][language] in browser.text
        await browser.see("/bookings/2")
        await browser.send("/bookings/2")
        assert said["about_BOOKED"][language] in browser.text


async def test_a_price_that_there_is_meanwhile_is_agreed_to_anew_and_asks_how_it_is_paid() -> None:
    world = WebWorld()
    await world.ticket(price=0)
    async with world.browsing() as browser:
        await browser.sign_in("customer", next="/web/tickets/1")
        await world.ask("organizer 1", "PATCH", "/tickets/1", {"price": 16000})
        await world.settle()
        assert (await browser.send("/tickets/1")).status_code == 409
        assert "The price has changed to ₩16,000" in browser.text
        assert "Book and pay ₩16,000" in browser.text
        assert '<select id="card" name="card">' in browser.page.text
        assert (await world.ask("customer 1", "GET", "/books")).json()["page"]["totalElements"] == 0
        await browser.send("/tickets/1", card="sandbox-approve")
        assert browser.at == "/web/bookings/1"
    assert world.provider.amounts == {"booking-1": 16000}


async def test_a_price_that_is_gone_meanwhile_is_told_and_no_card_is_asked_for_any_more() -> None:
    world = WebWorld()
    await world.ticket(price=15000)
    async with world.browsing() as browser:
        await browser.sign_in("customer", next="/web/tickets/1")
        await world.ask("organizer 1", "PATCH", "/tickets/1", {"price": 0})
        await world.settle()
        assert (await browser.send("/tickets/1", card="sandbox-approve")).status_code == 409
        assert "it is free now" in browser.text
        assert "<select" not in browser.page.text
        await browser.send("/tickets/1")
        assert browser.at == "/web/bookings/1"
    assert world.provider.amounts == {}


async def test_a_form_whose_answer_is_lost_is_sent_again_and_speaks_of_no_payment() -> None:
    world = WebWorld()
    asked = way(world)
    await world.ticket(price=0, capacity=1)
    await _offered(world)
    async with world.browsing() as browser:
        await browser.sign_in("customer", next="/web/bookings/2")
        asked.lost = "/books/2/payment"
        await browser.send("/bookings/2")
        assert "Send it again: you will not book twice." in browser.text
        asked.lost = ""
        await browser.send("/bookings/2")
        assert "It is booked" in browser.text
        await world.ask("organizer 1", "PATCH", "/tickets/1", {"capacity": 2})
        await world.settle()
        await browser.see("/tickets/1")
        asked.lost = "/books"
        await browser.send("/tickets/1")
        assert "Send it again: you will not book twice." in browser.text


@LANGUAGES
async def test_its_organizer_sees_who_comes_and_no_money(language: str) -> None:
    world = WebWorld()
    await world.ticket(price=0)
    for customer in (1, 2):
        await world.ask(f"customer {customer}", "POST", "/books", {"ticketId": 1})
    await world.ask("customer 2", "DELETE", "/books/2")
    await world.settle()
    pages = ("/organizer", "/organizer/tickets/1", "/organizer/tickets/1/delete", "/organizer/tickets/1/deletion")
    async with world.browsing(language) as browser:
        await browser.sign_in("organizer")
        for page in pages:
            if page.endswith("deletion"):
                await browser.send("/organizer/tickets/1/delete")
            await browser.see(page)
            assert _of_money(browser, language) == [], page
        await world.settle()
        await browser.see(pages[-1])
        assert _of_money(browser, language) == []


async def test_its_organizer_still_sees_what_came_in_while_it_had_a_price() -> None:
    world = WebWorld()
    await world.ticket(price=15000)
    await world.ask("customer 1", "POST", "/books", {"ticketId": 1})
    await world.ask("organizer 1", "PATCH", "/tickets/1", {"price": 0})
    await world.settle()
    await world.ask("customer 2", "POST", "/books", {"ticketId": 1})
    await world.settle()
    async with world.browsing() as browser:
        await browser.sign_in("organizer", next="/web/organizer")
        assert "Revenue ₩15,000" in browser.text
        await browser.see("/organizer/tickets/1")
        assert "Captured ₩15,000" in browser.text
        await browser.see("/organizer/tickets/1/delete")
        assert "To be refunded ₩15,000" in browser.text
