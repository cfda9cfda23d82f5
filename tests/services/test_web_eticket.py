"""E-tickets, calendars and codes of buyers; charts and lists of organizers: over real HTTP."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from datetime import timedelta
from html import unescape
from typing import Any

import pytest

from adapters.web.asking import Answer
from adapters.web.eticket import _folded
from adapters.web.sessions import Sessions
from tests.services.web_ways import way
from tests.services.web_world import Browser, WebWorld

TERMS = {"startDate": "2030-05-01T10:00:00Z", "endDate": "2030-05-01T12:00:00Z"}
SAID = {name: said.replace("Z", ".000+0000") for name, said in TERMS.items()}
"""As the API says them."""


async def _booked(world: WebWorld, browser: Browser, **terms: object) -> None:
    await world.ticket(**{"name": "Jazz; live, at last", **TERMS, **terms})
    await browser.sign_in("customer", next="/web/tickets/1")
    await browser.send("/tickets/1")
    await world.settle()


async def _at_the_door(world: WebWorld, browser: Browser, door: Browser) -> str:
    """Where the organizer looks at the code of the booking that the buyer has made."""
    await _booked(world, browser)
    path = f"/door/1/{_seal(world)}"
    await door.sign_in("organizer", next=f"/web{path}")
    return path


def _seal(world: WebWorld, id: int = 1) -> str:
    return world.site.sessions.seal(str(id))


async def test_an_eticket_has_a_code_that_the_organizer_can_look_at_and_nobody_else_can_make() -> None:
    world = WebWorld()
    async with world.browsing() as browser, world.browsing() as door:
        await _booked(world, browser)
        page = await browser.see("/bookings/1/ticket")
        assert "Jazz; live, at last" in browser.text
        assert '<svg viewBox="0 0' in page.text
        await door.sign_in("organizer", next=f"/web/door/1/{_seal(world)}")
        assert "This ticket is good" in door.text
        assert "Jazz; live, at last When Wed, 1 May 2030, 19:00 – 21:00 Buyer 1 Admits 1 Booking 1" in door.text
        for forged in (f"/door/1/{'0' * 24}", f"/door/2/{_seal(world)}"):
            assert (await door.see(forged)).status_code == 404
            assert "not one of ours" in door.text
        await door.sign_in("organizer", 2)
        assert (await door.see(f"/door/1/{_seal(world)}")).status_code == 404
        assert (await browser.see(f"/door/1/{_seal(world)}")).status_code == 403


async def test_who_scans_it_as_a_buyer_gets_to_the_door_by_signing_in_as_somebody_else() -> None:
    world = WebWorld()
    async with world.browsing() as browser:
        await _booked(world, browser)
        page = await browser.see(f"/door/1/{_seal(world)}")
        other = re.search(r'<a class="button" href="([^"]*)">Sign in with another account', page.text)
        assert other is not None
        await browser.see(unescape(other[1]))
        await browser.send("/sign-in", role="organizer", number="1")
        assert "This ticket is good" in browser.text


async def test_where_there_is_no_eticket_one_goes_on_to_the_booking() -> None:
    world = WebWorld()
    async with world.browsing() as browser:
        await _booked(world, browser)
        await browser.see("/bookings/1/cancel")
        await browser.send("/bookings/1/cancel")
        page = await browser.see("/bookings/1/ticket")
        assert page.status_code == 404
        assert '<a class="button" href="/web/bookings/1">Booking 1</a>' in page.text


async def test_what_was_sealed_with_the_secret_before_still_holds_and_nothing_new_is() -> None:
    world = WebWorld()
    async with world.browsing() as browser, world.browsing() as door:
        await _booked(world, browser)
        printed = f"/door/1/{_seal(world)}"
        await door.sign_in("organizer", next=f"/web{printed}")
        fields = door.form(printed)
        for secret, before, holds in ((b"new", b"a secret", True), (b"newer", b"new", False)):
            world.changed(sessions=Sessions(secret, False, before))
            assert ((await browser.see("/bookings")).url.path == "/web/bookings") is holds, "still signed in"
            assert _seal(world) == Sessions(secret, False).seal("1")
            if holds:
                sent = await door.http.post(f"/web{printed}", data=fields)
                assert (sent.status_code, "Let in." in Browser(door.http, sent).text) == (200, True)
            else:
                await door.sign_in("organizer")
                assert (await door.see(printed)).status_code == 404
                assert "not one of ours" in door.text


async def test_who_shows_it_is_let_in_once_whichever_door_and_however_often_is_pressed() -> None:
    world = WebWorld()
    async with world.browsing() as browser, world.browsing() as door, world.browsing() as other:
        await _booked(world, browser)
        path = f"/door/1/{_seal(world)}"
        for one in (door, other):
            await one.sign_in("organizer", next=f"/web{path}")
        fields = door.form(path)
        for _ in range(2):
            door.page = await door.http.post(f"/web{path}", data=fields)
            assert (door.page.status_code, "Let in." in door.text) == (200, True)
        assert (await other.send(path)).status_code == 409
        assert "This ticket was used before. 23 Nov, 01:09:00" in other.text
        await door.see(path)
        assert "used before" in door.text
        assert '<form method="post" action="/web/door' not in door.page.text
        await browser.see("/bookings/1")
        assert "Let in at Mon, 23 Nov 2026, 01:09" in browser.text
        for said in ("Cancel the booking", "Canceling", "for free", "See you there"):
            assert said not in browser.text, said
        for chosen, said in (("en", "This ticket was used."), ("ko", "사용한 티켓입니다.")):
            assert said in (await browser.see("/bookings/1/state", was="BOOKED", lang=chosen)).text
        await browser.see("/bookings/1", lang="en")
        await browser.see("/bookings/1/cancel")
        assert "It cannot be canceled: it was used" in browser.text
        await door.see("/organizer/tickets/1")
        assert "Let in 1" in door.text


async def test_what_does_not_stand_lets_nobody_in_and_a_forged_code_changes_nothing() -> None:
    world = WebWorld()
    async with world.browsing() as browser, world.browsing() as door:
        path = await _at_the_door(world, browser, door)
        fields = door.form(path)
        assert (await door.http.post(f"/web/door/1/{'0' * 24}", data=fields)).status_code == 404
        assert (await door.http.post(f"/web{path}", data={**fields, "form": "x"})).status_code == 403
        assert (await world.ask("organizer 1", "GET", "/books/1")).json()["checkedInAt"] is None
        await world.ask("customer 1", "DELETE", "/books/1")
        door.page = await door.http.post(f"/web{path}", data=fields)
        assert door.page.status_code == 409
        assert "This ticket is not good. Canceled" in door.text
        await door.see(path)
        assert "This ticket is not good. Canceled" in door.text
        assert (await browser.see("/bookings/1/ticket")).status_code == 404
        assert "Only a confirmed booking" in browser.text


async def test_a_guest_whose_answer_is_lost_is_let_in_by_the_same_press_and_by_no_new_one() -> None:
    world = WebWorld()
    asked = way(world)
    async with world.browsing() as browser, world.browsing() as door:
        path = await _at_the_door(world, browser, door)
        key = door.form(path)["key"]
        for instead in (None, Answer(504, {}, b'{"code": "in_doubt"}'), Answer(429, {}, b"{}")):
            asked.lost, asked.instead = "/books/1/checkin", instead
            asked.asked.clear()
            assert (await door.send(path)).status_code == (instead.status if instead else 503)
            assert "it is done only once" in door.text
            assert door.form(path)["key"] == key
            assert [it.path for it in asked.asked] == ["/books/1/checkin"], "what might fail too is not asked"
        asked.lost = ""
        await door.send(path)
        assert "Let in." in door.text


async def test_what_was_answered_when_somebody_was_let_in_is_not_asked_for_again() -> None:
    world = WebWorld()
    asked = way(world)
    async with world.browsing() as browser, world.browsing() as door:
        path = await _at_the_door(world, browser, door)
        asked.asked.clear()
        await door.send(path)
        assert "Let in." in door.text
        assert "/books/1" not in [it.path for it in asked.asked]


async def test_the_chart_of_a_ticket_that_my_page_has_not_heard_of_is_no_failure() -> None:
    world = WebWorld()
    assert (await world.ask("organizer 1", "POST", "/tickets", {"price": 15000})).status_code == 201
    async with world.browsing() as browser:
        await browser.sign_in("organizer")
        assert (await browser.see("/organizer/tickets/1/chart")).status_code == 204
        await world.settle()
        assert (await browser.see("/organizer/tickets/1/chart")).status_code == 200


async def test_a_booking_goes_into_a_calendar() -> None:
    world = WebWorld()
    async with world.browsing() as browser:
        await _booked(world, browser, name="밤의 재즈; 마침내, " * 4)
        got = await browser.http.get("/web/bookings/1/ticket.ics")
        assert got.headers["content-type"] == "text/calendar; charset=utf-8"
        assert "DTSTART:20300501T100000Z\r\nDTEND:20300501T120000Z\r\n" in got.text
        assert max(len(line) for line in got.content.split(b"\r\n")) <= 75
        assert r"SUMMARY:밤의 재즈\; 마침내\, 밤의" in got.text.replace("\r\n ", "")
        assert got.text.endswith("END:VCALENDAR\r\n")


async def test_its_entry_is_stamped_when_it_is_made_as_its_dates_are_those_of_now(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("adapters.web.eticket.datetime", _Then)
    world = WebWorld()
    async with world.browsing() as browser:
        await _booked(world, browser)
        assert "DTSTAMP:20261123T010900Z\r\n" in (await browser.http.get("/web/bookings/1/ticket.ics")).text


@pytest.mark.parametrize("ends", [TERMS["startDate"], "2030-05-01T10:00:00.999Z"])
async def test_what_ends_in_the_second_in_which_it_begins_has_no_end_in_a_calendar(ends: str) -> None:
    world = WebWorld()
    async with world.browsing() as browser:
        await _booked(world, browser, endDate=ends)
        entry = (await browser.http.get("/web/bookings/1/ticket.ics")).text
        assert "DTSTART:20300501T100000Z\r\n" in entry
        assert "DTEND" not in entry


async def test_a_ticket_whose_name_is_of_blanks_is_called_by_its_number() -> None:
    world = WebWorld()
    async with world.browsing() as browser:
        await _booked(world, browser, name="   ")
        assert "SUMMARY:Ticket 1\r\n" in (await browser.http.get("/web/bookings/1/ticket.ics")).text
        assert "<bdi>Ticket 1</bdi>" in (await browser.see("/tickets")).text
        page = await browser.see("/tickets/1")
        assert "<title>Ticket 1 ·" in page.text
        assert "<h1><bdi>Ticket 1</bdi></h1>" in page.text


async def test_a_name_writes_no_line_of_its_own_into_a_calendar(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours has none with a break, but whoever else registers tickets may."""

    async def booked(_: Any) -> Mapping[str, Any]:
        return {"id": 1, "ticketId": 1, "name": "Show\r\nATTACH:https://x.example\nX:", **SAID}

    monkeypatch.setattr("adapters.web.eticket._booked", booked)
    async with WebWorld().browsing() as browser:
        await browser.sign_in("customer")
        entry = (await browser.http.get("/web/bookings/1/ticket.ics")).text
        assert "SUMMARY:Show ATTACH:https://x.example X:\r\n" in entry


LAST = "9999-12-31T23:59:59.999Z"


@pytest.mark.parametrize("dates", [{"endDate": LAST}, {"startDate": LAST}, {"cancelUntil": LAST}])
async def test_a_date_at_the_end_of_all_years_is_shown_on_every_page(dates: Mapping[str, str]) -> None:
    world = WebWorld()
    async with world.browsing() as browser:
        await _booked(world, browser, **({"startDate": None, "endDate": None} | dates))
        for path in ("/tickets", "/tickets?order=new", "/tickets/1", "/bookings", "/bookings/1", "/bookings/1/cancel"):
            assert (await browser.see(path)).status_code == 200, path
        if "startDate" in dates:
            assert (await browser.see("/bookings/1/ticket")).status_code == 200
            assert (await browser.see("/bookings/1/ticket.ics")).status_code == 200
        await browser.sign_in("organizer")
        for path in ("/organizer", "/organizer/tickets/1", "/organizer/tickets/1/edit"):
            assert (await browser.see(path)).status_code == 200, path


@pytest.mark.parametrize("length", range(70, 80))
def test_a_line_is_cut_where_it_is_too_long_and_nothing_is_lost(length: int) -> None:
    for letter in "a밤":
        parts = list(_folded(letter * length))
        assert max(len(part.encode()) for part in parts) <= 75
        assert "".join(part.removeprefix(" ") for part in parts) == letter * length


async def test_without_a_date_there_is_nothing_for_a_calendar() -> None:
    world = WebWorld()
    async with world.browsing() as browser:
        await _booked(world, browser, startDate=None, endDate=None)
        assert (await browser.see("/bookings/1/ticket.ics")).status_code == 404
        await browser.see("/bookings/1/ticket")
        assert "calendar" not in browser.text


@pytest.mark.parametrize("said", [{}, {"startDate": "2031-01-01T00:00:00Z"}], ids=["no date", "another date"])
async def test_when_it_takes_place_is_what_the_ticket_says_whatever_its_buyer_said(said: dict[str, str]) -> None:
    world = WebWorld()
    await world.ticket(**TERMS)
    await world.ask("customer 1", "POST", "/books", {"ticketId": 1, **said})
    await world.settle()
    async with world.browsing() as browser, world.browsing() as door:
        await browser.sign_in("customer")
        await door.sign_in("organizer", next=f"/web/door/1/{_seal(world)}")
        await _shown(browser, door, "Wed, 1 May 2030, 19:00 – 21:00", "20300501T100000Z")
        moved = {"startDate": "2030-05-02T10:00:00Z", "endDate": "2030-05-02T12:00:00Z"}
        await world.ask("organizer 1", "PATCH", "/tickets/1", moved)
        await door.see(f"/door/1/{_seal(world)}")
        await _shown(browser, door, "Thu, 2 May 2030, 19:00 – 21:00", "20300502T100000Z")


async def _shown(browser: Browser, door: Browser, when: str, entry: str) -> None:
    assert when in door.text
    for path in ("/bookings", "/bookings/1", "/bookings/1/ticket"):
        await browser.see(path)
        assert when in browser.text, path
    assert f"DTSTART:{entry}\r\n" in (await browser.see("/bookings/1/ticket.ics")).text


async def test_of_a_ticket_without_dates_it_is_what_its_buyer_said() -> None:
    world = WebWorld()
    await world.ticket()
    await world.ask("customer 1", "POST", "/books", {"ticketId": 1, **TERMS})
    async with world.browsing() as browser:
        await browser.sign_in("customer")
        await browser.see("/bookings/1/ticket")
        assert "Wed, 1 May 2030, 19:00 – 21:00" in browser.text


async def test_attendees_are_those_whose_bookings_stand_as_csv_and_as_json(monkeypatch: pytest.MonkeyPatch) -> None:
    for size in ("CHUNK", "CAME"):
        monkeypatch.setattr(f"adapters.web.selling.{size}", 1)
    world = WebWorld()
    await world.ticket(capacity=5)
    for customer in (1, 2, 3, 4):
        await world.ask(f"customer {customer}", "POST", "/books", {"ticketId": 1})
    await world.ask("customer 2", "DELETE", "/books/2")
    await world.settle()
    for id in (1, 3):
        await world.ask("organizer 1", "POST", f"/books/{id}/checkin")
        world.clock.time += timedelta(minutes=1)
    async with world.browsing() as browser:
        await browser.sign_in("organizer")
        got = await browser.http.get("/web/organizer/tickets/1/attendees.csv")
        rows = list(csv.DictReader(got.text.splitlines()))
        assert [(row["bookId"], row["customerId"], row["paymentStatus"], row["checkedInAt"]) for row in rows] == [
            ("1", "1", "APPROVED", "2026-11-22T16:09:00.000+0000"),
            ("3", "3", "APPROVED", "2026-11-22T16:10:00.000+0000"),
            ("4", "4", "APPROVED", ""),
        ]
        assert got.headers["content-disposition"] == 'attachment; filename="attendees-1.csv"'
        page = await browser.see("/organizer/tickets/1")
        assert re.findall(r'<a href="[^"]*attendees[^>]*', page.text) == [
            f'<a href="/web/organizer/tickets/1/attendees.{kind}"' for kind in ("csv", "json")
        ], "with `download` the page to sign in would be saved under that name"
        said = (await browser.http.get("/web/organizer/tickets/1/attendees.json")).json()
        assert [(it["customerId"], it["checkedInAt"] is None) for it in said] == [(1, False), (3, False), (4, True)]
        await browser.sign_in("organizer", 2)
        for kind in ("csv", "json"):
            assert (await browser.http.get(f"/web/organizer/tickets/1/attendees.{kind}")).status_code == 404


async def test_the_chart_counts_bookings_by_their_day(monkeypatch: pytest.MonkeyPatch) -> None:
    world = WebWorld()
    await world.ticket()
    for _ in range(3):
        await world.ask("customer 1", "POST", "/books", {"ticketId": 1})
    await world.settle()
    monkeypatch.setattr("adapters.web.selling.datetime", _Then)
    async with world.browsing() as browser:
        await browser.sign_in("organizer", next="/web/organizer/tickets/1")
        assert '<section class="card" id="chart" hidden ' in browser.page.text, "without a script nothing comes into it"
        page = await browser.see("/organizer/tickets/1/chart")
        assert "hidden" not in page.text.partition(">")[0]
        assert "Bookings in the last 14 days: 3, on the best one: 3" in page.text
        assert "told" in page.text
        assert re.findall(r'height="(\d+)"', page.text) == ["0"] * 13 + ["100"]
        assert "11/23" in browser.text
        assert '<text class="long"' not in page.text
        monkeypatch.setattr("adapters.web.selling.MANY", 2)
        assert 'hx-trigger="every 60s"' in (await browser.see("/organizer/tickets/1/chart")).text


class _Then:
    """The day of the world's clock, in Korea."""

    @staticmethod
    def now(zone: object) -> object:
        from datetime import datetime

        return datetime(2026, 11, 23, 1, 9, tzinfo=zone)  # type: ignore[arg-type]
