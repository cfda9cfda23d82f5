"""The page of messages offers to show them in the browser, where the system pushes anything."""

import json
import re
from datetime import timedelta

import pytest

from adapters.web.asking import Answer, NoAnswer, Question
from tests.services.rest_world import BROWSER, World
from tests.services.web_world import Browser, WebWorld


async def test_a_browser_is_subscribed_known_and_removed():
    world = WebWorld()
    async with world.browsing() as browser:
        await browser.sign_in("customer", 1)
        await browser.see("/messages")
        assert f'data-push="{World.push_key}" data-known=""' in browser.page.text
        assert re.search(r'<form class="[^"]*push"[^>]* hidden ', browser.page.text), (
            "without JavaScript it does nothing"
        )
        await browser.send("/messages/push", on=json.dumps(BROWSER))
        assert (browser.page.status_code, browser.at) == (200, "/web/messages")
        (known,) = re.findall(r'data-known="([0-9a-f]{32})"', browser.page.text)
        assert (await world.ask("customer 1", "GET", f"/contacts/push/{known}")).is_success
        await browser.send("/messages/push", off=known)
        assert 'data-known=""' in browser.page.text
        assert (await world.ask("customer 1", "GET", f"/contacts/push/{known}")).status_code == 404
        await browser.send("/messages/push", off=known)
        assert browser.page.status_code == 200, "it is gone, as was wanted"


async def _subscribed(browser: Browser, number: int = 1) -> str:
    """What the server calls the browser."""
    await browser.sign_in("customer", number)
    await browser.see("/messages")
    await browser.send("/messages/push", on=json.dumps(BROWSER))
    (known,) = re.findall(r'data-known="([0-9a-f]{32})"', browser.page.text)
    return str(known)


async def test_signing_out_ends_the_browser_that_it_is_said_for_and_nobody_elses():
    world = WebWorld()
    async with world.browsing() as browser, world.browsing() as elsewhere:
        known = await _subscribed(browser)
        await elsewhere.sign_in("customer", 2)
        for said in (known, "", "../key", "0" * 32):
            await elsewhere.send("/sign-out", browser=said)
            assert "Sign in" in elsewhere.text
            await elsewhere.sign_in("customer", 2)
        assert (await world.ask("customer 1", "GET", f"/contacts/push/{known}")).is_success
        await browser.send("/sign-out", browser=known)
        assert "Sign in" in browser.text
        assert (await world.ask("customer 1", "GET", f"/contacts/push/{known}")).status_code == 404


@pytest.mark.parametrize("why", ["away", "not known any more"])
async def test_who_cannot_end_it_is_signed_out_all_the_same(why):
    world = WebWorld()
    ask = world.site.ask

    async def away(question: Question) -> Answer:
        if question.method == "DELETE":
            raise NoAnswer(why)
        return await ask(question)

    async with world.browsing() as browser:
        known = await _subscribed(browser)
        if why == "away":
            world.changed(ask=away)
        else:
            world.clock.time += timedelta(hours=13)
        await browser.send("/sign-out", browser=known)
        assert (browser.page.status_code, browser.at) == (200, "/web/tickets")
        assert "Sign in" in browser.text


async def test_whoever_comes_next_is_told_that_the_browser_shows_somebody_elses_messages():
    world = WebWorld()
    async with world.browsing() as browser:
        assert (await browser.see("/push")).status_code == 204, "nobody"
        known = await _subscribed(browser)
        assert (await browser.see("/push")).json() == [known]
        await browser.sign_in("customer", 2)
        assert (await browser.see("/push")).json() == []


@pytest.mark.parametrize("why", ["away", "not known any more", "nothing is pushed"])
async def test_what_cannot_be_told_is_no_reason_to_end_anything(why, monkeypatch):
    world = WebWorld()

    async def away(question: Question) -> Answer:
        raise NoAnswer(why)

    if why == "nothing is pushed":
        monkeypatch.setattr(WebWorld, "push_key", None)
        world = WebWorld()
    async with world.browsing() as browser:
        await browser.sign_in("customer", 1)
        if why == "away":
            world.changed(ask=away)
        if why == "not known any more":
            world.clock.time += timedelta(hours=13)
        answer = await browser.see("/push")
        assert (answer.status_code, answer.history) == (204, [])


async def test_what_is_no_subscription_is_none_and_nobody_else_asks_for_one():
    world = WebWorld()
    async with world.browsing() as browser:
        await browser.http.post("/web/messages/push", data={"on": json.dumps(BROWSER)})
        await browser.sign_in("customer", 1)
        for said in ("", "{", "[]", "{}", json.dumps(BROWSER | {"endpoint": "https://10.0.0.1/"}), "[" * 10**4):
            await browser.see("/messages")
            await browser.send("/messages/push", on=said)
            assert browser.page.status_code == 400
        answer = await browser.http.post("/web/messages/push", data={"on": json.dumps(BROWSER)})
        assert answer.status_code == 403, "without the form's token"
        await browser.see("/messages")
        assert 'data-known=""' in browser.page.text


async def test_what_the_browser_needs_comes_from_here_and_nothing_stands_in_the_page():
    async with WebWorld().browsing("ko") as browser:
        await browser.sign_in("organizer", 1)
        await browser.see("/messages")
        (script,) = re.findall(r'<script src="(/web/static/push\.js[^"]*)" defer>', browser.page.text)
        (worker,) = re.findall(r'data-worker="(/web/static/worker\.js[^"]*)"', browser.page.text)
        for address in (script, worker):
            answer = await browser.http.get(address)
            assert answer.headers["content-type"].startswith("text/javascript")
        assert "이 브라우저에서 알림 받기" in browser.page.text


async def test_where_nothing_is_pushed_nothing_is_offered():
    class Quiet(WebWorld):
        push_key = None

    async with Quiet().browsing() as browser:
        await browser.sign_in("customer", 1)
        await browser.see("/messages")
        assert browser.page.status_code == 200
        assert "push" not in browser.page.text
