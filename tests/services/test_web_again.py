"""A form whose answer is lost: pressing again is the same try, and nobody books or pays twice."""

from __future__ import annotations

import asyncio
from typing import Final

import pytest

from adapters.rest import Limits, Patience
from adapters.web.asking import Answer, Question
from tests.services.web_ways import way
from tests.services.web_world import Browser, WebWorld

LOST = "The answer is late"
NEW = "/organizer/tickets/new"


async def _booked(world: WebWorld) -> list[tuple[int, str]]:
    found = (await world.ask("customer 1", "GET", "/books")).json()["_embedded"]["books"]
    return [(it["id"], it["status"]) for it in found]


def _links(browser: Browser) -> bool:
    return 'href="/web/bookings"' in browser.page.text.partition("<main")[2]


async def test_a_lost_answer_is_asked_for_with_the_same_card_and_the_price_that_was_shown() -> None:
    world = WebWorld()
    asked = way(world)
    await world.ticket()
    async with world.browsing() as browser:
        await browser.sign_in("customer", next="/web/tickets/1")
        asked.lost = "/books"
        assert (await browser.send("/tickets/1", card="sandbox-approve")).status_code == 503
        assert LOST in browser.text
        asked.lost = ""
        await world.ask("organizer 1", "PATCH", "/tickets/1", {"price": 16000, "startDate": "2031-01-01T00:00:00Z"})
        await world.settle()
        await browser.send("/tickets/1")
        assert browser.at == "/web/bookings/1"
    assert await _booked(world) == [(1, "BOOKED")]
    assert world.provider.amounts == {"booking-1": 15000}


async def test_an_answer_that_takes_longer_than_the_door_waits_is_asked_for_with_the_same_key() -> None:
    world = WebWorld()
    ask, late = world.site.ask, asyncio.Event()

    async def slow(question: Question) -> Answer:
        answer = await ask(question)
        if question.path == "/books" and not late.is_set():
            await asyncio.Event().wait()
        return answer

    await world.ticket()
    async with world.browsing() as browser:
        await browser.sign_in("customer", next="/web/tickets/1")
        key = browser.form("/tickets/1")["key"]
        world.changed(ask=slow, patience=0.5)
        world.app.limits = Limits(patience=Patience(2))
        assert (await browser.send("/tickets/1", card="sandbox-approve")).status_code == 503
        assert LOST in browser.text
        assert browser.form("/tickets/1")["key"] == key
        late.set()
        await browser.send("/tickets/1")
        assert browser.at == "/web/bookings/1"
    assert await _booked(world) == [(1, "BOOKED")]
    assert world.provider.amounts == {"booking-1": 15000}


async def test_the_try_goes_on_when_nothing_else_can_be_asked() -> None:
    world = WebWorld()
    asked = way(world)
    await world.ticket()
    async with world.browsing() as browser:
        await browser.sign_in("customer", next="/web/tickets/1")
        asked.lost, asked.away = "/books", ("/sales", "/tickets", "/notifications")
        await browser.send("/tickets/1", card="sandbox-approve")
        assert LOST in browser.text
        asked.lost, asked.away = "", ()
        await browser.send("/tickets/1")
    assert await _booked(world) == [(1, "BOOKED")]


async def test_what_settles_nothing_is_no_answer_whoever_gives_it() -> None:
    world = WebWorld()
    asked = way(world)
    await world.ticket()
    async with world.browsing() as browser:
        await browser.sign_in("customer", next="/web/tickets/1")
        for status, body in ((502, b"<html>"), (504, b'{"code": "in_doubt"}'), (500, b'{"code": "internal"}')):
            asked.lost, asked.instead = "/books", Answer(status, {}, body)
            assert (await browser.send("/tickets/1")).status_code == status
            assert LOST in browser.text
        asked.lost = ""
        await browser.send("/tickets/1")
    assert await _booked(world) == [(1, "BOOKED")]


async def test_a_form_that_was_sent_with_another_card_is_not_given_a_new_key() -> None:
    world = WebWorld()
    await world.ticket()
    async with world.browsing() as browser:
        await browser.sign_in("customer", next="/web/tickets/1")
        form = browser.form("/tickets/1")
        for card in ("sandbox-approve", "sandbox-slow"):
            browser.page = await browser.http.post("/web/tickets/1", data={**form, "card": card})
        assert browser.page.status_code == 422
        assert 'name="key"' not in browser.page.text
        assert _links(browser)
    assert await _booked(world) == [(1, "BOOKED")]


async def test_a_payment_whose_answer_is_lost_is_taken_up_with_the_same_card() -> None:
    world = WebWorld()
    asked = way(world)
    await world.ticket()
    async with world.browsing() as browser:
        await browser.sign_in("customer", next="/web/tickets/1")
        await browser.send("/tickets/1", card="unavailable")
        asked.lost, asked.away = "/books/1/payment", ("/tickets", "/notifications")
        assert (await browser.send("/bookings/1", card="sandbox-approve")).status_code == 503
        assert browser.form("/bookings/1")["card"] == "sandbox-approve"
        asked.lost, asked.away = "", ()
        form = browser.form("/bookings/1")
        await browser.send("/bookings/1")
        assert "It is booked" in browser.text
        other = await browser.http.post("/web/bookings/1", data={**form, "card": "sandbox-slow"})
        assert other.status_code == 422
        assert 'name="key"' not in other.text
    assert world.provider.amounts == {"booking-1": 15000}


async def test_a_ticket_whose_answer_is_lost_is_registered_once() -> None:
    world = WebWorld()
    asked = way(world)
    async with world.browsing() as browser:
        await browser.sign_in("organizer", next="/web/organizer/tickets/new")
        key, terms = browser.form(NEW)["key"], {"name": "Jazz", "price": "15000", "startDate": "2030-05-01T19:00"}
        for instead in (None, Answer(504, {}, b'{"code": "in_doubt"}'), Answer(502, {}, b"<html>")):
            asked.lost, asked.instead = "/tickets", instead
            assert (await browser.send(NEW, **terms)).status_code == (instead.status if instead else 503)
            assert "Send it again: it is done only once" in browser.text
            assert browser.form(NEW).items() >= {"key": key, **terms}.items()
        asked.lost = ""
        await browser.send(NEW)
        assert browser.at == "/web/organizer/tickets/1"
    assert (await world.ask(None, "GET", "/tickets")).json()["page"]["totalElements"] == 1


TRIES: Final = {
    "away": {"away": ("/tickets", "/contacts")},
    "hung": {"hung": ("/tickets", "/contacts")},
    "refused": {"refused": {"/tickets/1": 429, "/contacts/email": 429}},
    "broken": {"refused": {"/tickets/1": 500, "/contacts/email": 502}},
}


@pytest.mark.parametrize("how", TRIES)
async def test_what_was_typed_into_a_form_is_still_there_when_no_answer_comes(how: str) -> None:
    """Of a ticket that is edited, and of an address; both are as good sent twice."""
    world = WebWorld()
    asked = way(world)
    await world.ticket(name="Jazz", capacity=10)
    for role, page, form, typed in (
        ("organizer", "/organizer/tickets/1/edit", "/organizer/tickets/1/edit", {"name": "Blues", "capacity": "50"}),
        ("customer", "/contacts", "/contacts", {"address": "kim@example.com"}),
        ("organizer", "/contacts", "/contacts", {"address": "lee@example.com"}),
    ):
        async with world.browsing() as browser:
            await browser.sign_in(role, next=f"/web{page}")
            world.changed(patience=0.3)
            for name, value in TRIES[how].items():
                setattr(asked, name, value)
            assert (await browser.send(form, **typed)).status_code >= 429
            assert "end it again" in browser.text
            assert "pay" not in browser.text.partition("Not quite")[2].partition("My")[0], "nothing is paid here"
            assert browser.form(form).items() >= typed.items()
            asked.away, asked.hung, asked.refused = (), (), {}
            world.changed(patience=None)
            assert (await browser.send(form)).status_code == 200
    ticket = (await world.ask(None, "GET", "/tickets/1")).json()
    assert (ticket["name"], ticket["capacity"], ticket["price"]) == ("Blues", 50, 15000)
    for who, address in (("customer 1", "kim@example.com"), ("organizer 1", "lee@example.com")):
        assert (await world.ask(who, "GET", "/contacts/email")).json()["address"] == address


async def test_a_ticket_that_was_registered_on_other_terms_is_looked_for_before_there_is_another() -> None:
    world = WebWorld()
    async with world.browsing() as browser:
        await browser.sign_in("organizer", next="/web/organizer/tickets/new")
        form = browser.form(NEW)
        for price in ("15000", "16000"):
            browser.page = await browser.http.post(f"/web{NEW}", data={**form, "name": "Jazz", "price": price})
        assert browser.page.status_code == 422
        assert "Check in My sales first" in browser.text
        assert 'name="key"' not in browser.page.text
    assert (await world.ask(None, "GET", "/tickets")).json()["page"]["totalElements"] == 1
