"""Signing in with an OpenID provider: code flow with PKCE, against a provider that checks what it is sent."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
from attrs import define, field
from playwright.async_api import async_playwright, expect

from adapters.oidc.code import CodeFlow
from adapters.web.sessions import Sessions
from adapters.web.signing import UNDER_WAY, _claims
from apps.web_signing import OpenId
from tests.services.served import served
from tests.services.web_world import Browser, WebWorld

CLIENT, SECRET, CODE = "pages", "s&cret", "one-time"


@define
class Provider:
    """Lets everybody in at once as the one whose token it has; the code is good once, for who asked for it."""

    token: str
    url: str = ""
    asked: list[Mapping[str, str]] = field(factory=list)
    refuses: bool = False
    exchanged: int = 0
    flows: list[CodeFlow] = field(factory=list)

    @asynccontextmanager
    async def there(self) -> AsyncIterator[None]:
        async with served(self) as self.url:
            yield
            await self.left()

    async def left(self) -> None:
        for flow in self.flows:
            await flow.close()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        body = (await receive()).get("body", b"").decode()
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        status, location, said = self._answer(scope["path"], scope["query_string"].decode(), body, headers)
        sent = [(b"content-type", b"application/json"), (b"location", location.encode())]
        await send({"type": "http.response.start", "status": status, "headers": sent})
        await send({"type": "http.response.body", "body": json.dumps(said).encode()})

    def _answer(self, path: str, query: str, body: str, headers: Mapping[str, str]) -> tuple[int, str, Any]:
        if path.startswith("/.well-known"):
            said = {"issuer": self.url, "authorization_endpoint": f"{self.url}/in"}
            return 200, "", {**said, "token_endpoint": f"{self.url}/token"}
        if path == "/in":
            self.asked.append(dict(parse_qsl(query)))
            said = {"error": "access_denied"} if self.refuses else {"code": CODE}
            return 302, f"{self.asked[-1]['redirect_uri']}?{urlencode({**said, 'state': self.asked[-1]['state']})}", {}
        return self._exchanged(dict(parse_qsl(body)), headers)

    def _exchanged(self, form: Mapping[str, str], headers: Mapping[str, str]) -> tuple[int, str, Any]:
        asked = self.asked[-1]
        self.exchanged += 1
        made = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).rstrip(b"=").decode()
        known = base64.b64decode(headers["authorization"].removeprefix("Basic ")).decode() == "pages:s%26cret"
        good = known and made == asked["code_challenge"] and form["redirect_uri"] == asked["redirect_uri"]
        if not good or form.get("code") != CODE:
            return 400, "", {"error": "invalid_grant"}
        return 200, "", {"access_token": self.token, "token_type": "Bearer"}


def _at(world: WebWorld, provider: Provider, url: str) -> None:
    """Where the provider is, and where it comes back to, is known once all are served."""
    provider.flows.append(CodeFlow(provider.url, CLIENT, SECRET))
    world.changed(provider=OpenId(provider.flows[-1]), sign_in=None, url=url)


async def _signed_in(world: WebWorld, browser: Browser, provider: Provider) -> None:
    _at(world, provider, str(browser.http.base_url).rstrip("/"))
    await browser.see("/bookings")


async def test_who_signs_in_at_the_provider_comes_back_to_the_page_they_wanted() -> None:
    world = WebWorld()
    provider = Provider(_token(world))
    async with provider.there(), world.browsing() as browser:
        await _signed_in(world, browser, provider)
        assert browser.at == "/web/bookings"
        assert "Buyer 7" in browser.text
        assert "No bookings yet" in browser.text
    (asked,) = provider.asked
    assert (asked["response_type"], asked["client_id"], asked["scope"]) == ("code", CLIENT, "openid")
    assert asked["code_challenge_method"] == "S256"


async def test_who_is_refused_is_told() -> None:
    provider = Provider("", refuses=True)
    world = WebWorld()
    async with provider.there(), world.browsing() as browser:
        await _signed_in(world, browser, provider)
        assert browser.page.status_code == 403
        assert "You were not signed in" in browser.text
    assert provider.exchanged == 0, "there is no code to ask for"


@pytest.mark.parametrize("who", ["admin", "service"])
async def test_who_is_neither_a_buyer_nor_an_organizer_is_told(who: str) -> None:
    world = WebWorld()
    provider = Provider(_token(world, who))
    async with provider.there(), world.browsing() as browser:
        await _signed_in(world, browser, provider)
        assert "neither a buyer's nor an organizer's" in browser.text


async def test_who_is_nobody_here_or_has_signed_out_is_asked_anew_and_whose_session_has_ended_is_not() -> None:
    """A provider remembers who was there; without prompt it sends the same account back for good."""
    world = WebWorld()
    provider = Provider(_token(world, "admin"))
    async with provider.there(), world.browsing() as browser:
        await _signed_in(world, browser, provider)
        assert 'href="/web/sign-in?anew=1"' in browser.page.text
        provider.token = _token(world)
        await browser.see("/sign-in", anew="1")
        assert "Buyer 7" in browser.text
        await browser.send("/sign-out")
        for _ in range(2):
            await browser.see("/sign-in")
            assert "Buyer 7" in browser.text
    assert [asked.get("prompt") for asked in provider.asked] == [None, "login", "login", None]


@pytest.mark.parametrize("token", ["", "no.token", "a.b.c", "a.bnVsbA.c"])
async def test_what_is_no_token_signs_nobody_in(token: str) -> None:
    provider, world = Provider(token), WebWorld()
    async with provider.there(), world.browsing() as browser:
        await _signed_in(world, browser, provider)
        assert browser.page.status_code == 403


async def test_a_code_that_another_browser_asked_for_is_not_taken() -> None:
    """Nobody can be signed in as somebody else by a link."""
    world = WebWorld()
    provider = Provider(_token(world))
    async with provider.there(), world.browsing() as browser:
        await _signed_in(world, browser, provider)
        nobodys = provider.asked[0]["state"]
        begun = await browser.http.get("/web/sign-in", follow_redirects=False)
        assert begun.status_code == 303
        await browser.http.get(begun.headers["location"], follow_redirects=False)
        for state in (nobodys, "guessed", "", " "):
            assert (await browser.see("/sign-in/back", code=CODE, state=state)).status_code == 403
        await browser.see("/sign-in/back", code=CODE, state=provider.asked[1]["state"])
        assert "Buyer 7" in browser.text


@pytest.mark.parametrize(("later", "status"), [(UNDER_WAY, 303), (UNDER_WAY + 1, 403), (11 * 86_400, 403)])
async def test_a_sign_in_that_took_too_long_is_none_and_the_provider_is_not_asked(later: int, status: int) -> None:
    """A cookie's Max-Age is for browsers."""
    world, now = WebWorld(), [1_000_000.0]
    provider = Provider(_token(world))
    world.changed(sessions=Sessions(b"a secret", secure=False, clock=lambda: now[0]))
    async with provider.there(), world.browsing() as browser:
        _at(world, provider, str(browser.http.base_url).rstrip("/"))
        begun = await browser.http.get("/web/sign-in", follow_redirects=False)
        await browser.http.get(begun.headers["location"], follow_redirects=False)
        now[0] += later
        back = {"code": CODE, "state": provider.asked[0]["state"]}
        answer = await browser.http.get("/web/sign-in/back", params=back, follow_redirects=False)
        assert answer.status_code == status
    assert provider.exchanged == (status == 303)


async def test_two_tabs_sign_in_at_the_same_time() -> None:
    world = WebWorld()
    provider = Provider(_token(world))
    async with provider.there(), world.browsing() as browser:
        _at(world, provider, str(browser.http.base_url).rstrip("/"))
        begun = [await browser.http.get(f"/web/sign-in?next=/web/{it}", follow_redirects=False)
                 for it in ("bookings", "messages")]  # fmt: skip
        for page, begin in zip(("bookings", "messages"), begun, strict=True):
            browser.page = await browser.http.get(begin.headers["location"])
            assert browser.at == f"/web/{page}"
            assert "Buyer 7" in browser.text
        assert [name for name in browser.http.cookies if name.startswith("myticket-sign-in")] == []


async def test_over_tls_no_other_host_can_plant_a_sign_in_that_was_begun_elsewhere() -> None:
    """With the cookie of their own sign-in and a link somebody would have others signed in as themselves."""
    world = WebWorld()
    provider = Provider(_token(world))
    world.changed(sessions=Sessions(b"a secret", secure=True))
    async with provider.there(), world.browsing() as browser:
        _at(world, provider, str(browser.http.base_url).rstrip("/"))
        begun = await browser.http.get("/web/sign-in", follow_redirects=False)
        name, _, kept = begun.headers["set-cookie"].partition("=")
        assert name == f"__Host-myticket-sign-in-{dict(parse_qsl(begun.headers['location']))['state']}"
        assert "; Path=/; HttpOnly; SameSite=Lax; Secure" in kept
        assert "Domain" not in kept
        back = (await browser.http.get(begun.headers["location"], follow_redirects=False)).headers["location"]
        for sent, status in ((name.removeprefix("__Host-"), 403), (name, 303)):
            headers = {"cookie": f"{sent}={kept.partition(';')[0]}"}
            answer = await browser.http.get(back, headers=headers, follow_redirects=False)
            assert answer.status_code == status
    assert provider.exchanged == 1


async def test_of_many_that_are_under_way_the_oldest_are_over_and_the_newest_is_not() -> None:
    """Their cookies are in the head of every request: one that is too large nobody reads."""
    world = WebWorld()
    provider = Provider(_token(world))
    async with provider.there(), world.browsing() as browser:
        _at(world, provider, str(browser.http.base_url).rstrip("/"))
        states = list[str]()
        for number in range(30):
            onward = f"/web/tickets/{'9' * 1000 * (number % 5 == 4)}"
            begun = await browser.http.get("/web/sign-in", params={"next": onward}, follow_redirects=False)
            states.append(dict(parse_qsl(begun.headers["location"]))["state"])
            answer = await browser.http.get("/web/tickets")
            assert len(answer.request.headers["cookie"]) < 4096
        assert {f"myticket-sign-in-{state}" for state in states[-7:]} <= {*browser.http.cookies}
        browser.page = await browser.http.get(begun.headers["location"])
        assert browser.at == "/web/tickets", "the page to go on to was too long to be kept"
        assert "Buyer 7" in browser.text


async def test_a_link_to_the_page_for_signing_in_signs_nobody_out() -> None:
    world = WebWorld()
    provider = Provider(_token(world))
    async with provider.there(), world.browsing() as browser:
        await _signed_in(world, browser, provider)
        begun = await browser.http.get("/web/sign-in", follow_redirects=False)
        assert begun.headers["location"].startswith(provider.url)
        assert "Buyer 7" in (await browser.see("/bookings")).text
        provider.refuses = True
        assert (await browser.see("/sign-in")).status_code == 403
        for path in ("/sign-in/back?state=guessed&code=x", "/sign-in/back"):
            assert (await browser.see(path)).status_code == 403
        assert "Buyer 7" in (await browser.see("/bookings")).text


async def test_without_the_provider_tickets_are_shown_and_signing_in_is_told_to_wait() -> None:
    world = WebWorld()
    async with world.browsing() as browser:
        provider = Provider("", "http://127.0.0.1:1")
        await _signed_in(world, browser, provider)
        assert browser.page.status_code == 503
        assert (await browser.see("/tickets")).status_code == 200
        await provider.left()


async def test_the_way_to_the_provider_is_made_anew_each_time() -> None:
    world = WebWorld()
    provider = Provider("")
    async with provider.there(), world.browsing() as browser:
        for _ in range(2):
            await _signed_in(world, browser, provider)
        first, second = provider.asked
        assert first["state"] != second["state"]
        assert first["code_challenge"] != second["code_challenge"]


async def test_a_form_of_a_session_that_has_ended_is_sent_again_after_signing_in_beside_it(chromium: str) -> None:
    """In a real browser: Chromium applies the policy's form-action to wherever a form is sent on to, too."""
    world = WebWorld()
    await world.ticket()
    await world.ask("customer 7", "POST", "/books", {"ticketId": 1})
    provider = Provider(_token(world))
    async with provider.there(), served(world.app) as url, async_playwright() as playwright:
        _at(world, provider, url)
        browser = await playwright.chromium.connect_over_cdp(chromium)
        context = await browser.new_context(base_url=url, locale="en-US")
        context.set_default_timeout(10_000)
        page = await context.new_page()
        await page.goto("/web/bookings/1/cancel")
        world.clock.time += timedelta(hours=13)
        provider.token = _token(world)
        await page.click("main button")
        await expect(page.locator("main")).to_contain_text("what you sent was not taken")
        async with page.expect_popup() as opened:
            await page.click("main >> a")
        await expect((await opened.value).locator("header")).to_contain_text("Buyer 7")
        await page.click("main button")
        await expect(page.locator("#state")).to_contain_text("It is canceled")
        await context.close()
        await browser.close()


def _token(world: WebWorld, who: str = "customer 7") -> str:
    return world.token(who)["Authorization"].removeprefix("Bearer ")


@pytest.mark.parametrize("said", ["[" * 30_000, "[]", "{", "\xff", ""])
def test_what_says_no_claims_has_none(said: str) -> None:
    assert _claims(f"head.{base64.urlsafe_b64encode(said.encode('latin-1')).decode()}.seal") == {}
