"""Where pages are served, and what in front of the API they keep."""

from __future__ import annotations

import asyncio
import itertools
import json
import re
from contextlib import AsyncExitStack
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import structlog
from attrs import asdict

from adapters.rest import Buckets, Limits, Patience, Senders
from adapters.rest.probes import is_open
from adapters.web.asking import Answer, Question
from adapters.web.sessions import Session, Sessions
from apps.describing import document
from apps.environment import WrongSettings, load, shown
from apps.places import PATHS, SERVICES, left_out
from apps.settings import Settings
from apps.web import pages, with_pages
from apps.web_asking import InProcess
from apps.web_http import by_place
from myticket_core.messages import Cause
from myticket_core.notification.model import Message
from tests.services.rest_world import World
from tests.services.served import served
from tests.services.web_world import Browser, WebWorld


def _pages(data: Path, services: tuple[str, ...] = SERVICES, url: str = "http://127.0.0.1:1", **said: str) -> dict:
    return dict(pages(load({"MYTICKET_DATA": str(data), **said}), services, InProcess(), url, AsyncExitStack()))


def test_the_whole_system_on_ones_own_machine_has_pages(tmp_path: Path) -> None:
    served = _pages(tmp_path)["/web"]
    assert "; Secure" not in served.site.sessions.written(None)
    assert served.site.cards


def test_pages_give_up_asking_before_the_door_gives_up_them(tmp_path: Path) -> None:
    assert _pages(tmp_path, REQUEST_TIMEOUT_SECONDS="20")["/web"].site.patience == 18


def test_the_templates_are_compiled_once_for_all_sites_of_a_process(tmp_path: Path) -> None:
    ours, theirs = (_pages(tmp_path)["/web"].site for _ in range(2))
    assert ours is not theirs
    assert ours.look is theirs.look


def test_without_alarm_and_my_page_there_are_pages_all_the_same(tmp_path: Path) -> None:
    assert _pages(tmp_path, ("ticket", "book", "pay"))


@pytest.mark.parametrize("said", [{"MYTICKET_AUTH": "off"}, {"MYTICKET_OIDC_ISSUER": "https://login.example"}])
def test_where_nobody_could_sign_in_there_are_none(tmp_path: Path, said: dict[str, str]) -> None:
    assert _pages(tmp_path, **said) == {}


@pytest.mark.parametrize(
    "services, said, leads_to",
    [
        (SERVICES, {}, "http://here.example/web"),
        (SERVICES, {"PAGES_URL": "https://elsewhere.example/web"}, "https://elsewhere.example/web"),
        (SERVICES, {"MYTICKET_AUTH": "off"}, None),
        (SERVICES, {"MYTICKET_OIDC_ISSUER": "https://login.example"}, None),
        (("alarm",), {}, None),
        (("alarm",), {"PAGES_URL": "https://elsewhere.example/web"}, "https://elsewhere.example/web"),
    ],
)
def test_mails_lead_to_the_pages_where_they_are(services: tuple[str, ...], said: dict[str, str], leads_to: str) -> None:
    assert with_pages(load(said), services, "http://here.example/").pages_url == leads_to


def test_with_a_provider_people_sign_in_there(tmp_path: Path) -> None:
    said = {"OIDC_ISSUER": "https://login.example", "OIDC_CLIENT_ID": "pages", "OIDC_CLIENT_SECRET": "x" * 32}
    site = _pages(tmp_path, **said)["/web"].site
    assert site.provider is not None
    assert site.sign_in is None
    assert not list(tmp_path.iterdir())


OPENID = {"OIDC_ISSUER": "https://login.example", "OIDC_CLIENT_ID": "pages", "OIDC_CLIENT_SECRET": "old"}
OWN = {"PAGES_SECRET": "x" * 32}


@pytest.mark.parametrize(
    ("said", "holds"),
    [
        ({}, False),
        ({"PAGES_SECRET_BEFORE": "old"}, True),
        (OWN | {"PAGES_SECRET_BEFORE": "old"}, True),
        (OWN, False),
    ],
)
def test_another_client_secret_voids_no_code_where_the_old_one_is_still_named(tmp_path, said, holds) -> None:
    printed = _pages(tmp_path, **OPENID)["/web"].site.sessions.seal("1")
    after = _pages(tmp_path, **OPENID | {"OIDC_CLIENT_SECRET": "new"} | said)["/web"].site.sessions
    assert after.is_seal("1", printed) is holds


def test_with_a_secret_of_their_own_pages_do_not_care_about_the_clients(tmp_path: Path) -> None:
    before, after = (
        _pages(tmp_path, **OPENID | OWN | {"OIDC_CLIENT_SECRET": client})["/web"].site.sessions for client in "ab"
    )
    assert after.is_seal("1", before.seal("1"))
    assert after.read({after.name: before.closed({"id": "7"})}) == Session("7")
    assert OWN["PAGES_SECRET"] not in repr(after) + repr(list(shown(load(OWN))))


@pytest.mark.parametrize("said", [{"PAGES_SECRET": "x" * 31}, {"PAGES_SECRET_BEFORE_FILE": "/dev/null"}])
def test_a_secret_that_can_be_guessed_is_none(said: dict[str, str]) -> None:
    with pytest.raises(WrongSettings, match=r"printable characters|not empty"):
        load(said)


def test_a_service_alone_has_none(tmp_path: Path) -> None:
    assert [name for name in SERVICES if _pages(tmp_path, (name,))] == []


def test_behind_a_public_address_the_cookie_is_for_tls_only(tmp_path: Path) -> None:
    assert "; Secure" in _pages(tmp_path, url="https://tickets.example")["/web"].site.sessions.written(None)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://tickets.example", "max-age=31536000"),
        ("http://tickets.example", None),
        ("https://localhost:8443", None),
    ],
)
async def test_where_people_come_by_tls_every_answer_of_the_pages_says_so(url: str, said: str | None) -> None:
    world = WebWorld(limits=Limits(addresses=Buckets("address", 1, lambda: 0.0)))
    secure = urlsplit(url).hostname != "localhost"
    world.changed(url=url, sessions=Sessions(b"a secret", secure=secure))
    style = world.site.look.files["style.css"].address
    paths = ("/web/tickets", style, "/web/nowhere", *["/web"] * 8)
    answers = [await world.ask(None, "GET", path) for path in paths]
    assert {answer.status_code for answer in answers} == {200, 303, 404, 429}
    assert {answer.headers.get("strict-transport-security") for answer in answers} == {said}


async def test_pages_are_behind_the_door_as_the_api_is() -> None:
    world = WebWorld(limits=Limits(addresses=Buckets("address", 1)))
    async with world.browsing() as browser:
        answers = [await browser.http.get("/web/sign-in") for _ in range(11)]
        assert {answer.status_code for answer in answers} == {200, 429}
        assert answers[0].headers["x-correlation-id"]


BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


async def test_a_browser_at_the_root_is_sent_to_the_pages_and_nobody_else() -> None:
    world = WebWorld()
    for method in ("GET", "HEAD"):
        sent = await world.ask(None, method, "/", headers={"Accept": BROWSER})
        assert (sent.status_code, sent.headers["location"], sent.headers["vary"]) == (303, "/web", "Accept")
    for accept in ("*/*", "application/json", "application/hal+json, */*;q=0.1", ""):
        answer = await world.ask(None, "GET", "/", headers={"Accept": accept})
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert (await world.ask(None, "POST", "/", headers={"Accept": BROWSER})).status_code == 404
    for path in ("/tickets", "/nowhere"):
        assert (await world.ask(None, "GET", path, headers={"Accept": BROWSER})).status_code != 303
    assert (await World().ask(None, "GET", "/", headers={"Accept": BROWSER})).status_code == 404


async def _page(world: WebWorld, method: str, path: str, **more: Any) -> tuple[int, str]:
    """The status, and what is to be read."""
    answer = await world.ask(None, method, path, headers={"accept-language": "en"}, **more)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["x-correlation-id"]
    return answer.status_code, Browser(world.client, answer).text


async def test_a_page_has_its_time_however_often_it_has_asked_and_says_so_as_a_page() -> None:
    world = WebWorld(limits=Limits(patience=Patience(0.3)))
    ask, count = world.site.ask, itertools.count()

    async def hangs(question: Question) -> Answer:
        if next(count):
            await asyncio.sleep(60)
        return await ask(question)

    world.changed(ask=hangs)
    await world.ticket()
    status, text = await _page(world, "GET", "/web/tickets/1")
    assert (status, "There is no answer just now" in text) == (503, True)


async def test_a_form_that_takes_too_long_is_refused_without_a_promise() -> None:
    world = WebWorld()

    async def hangs(_: Question) -> Answer:
        await asyncio.sleep(60)
        raise AssertionError("nobody waits for it")

    async with world.browsing() as browser:
        await browser.sign_in("customer", next="/web/contacts")
        form = browser.form("/contacts")
        world.changed(ask=hangs)
        world.app.limits = Limits(patience=Patience(0.3))
        browser.page = await browser.http.post("/web/contacts", data=form)
        assert browser.page.status_code == 504
        assert "it may have been done. Look before you press again" in browser.text
        assert 'href="/web/bookings"' in browser.page.text


async def test_who_looks_at_pages_too_often_is_told_so_on_one() -> None:
    world = WebWorld(limits=Limits(addresses=Buckets("address", 1)))
    for _ in range(11):
        answer = await world.ask(None, "GET", "/web/static/style.css")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "1")
    assert (await _page(world, "GET", "/web/tickets")) == (429, "Not quite Too many requests. Try again in a moment. "
                                                                "See the tickets")  # fmt: skip


class WithoutOthers(WebWorld):
    def apis(self) -> Any:
        """Those of ticket, book and pay."""
        return super().apis()[:3]


async def test_what_paths_begin_with_is_known_of_each_service() -> None:
    for name in SERVICES:
        offered = json.loads(await document(Settings(), [name]))["paths"]
        assert {path.split("/")[1] for path in offered if not is_open(path)} == {*PATHS[name]}


@pytest.mark.parametrize(
    "services, without",
    [
        (SERVICES, set()),
        (("ticket", "book", "pay", "mypage"), {"notifications", "contacts"}),
        *(((name,), set()) for name in SERVICES),
    ],
)
def test_only_who_runs_the_whole_system_leaves_something_out(services: tuple[str, ...], without: set[str]) -> None:
    assert {*left_out(services)} == without


async def test_what_is_left_out_is_as_if_it_were_down() -> None:
    world = WithoutOthers(away=left_out(("ticket", "book", "pay")))
    for method, path in (("GET", "/mypages"), ("PATCH", "/notifications/7"), ("PUT", "/contacts/email")):
        answer = await world.ask(None, method, path)
        assert (answer.status_code, answer.json()["code"], answer.headers["retry-after"]) == (503, "unavailable", "5")
    assert (await world.ask(None, "GET", "/contactless")).status_code == 404
    assert (await world.ask(None, "GET", "/tickets")).status_code == 200


async def test_without_alarm_or_my_page_bookings_are_shown() -> None:
    world = WithoutOthers(away=left_out(("ticket", "book", "pay")))
    await world.ticket(name="Jazz")
    async with world.browsing() as browser:
        await browser.sign_in("customer", next="/web/tickets/1")
        await browser.send("/tickets/1")
        assert "It is booked" in browser.text
        assert 'aria-label="Messages"' in browser.page.text
        for path in ("/messages", "/contacts"):
            assert (await browser.see(path)).status_code == 503
            assert "There is no answer just now" in browser.text


async def test_what_nobody_foresaw_in_a_page_is_told_as_a_page_and_logged_as_it_is_of_the_api() -> None:
    world = WebWorld()

    async def broken(_: Question) -> Answer:
        raise ZeroDivisionError

    world.changed(ask=broken)
    with structlog.testing.capture_logs() as lines:
        status, text = await _page(world, "GET", "/web/tickets")
    assert (status, "Something went wrong" in text) == (500, True)
    assert [line["path"] for line in lines if line["event"] == "request failed"] == ["/web/tickets"]


class MypageAlone(WebWorld):
    """My page and the pages; the other services are asked over HTTP."""

    def apis(self) -> Any:
        return super().apis()[4:]


async def test_my_page_serves_pages_that_ask_the_other_services(tmp_path: Path) -> None:
    others = WebWorld()
    await others.ticket(name="Jazz", capacity=2)
    async with served(others.app) as url, AsyncExitStack() as closing:
        said = {f"MYTICKET_API_URL_{name}": url for name in ("TICKET", "BOOK", "ALARM")}
        assert list(_pages(tmp_path, ("mypage",), **said)) == ["/web"]
        alone = MypageAlone(tokens=others.tokens)
        alone.changed(ask=by_place(load(said), alone.site.ask, closing), sign_in=others.site.sign_in)
        async with alone.browsing() as browser:
            await browser.sign_in("customer", next="/web/tickets/1")
            await browser.send("/tickets/1", card="declined")
            assert "The payment was declined" in browser.text
            await browser.send("/tickets/1", card="sandbox-approve")
            assert "It is booked" in browser.text
            await others.settle()
            await browser.see("/bookings/2/cancel")
            assert "You get back ₩15,000" in browser.text
            await browser.see("/messages")
            assert 'Booking 2 of "Jazz" (ticket 1) is paid' in browser.text


@pytest.mark.parametrize(
    "services, said, there",
    [
        (SERVICES, {}, True),
        (("ticket", "book", "pay"), {}, True),
        (("mypage",), {}, False),
        (("mypage",), {"API_URL_ALARM": "http://127.0.0.1:1"}, True),
    ],
)
def test_there_are_messages_where_somebody_can_be_asked(
    tmp_path: Path, services: tuple[str, ...], said: dict[str, str], there: bool
) -> None:
    """Who is left out of the whole system is as if they were down."""
    others = {f"API_URL_{name}": "http://127.0.0.1:1" for name in ("TICKET", "BOOK")}
    assert _pages(tmp_path, services, **others, **said)["/web"].site.messages is there


async def test_where_nobody_is_asked_for_messages_none_are_offered() -> None:
    world = WebWorld()
    ask, asked = world.site.ask, []

    async def heard(question: Question) -> Answer:
        asked.append(question.path)
        return await ask(question)

    world.changed(ask=heard, messages=False)
    async with world.browsing() as browser:
        browser.http.headers["accept"] = BROWSER
        for role in ("customer", "organizer"):
            await browser.sign_in(role)
            assert "Sign out" in browser.text
            assert not re.search("messages|contacts|bell", browser.page.text)
            for path in ("/messages", "/contacts", "/bell", "/push"):
                assert (await browser.see(path)).status_code == 404
    assert not [path for path in asked if path.startswith(("/notifications", "/contacts"))]


VISITORS = ("192.0.2.1", "192.0.2.2", "2001:db8::1")
PROXY = Senders([ip_network("127.0.0.0/8")])


async def _limited(browser: Browser, pages: int) -> None:
    """Each of them may look at so many."""
    for visitor in VISITORS:
        came = [await browser.http.get("/web/tickets", headers={"x-forwarded-for": visitor}) for _ in range(pages * 2)]
        assert [it.status_code for it in came[:pages]] == [200] * pages, visitor
        assert came[-1].status_code == 429


async def test_behind_a_proxy_each_visitor_of_the_pages_is_limited_alone() -> None:
    async with WebWorld(limits=Limits(addresses=Buckets("address", 1), senders=PROXY)).browsing() as browser:
        await _limited(browser, 5)


@pytest.mark.parametrize("header", ["x-forwarded-for", "forwarded"])
async def test_other_services_hear_from_my_page_who_the_visitor_is(header: str) -> None:
    limits = Limits(addresses=Buckets("address", 1), senders=Senders(PROXY.proxies, header.encode()))
    async with served(WebWorld(limits=limits).app) as url, AsyncExitStack() as closing:
        said = {"MYTICKET_API_URL_TICKET": url, "MYTICKET_FORWARDED_HEADER": header}
        alone = MypageAlone(limits=Limits(senders=PROXY))
        alone.changed(ask=by_place(load(said), alone.site.ask, closing))
        async with alone.browsing() as browser:
            await _limited(browser, 10)


async def test_however_many_messages_there_are_all_are_marked_as_read() -> None:
    others = WebWorld()
    told = [Message(event_id=f"{it}", event="PaymentApproved", channel="in-app", customer_id=1, booking_id=it,
                    ticket_id=1, text=f"Hello {it} / Hello {it}", correlation_id="c") for it in range(250)]  # fmt: skip
    await others.notifications.add(told, others.clock.now(), Cause(id="c", correlation_id="c"), ("in-app",))
    async with served(others.app) as url, AsyncExitStack() as closing:
        alone = MypageAlone(tokens=others.tokens)
        ask = by_place(load({"MYTICKET_API_URL_ALARM": url}), alone.site.ask, closing)
        alone.changed(ask=ask, sign_in=others.site.sign_in)
        async with alone.browsing() as browser:
            await browser.sign_in("customer", next="/web/messages")
            assert 'aria-label="Messages, 250 unread"' in browser.page.text
            form = browser.form("/messages")
            since = Message(**{**asdict(told[0]), "event_id": "since"})
            await others.notifications.add([since], others.clock.now(), Cause(id="d", correlation_id="c"), ("in-app",))
            browser.page = await browser.http.post("/web/messages", data=form)
            assert 'aria-label="Messages, 1 unread"' in browser.page.text


async def test_a_service_that_is_away_is_told_and_nothing_is_lost() -> None:
    async with AsyncExitStack() as closing:
        world = WebWorld()
        away = load({"MYTICKET_API_URL_TICKET": "http://127.0.0.1:1"})
        world.changed(ask=by_place(away, world.site.ask, closing))
        async with world.browsing() as browser:
            assert (await browser.see("/tickets")).status_code == 503
            assert "There is no answer just now" in browser.text
            await browser.sign_in("customer", next="/web/bookings")
            assert "No bookings yet" in browser.text
