"""Pages while a service is away or hangs: what does not need it is shown, and soon."""

from __future__ import annotations

import asyncio
from time import monotonic

import pytest

from adapters.web import booking, inquiry
from adapters.web.asking import Answer, Question
from adapters.web.bell import PATIENCE, SILENCE, Bell
from tests.services.web_ways import way
from tests.services.web_world import WebWorld

DATES = {"startDate": "2030-05-01T10:00:00Z"}
NIGHT = {"name": "Jazz", **DATES}


@pytest.mark.parametrize("how", ["away", "hung"])
async def test_without_ticket_a_buyer_sees_pays_shows_and_cancels_bookings(
    how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inquiry, "GLANCE", 0.05)
    world = WebWorld()
    asked = way(world)
    await world.ticket(**NIGHT)
    for card in ("unavailable", "sandbox-approve"):
        await world.ask("customer 1", "POST", "/books", {"ticketId": 1, "paymentMethod": card, **DATES})
    await world.settle()
    setattr(asked, how, ("/tickets",))
    async with world.browsing() as browser:
        await browser.sign_in("customer", next="/web/bookings")
        assert "Jazz Wed, 1 May 2030, 19:00 · Booking 2" in browser.text
        await browser.see("/bookings/1")
        await browser.send("/bookings/1", card="sandbox-approve")
        assert "It is booked" in browser.text
        assert (await browser.see("/bookings/2/ticket")).status_code == 200
        assert (await browser.see("/bookings/2/ticket.ics")).status_code == 200
        await browser.see("/bookings/2/cancel")
        await browser.send("/bookings/2/cancel")
        assert "It is canceled" in browser.text


async def test_what_may_have_been_done_is_to_be_looked_at_before_it_is_tried_again() -> None:
    world = WebWorld()
    asked = way(world)
    await world.ticket(**NIGHT)
    await world.ask("customer 1", "POST", "/books", {"ticketId": 1})
    await world.settle()
    said = {"en": "it may have been done. Look before you try again.", "ko": "처리되었을 수도 있습니다."}
    async with world.browsing() as browser:
        for role, form, away, look in (
            ("customer", "/bookings/1/cancel", "/books/1", "/web/bookings"),
            ("organizer", "/organizer/tickets/1/delete", "/tickets/1", "/web/organizer"),
        ):
            await browser.sign_in(role)
            for language, words in said.items():
                asked.away = ()
                await browser.see(form, lang=language)
                asked.away = (away,)
                assert (await browser.send(form)).status_code == 503
                assert words in browser.text
                assert f'<a class="button" href="{look}"' in browser.page.text
        assert "처리" not in (await browser.see("/organizer/tickets/1/edit")).text, "nothing was to be done"


async def test_without_booking_or_ticket_an_organizer_sees_what_was_heard() -> None:
    world = WebWorld()
    asked = way(world)
    await world.ticket(**NIGHT)
    await world.ask("customer 1", "POST", "/books", {"ticketId": 1})
    await world.settle()
    asked.away = ("/sales", "/tickets")
    async with world.browsing() as browser:
        await browser.sign_in("organizer", next="/web/organizer")
        assert "Jazz ₩15,000" in browser.text
        assert "Booked 1 Held – Left – Revenue ₩15,000" in browser.text
        await browser.see("/organizer/tickets/1")
        assert "Booked 1 Held – Left –" in browser.text
        assert "Deleted" not in browser.text


@pytest.mark.parametrize("how", ["away", "hung"])
async def test_without_booking_a_ticket_is_shown_and_cannot_be_booked_until_it_is_back(
    how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(booking, "GLANCE", 0.05)
    monkeypatch.setattr(booking, "RUSH", 0.05)
    world = WebWorld()
    asked = way(world)
    await world.ticket(**NIGHT)
    async with world.browsing() as browser:
        await browser.sign_in("customer", next="/web/tickets/1")
        assert "Book and pay ₩15,000" in browser.text
        setattr(asked, how, ("/sales", "/books"))
        seats = await browser.http.get("/web/tickets/1/seats?was=open")
        assert (seats.status_code, seats.headers.get("hx-redirect")) == (204, None)
        assert (await browser.see("/tickets/1")).status_code == 200
        assert "Jazz" in browser.text
        assert "The remaining seats are not known at the moment" in browser.text
        assert "Book and pay" not in browser.text
        await browser.see("/tickets/1?lang=ko")
        assert "남은 좌석을 지금은 알 수 없습니다" in browser.text
        await browser.see("/tickets/1/seats?was=unknown")
        assert "알 수 없습니다" in browser.text
        setattr(asked, how, ())
        seats = await browser.http.get("/web/tickets/1/seats?was=unknown")
        assert seats.headers["hx-redirect"] == "/web/tickets/1"


async def test_while_booking_is_slow_the_whole_page_waits_for_it_and_the_seats_do_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(booking, "GLANCE", 0.05)
    world = WebWorld()
    site = world.site

    async def slow(question: Question) -> Answer:
        if question.path.startswith("/sales"):
            await asyncio.sleep(0.2)
        return await site.ask(question)

    await world.ticket(**NIGHT)
    world.changed(ask=slow)
    async with world.browsing() as browser:
        await browser.sign_in("customer", next="/web/tickets/1")
        assert "Book and pay ₩15,000" in browser.text
        assert (await browser.http.get("/web/tickets/1/seats?was=open")).status_code == 204


async def test_who_hangs_with_messages_keeps_no_page_and_is_left_alone_for_a_while() -> None:
    world, now = WebWorld(), 0.0
    asked = way(world)
    asked.hung = ("/notifications",)
    world.changed(bell=Bell(clock=lambda: now))
    async with world.browsing() as browser:
        await browser.sign_in("customer", next="/web/bookings")
        began, count = monotonic(), len(asked.asked)
        for _ in range(20):
            assert (await browser.see("/bookings")).status_code == 200
        assert monotonic() - began < 20 * PATIENCE
        assert {it.path.partition("?")[0] for it in asked.asked[count:]} == {"/books", "/sales/waiting"}
        asked.hung, now = (), SILENCE + 1
        await browser.see("/bookings")
        assert 'aria-label="Messages, 0 unread"' in browser.page.text


async def test_messages_are_counted_beside_what_a_page_asks_itself() -> None:
    world = WebWorld()
    site, counted = world.site, asyncio.Event()

    async def ask(question: Question) -> Answer:
        if question.path.startswith("/notifications"):
            counted.set()
        else:
            await asyncio.wait_for(counted.wait(), 5)
        return await site.ask(question)

    async with world.browsing() as browser:
        await browser.sign_in("customer")
        world.changed(ask=ask)
        browser.http.headers["accept"] = "text/html"
        await browser.see("/bookings")
        assert "No bookings yet" in browser.text
        assert 'aria-label="Messages, 0 unread"' in browser.page.text
