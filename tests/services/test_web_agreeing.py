"""A buyer books what they were shown: dates and terms of canceling that change meanwhile are told first."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.web import booking
from tests.services.web_ways import way
from tests.services.web_world import Browser, WebWorld

TERMS = {"startDate": "2030-05-01T10:00:00Z", "cancelUntil": "2030-04-01T00:00:00Z"}
CHANGES = (
    {"startDate": "2030-08-15T10:00:00Z"},
    {"endDate": "2030-05-02T10:00:00Z"},
    {"cancelUntil": "2029-12-01T00:00:00Z"},
    {"cancelUntil": None},
    {"cancelFeePercent": 90},
)


async def _changed(world: WebWorld, terms: dict[str, Any]) -> None:
    assert (await world.ask("organizer 1", "PATCH", "/tickets/1", terms)).status_code == 200
    await world.settle()


async def _books(world: WebWorld) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await world.ask("customer 1", "GET", "/books")).json()["_embedded"]["books"]
    return found


async def _at_ticket(browser: Browser) -> None:
    await browser.sign_in("customer", next="/web/tickets/1")


@pytest.mark.parametrize("terms", CHANGES, ids=str)
@pytest.mark.parametrize("language, said", [
    ("ko", "취소 조건이 바뀌었습니다"),
    ("en", "have changed since this page was made"),
], ids=["ko", "en"])  # fmt: skip
async def test_other_terms_are_told_and_agreed_to_and_nothing_is_paid_before(
    terms: dict[str, Any], language: str, said: str
) -> None:
    world = WebWorld()
    await world.ticket(**TERMS)
    async with world.browsing(language) as browser:
        await _at_ticket(browser)
        await _changed(world, terms)
        assert (await browser.send("/tickets/1", card="sandbox-slow")).status_code == 409
        assert said in browser.text
        assert '<option value="sandbox-slow" selected>' in browser.page.text
        assert (await _books(world), world.provider.amounts) == ([], {})
        await browser.send("/tickets/1", card="sandbox-slow")
        assert browser.at == "/web/bookings/1"
    ticket = (await world.ask(None, "GET", "/tickets/1")).json()
    (booked,) = await _books(world)
    assert [booked[it] for it in ("startDate", "endDate")] == [ticket[it] for it in ("startDate", "endDate")]


async def test_another_name_or_capacity_is_nothing_to_agree_to() -> None:
    world = WebWorld()
    await world.ticket(name="Jazz", capacity=5, **TERMS)
    async with world.browsing() as browser:
        await _at_ticket(browser)
        await _changed(world, {"name": "Blues", "capacity": 9})
        await browser.send("/tickets/1")
        assert browser.at == "/web/bookings/1"


@pytest.mark.parametrize("terms, leads_to", [
    ({"cancelFeePercent": 90}, "/web/bookings/1"),
    ({"startDate": "2030-08-15T10:00:00Z"}, "/web/tickets/1"),
], ids=["canceling", "dates"])  # fmt: skip
async def test_who_had_booked_unnoticed_on_the_terms_before_books_no_second_time(
    terms: dict[str, Any], leads_to: str
) -> None:
    """The browser was stopped before the answer came, and the form is still there."""
    world = WebWorld()
    await world.ticket(**TERMS)
    async with world.browsing() as browser:
        await _at_ticket(browser)
        form = browser.form("/tickets/1")
        await browser.http.post("/web/tickets/1", data=form)
        await _changed(world, terms)
        browser.page = await browser.http.post("/web/tickets/1", data=form)
        assert browser.page.status_code == 409
        await browser.send("/tickets/1")
        assert browser.at == leads_to
        assert 'href="/web/bookings"' in browser.page.text
    assert len(await _books(world)) == 1


async def test_a_form_from_before_there_were_terms_in_it_books() -> None:
    world = WebWorld()
    await world.ticket(**TERMS)
    async with world.browsing() as browser:
        await _at_ticket(browser)
        form = browser.form("/tickets/1")
        del form["cancelUntil"], form["cancelFeePercent"]
        await _changed(world, {"cancelFeePercent": 90})
        assert (await browser.http.post("/web/tickets/1", data=form)).url.path == "/web/bookings/1"


@pytest.mark.parametrize("how", ["away", "hung"])
async def test_without_ticket_one_books_what_one_saw(how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(booking, "GLANCE", 0.05)
    world = WebWorld()
    asked = way(world)
    await world.ticket(**TERMS)
    async with world.browsing() as browser:
        await _at_ticket(browser)
        setattr(asked, how, ("/tickets",))
        await browser.send("/tickets/1")
        assert browser.at == "/web/bookings/1"


async def test_what_was_too_often_and_so_not_done_is_looked_at_again() -> None:
    world = WebWorld()
    asked = way(world)
    await world.ticket(**TERMS)
    async with world.browsing() as browser:
        await _at_ticket(browser)
        asked.refused = {"/books": 429}
        assert (await browser.send("/tickets/1")).status_code == 429
        asked.refused = {}
        await _changed(world, {"cancelFeePercent": 90})
        assert (await browser.send("/tickets/1")).status_code == 409
    assert await _books(world) == []
