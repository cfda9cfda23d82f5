"""The pages over real HTTP, without JavaScript: looking around, signing in and out, and what protects them."""

from __future__ import annotations

import json
import re
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapters.web import language
from adapters.web.addresses import DIGITS, ours
from adapters.web.sessions import COOKIE, WEEK, Session, Sessions
from myticket_core.notification.letter import BETWEEN, SUBJECTS
from myticket_core.values import KOREA
from tests.services.web_world import WebWorld

WEB = Path(language.__file__).parent


async def test_tickets_are_found_by_name_price_and_day_and_what_is_over_is_not_shown() -> None:
    world = WebWorld()
    await world.ticket(name="Seoul Jazz Night", startDate="2030-05-01T10:00:00Z", endDate="2030-05-01T12:00:00Z")
    await world.ticket(name="봄의 교향곡", price=90000, startDate="2031-01-01T10:00:00Z")
    await world.ticket(name="Long ago", startDate="2020-01-01T00:00:00Z", endDate="2020-01-02T00:00:00Z")
    async with world.browsing() as browser:
        await browser.see("/tickets")
        assert "Seoul Jazz Night Wed, 1 May 2030, 19:00" in browser.text
        assert "₩90,000" in browser.text
        assert "Long ago" not in browser.text
        await browser.see("/tickets", text="교향곡")
        assert "봄의 교향곡" in browser.text
        assert "Jazz" not in browser.text
        await browser.see("/tickets", priceTo="20000", order="cheap")
        assert "Jazz" in browser.text
        assert "교향곡" not in browser.text
        await browser.see("/tickets", to="2030-12-31", **{"from": "2030-05-02"})
        assert "No tickets found" in browser.text


async def test_what_ended_today_is_listed_for_who_asks_for_today_and_says_so() -> None:
    world, over = WebWorld(), datetime.now(UTC) - timedelta(minutes=10)
    began = over - timedelta(hours=2)
    await world.ticket(name="Matinee", startDate=began.isoformat(), endDate=over.isoformat())
    async with world.browsing() as browser:
        await browser.see("/tickets")
        assert "No tickets found" in browser.text
        assert '<p class="sum" id="sum" role="status">Tickets: 0</p>' in browser.page.text
        await browser.see("/tickets", **{"from": over.astimezone(KOREA).strftime("%Y-%m-%d")})
        assert "Matinee" in browser.text
        assert "Sale over" in browser.text


async def test_a_filter_that_cannot_be_is_told_and_the_form_stays() -> None:
    async with WebWorld().browsing() as browser:
        page = await browser.see("/tickets", priceFrom="cheap", text="jazz")
        assert page.status_code == 400
        assert "The lowest price is a whole number" in browser.text
        assert re.search(r'name="priceFrom"[^>]*aria-invalid="true" aria-describedby="wrong"', page.text)
        assert re.search(r'id="wrong"[^>]*><p>The lowest price', page.text)
        assert 'value="jazz"' in page.text


async def test_a_name_is_found_whatever_blanks_a_keyboard_put_around_it() -> None:
    world = WebWorld()
    await world.ticket(name="Jazz")
    async with world.browsing() as browser:
        for text in ("jazz ", " jazz", "  "):
            await browser.see("/tickets", text=text, priceTo=" 99999 ")
            assert "Tickets: 1" in browser.text, text


@pytest.mark.parametrize(
    "said, wrong, told",
    [
        ({"from": "2031-01-01", "to": "2030-12-31"}, "to", "The last day is before the first"),
        ({"to": "2020-01-01"}, "to", "which is today unless you give one"),
        ({"priceFrom": "9000", "priceTo": "10"}, "priceTo", "The highest price is below the lowest"),
    ],
    ids=["days", "a past day", "prices"],
)
async def test_what_ends_before_it_begins_is_told_and_finds_nothing(
    said: dict[str, str], wrong: str, told: str
) -> None:
    world = WebWorld()
    await world.ticket(name="Any time", startDate=None)
    async with world.browsing() as browser:
        page = await browser.see("/tickets", **said)
        assert page.status_code == 400
        assert told in browser.text
        assert "Any time" not in browser.text
        assert re.search(rf'name="{wrong}"[^>]*aria-invalid="true"', page.text)
        for good in ({"from": "2031-01-01", "to": "2031-01-01"}, {"priceFrom": "900", "priceTo": "99999"}):
            assert (await browser.see("/tickets", **good)).status_code == 200


async def test_lists_come_in_pages() -> None:
    world = WebWorld()
    for number in range(13):
        await world.ticket(name=f"Night {number}", startDate=f"2030-01-{number + 1:02}T10:00:00Z")
    async with world.browsing() as browser:
        first = await browser.see("/tickets", text="Night")
        assert "Page 1 of 2" in browser.text
        following = re.search(r'rel="next" href="([^"]*)"', first.text)
        assert following is not None
        await browser.see(following[1].replace("&amp;", "&"))
        assert "Night 12" in browser.text
        assert "Page 2 of 2" in browser.text


async def test_a_ticket_shows_its_terms_and_what_is_left_and_one_that_is_not_there_is_told() -> None:
    world = WebWorld()
    id = await world.ticket(name="Jazz", capacity=3, cancelFeePercent=10, cancelUntil="2030-01-01T00:00:00Z")
    async with world.browsing() as browser:
        await browser.see(f"/tickets/{id}")
        assert "Until Tue, 1 Jan 2030, 09:00, for a fee of 10%" in browser.text
        assert "3 left" in browser.text
        assert "Sign in to book" in browser.text
        assert (await browser.see("/tickets/99")).status_code == 404
        assert "There is no such page" in browser.text
        assert (await browser.see("/nowhere")).status_code == 404


async def test_a_ticket_that_only_ends_is_good_until_then() -> None:
    world = WebWorld()
    await world.ticket(startDate=None, endDate="2030-05-01T10:00:00Z")
    said = {"en": "Until Wed, 1 May 2030, 19:00", "ko": "2030년 5월 1일 (수) 19:00까지"}
    async with world.browsing() as browser:
        for chosen, until in said.items():
            for path in ("/tickets", "/tickets/1"):
                await browser.see(path, lang=chosen)
                assert until in browser.text
                assert "–" not in browser.text


async def test_one_is_one_in_every_language() -> None:
    world = WebWorld()
    await world.ticket(capacity=1)
    await world.settle()
    said = {"en": ("Tickets: 1", "Seats: 1", "<b>1</b> left"), "ko": ("티켓 1개", "1석", "<b>1</b>석 남음")}
    async with world.browsing() as browser:
        for chosen, (found, seats, left) in said.items():
            await browser.see("/tickets", lang=chosen)
            assert found in browser.text
            assert seats in browser.text
            assert left in (await browser.see("/tickets/1")).text


async def test_a_name_is_shown_as_it_is_written_and_never_taken_for_marks() -> None:
    world = WebWorld()
    id = await world.ticket(name='<script>alert("x")</script>')
    async with world.browsing() as browser:
        page = await browser.see(f"/tickets/{id}")
        assert "<script>alert" not in page.text
        assert "&lt;script&gt;alert" in page.text


@pytest.mark.parametrize("said, title", [("ko-KR,ko;q=0.9,en;q=0.8", "티켓"), ("en-GB", "Tickets"), ("fr", "티켓"),
                                         ("en; q=0.1, ko;q=0.9", "티켓"), ("ko ;Q=0.1,\ten", "Tickets"),
                                         ("kok,en;q=0.5", "Tickets"), ("enm, fr", "티켓"),
                                         ("en;q=nan, ko;q=0.1", "티켓"), ("en;q=0, fr", "티켓")])  # fmt: skip
async def test_the_language_is_what_the_browser_prefers(said: str, title: str) -> None:
    async with WebWorld().browsing(said) as browser:
        page = await browser.see("/tickets")
        assert f"<title>{title} ·" in page.text


async def test_another_language_is_chosen_once_and_stays() -> None:
    async with WebWorld().browsing("en") as browser:
        assert 'lang="ko"' in (await browser.see("/tickets", lang="ko")).text
        assert '<html lang="ko">' in (await browser.see("/tickets")).text


async def test_a_part_of_a_page_is_in_the_language_of_the_page() -> None:
    async with WebWorld().browsing("en") as browser:
        await browser.sign_in("customer")
        page = await browser.see("/tickets", lang="ko")
        headers = re.search(r"<body hx-headers='([^']*)'", page.text)
        assert headers is not None
        await browser.see("/tickets", lang="en")  # in another tab
        part = await browser.http.get("/web/bell", headers=json.loads(headers[1]))
        assert 'aria-label="알림, 읽지 않음 0개"' in part.text
        assert '<html lang="en">' in (await browser.see("/tickets")).text


async def test_what_a_form_was_answered_leads_in_another_language_to_the_page_it_stands_on() -> None:
    world = WebWorld()
    await world.ticket()
    async with world.browsing() as browser:
        await browser.sign_in("customer", next="/web/tickets/1")
        browser.page = await browser.http.post("/web/tickets/1/line", data={"form": "another's"})
        assert browser.page.status_code == 403
        assert '<a class="button" href="/web/tickets/1">Open the page again</a>' in browser.page.text
        other = re.search(r'href="([^"]*)" lang="ko"', browser.page.text)
        assert other is not None
        assert (await browser.see(other[1])).status_code == 200
        assert "예매" in browser.text


async def test_who_is_not_signed_in_is_sent_to_do_so_and_back() -> None:
    async with WebWorld().browsing() as browser:
        await browser.see("/bookings")
        assert browser.at == "/web/sign-in"
        await browser.send("/sign-in", role="customer", number="7")
        assert browser.at == "/web/bookings"
        assert "Buyer 7" in browser.text
        await browser.send("/sign-out")
        await browser.see("/bookings")
        assert browser.at == "/web/sign-in"


@pytest.mark.parametrize("number", ["none", "0", "-1", "1.5", str(2**53), "9" * 5000, "٣"], ids=range(7))
async def test_a_wrong_number_is_told(number: str) -> None:
    async with WebWorld().browsing() as browser:
        page = await browser.see("/sign-in", page=number)
        assert f'pattern="[0-9]{{1,{DIGITS}}}"' in page.text
        assert (await browser.send("/sign-in", role="customer", number=number)).status_code == 400
        assert "give a number" in browser.text


async def test_what_is_for_buyers_is_not_for_organizers() -> None:
    world = WebWorld()
    await world.ticket()
    async with world.browsing() as browser:
        await browser.sign_in("organizer", 2)
        assert (await browser.see("/bookings")).status_code == 403
        assert "This is for buyers" in browser.text
        await browser.see("/tickets/1")
        assert "Only buyers can book" in browser.text


async def test_a_form_without_its_token_or_with_another_sessions_does_nothing() -> None:
    world = WebWorld()
    await world.ticket()
    async with world.browsing() as browser, world.browsing() as other:
        await browser.sign_in("customer")
        await other.sign_in("customer", 2)
        await browser.see("/tickets/1")
        await other.see("/tickets/1")
        mine, others = browser.form("/tickets/1"), other.form("/tickets/1")
        for token in ("", "guessed", others["form"]):
            answer = await browser.http.post("/web/tickets/1", data={**mine, "form": token})
            assert answer.status_code == 403
        assert (await world.ask("customer 1", "GET", "/books")).json()["page"]["totalElements"] == 0
        assert (await browser.http.post("/web/tickets/1", data=mine)).status_code == 200


async def test_every_answer_forbids_what_the_pages_do_not_need() -> None:
    async with WebWorld().browsing() as browser:
        await browser.sign_in("customer")
        for path in ("/tickets", "/nowhere", "/sign-in"):
            headers = (await browser.see(path)).headers
            assert "unsafe" not in headers["content-security-policy"]
            assert "default-src 'none'" in headers["content-security-policy"]
            assert headers["cache-control"] == "no-store"
            assert headers["x-content-type-options"] == "nosniff"


async def test_the_cookie_is_not_for_scripts_nor_for_other_sites_and_hides_the_token() -> None:
    async with WebWorld().browsing() as browser:
        await browser.see("/sign-in")
        before = browser.http.cookies[COOKIE]
        fields = {**browser.form("/sign-in"), "role": "customer", "number": "1"}
        answer = await browser.http.post("/web/sign-in", data=fields, follow_redirects=False)
        kept = answer.headers["set-cookie"]
        assert "HttpOnly; SameSite=Lax" in kept
        assert "Secure" not in kept
        assert "eyJ" not in kept
        read = Sessions(b"a secret", False).read
        sessions = [read({COOKIE: it}) for it in (before, browser.http.cookies[COOKIE])]
        assert len({session.id for session in sessions if session}) == 2


def test_a_cookie_of_another_secret_or_a_changed_one_is_nobodys() -> None:
    sessions = Sessions(b"one", secure=True)
    kept = sessions.written(Session.new("token", "customer", 1))
    name, _, value = kept.partition(";")[0].partition("=")
    assert "; Secure" in kept
    assert sessions.read({name: value}) is not None
    assert Sessions(b"another", secure=True).read({name: value}) is None
    assert sessions.read({name: value[:-2] + "xx"}) is None
    assert sessions.read({}) is None


def test_over_tls_no_other_host_can_set_the_cookie() -> None:
    """Browsers take one of this name only with Secure, for / and for no domain."""
    kept = Sessions(b"one", secure=True).written(Session.new())
    assert kept.startswith("__Host-myticket=")
    assert "; Path=/;" in kept
    assert "Domain" not in kept
    assert Sessions(b"one", secure=True).read({COOKIE: kept.partition("=")[2].partition(";")[0]}) is None


def test_a_form_is_good_until_the_next_week_is_over() -> None:
    now = 10.0 * WEEK
    sessions, session = Sessions(b"one", secure=True, clock=lambda: now), Session.new("token", "customer", 1)
    token = sessions.form_token(session)
    good = list[bool]()
    for now in (10.0 * WEEK, 12.0 * WEEK - 1, 12.0 * WEEK, 9.0 * WEEK - 1):  # noqa: B007 - the clock reads it
        good.append(sessions.is_form_token(session, token))
    assert good == [True, True, False, False]


def test_a_form_is_taken_by_a_replica_whose_clock_is_still_in_the_week_before() -> None:
    ahead, behind = (Sessions(b"one", secure=True, clock=lambda now=now: now) for now in (10.0 * WEEK, 10.0 * WEEK - 3))
    session = Session.new("token", "customer", 1)
    assert behind.is_form_token(session, ahead.form_token(session))
    assert not behind.is_form_token(Session.new("token", "customer", 2), ahead.form_token(session))


@pytest.mark.parametrize(
    "said", ["https://evil.example", "//evil.example", "/web/\\evil", "/elsewhere", "/web/a\nb", ""]
)
def test_from_a_form_one_goes_on_to_a_page_of_ours(said: str) -> None:
    assert ours(said) == "/web/tickets"
    assert ours("/web/bookings?page=2") == "/web/bookings?page=2"


async def test_fixed_files_are_kept_for_ever_and_others_are_not_there() -> None:
    async with WebWorld().browsing() as browser:
        page = await browser.see("/tickets")
        for address in re.findall(r'(?:href|src)="(/web/static/[^"]*)"', page.text):
            got = await browser.http.get(address)
            assert got.status_code == 200
            assert "immutable" in got.headers["cache-control"]
        for address in ("style.css", "style.css?v=0123456789ab"):
            got = await browser.http.get(f"/web/static/{address}")
            assert (got.status_code, got.headers["cache-control"]) == (200, "no-store"), "another replica's"
        assert (await browser.http.get("/web/static/..%2fpages.py")).status_code == 404


def test_the_pages_name_no_other_site_and_hold_no_script_or_style_of_their_own() -> None:
    for file in sorted((WEB / "templates").iterdir()):
        text = file.read_text(encoding="utf-8")
        assert not re.search(r"https?://|<style|\sstyle=|\son\w+=|<script(?![^>]*src=)", text), file.name
        assert "http-equiv" not in text, f"{file.name} takes the focus from who goes through it by keys"


def test_every_text_is_there_in_every_language_and_used() -> None:
    texts = tomllib.loads((WEB / "texts.toml").read_text(encoding="utf-8"))
    assert [key for key, said in texts.items() if set(said) != set(language.LANGUAGES)] == []
    sources = "".join(file.read_text(encoding="utf-8") for file in [*WEB.glob("*.py"), *WEB.glob("templates/*")])
    named = set(re.findall(r'\bt\("(\w+)"[,)]', sources))
    assert named - texts.keys() == set()
    made = tuple(re.findall(r'(?:\bt\(|\btext\(|\bf)"(\w+_)(?:" \+|\{)', sources))
    said = set(re.findall(r'"(\w+)"', sources))
    assert [key for key in texts if key not in said and not key.startswith(made)] == []
    assert {key.removeprefix("free_") for key in texts if key.startswith("free_")} <= texts.keys()


def test_a_seat_that_came_free_is_called_on_pages_as_it_is_in_mails() -> None:
    texts = tomllib.loads((WEB / "texts.toml").read_text(encoding="utf-8"))
    told = SUBJECTS["SeatOffered"].partition(BETWEEN)[0]
    assert [key for key in ("stand_offered", "free_stand_offered") if told not in texts[key]["ko"]] == []


def test_no_korean_text_leaves_it_to_the_reader_which_particle_is_right() -> None:
    texts = tomllib.loads((WEB / "texts.toml").read_text(encoding="utf-8"))
    assert [key for key, said in texts.items() if re.search(r"\((가|를|는|으)\)", said["ko"])] == []


async def test_the_webhooks_of_a_provider_are_not_taken_for_pages() -> None:
    answer = await WebWorld().ask(None, "POST", "/webhooks/stripe", {})
    assert "text/html" not in answer.headers["content-type"]
