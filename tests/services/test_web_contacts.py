"""Where one's messages go, on a page."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from tests.services.test_contacts import code, mails
from tests.services.web_world import Browser, WebWorld

EMAIL = "/contacts/email"


@asynccontextmanager
async def asked(world: WebWorld) -> AsyncIterator[Browser]:
    """A buyer's who has just said where mails are to go."""
    async with world.browsing() as browser:
        await browser.sign_in("customer", next="/web/contacts")
        await browser.send("/contacts", address="kim@example.com", wanted="1")
        yield browser


async def test_an_address_is_said_silenced_and_taken_back() -> None:
    world = WebWorld()
    async with world.browsing() as browser:
        await browser.sign_in("customer", next="/web/messages")
        assert 'href="/web/contacts"' in browser.page.text
        await browser.see("/contacts")
        assert "Remove the address" not in browser.text
        await browser.send("/contacts", address="kim@example.com")
        assert "Saved, but no messages go there before the address is confirmed." in browser.text
        assert "alert good" not in browser.page.text
        said = (await world.ask("customer 1", "GET", EMAIL)).json()
        assert (said["address"], said["wanted"]) == ("kim@example.com", True)
        form = browser.form("/contacts")
        del form["wanted"]
        browser.page = await browser.http.post("/web/contacts", data=form)
        assert "Saved: no messages are sent there." in browser.text
        assert (await world.ask("customer 1", "GET", EMAIL)).json()["wanted"] is False
        await browser.see("/contacts")
        assert 'value="kim@example.com"' in browser.page.text
        assert "checked" not in browser.page.text
        await browser.send("/contacts/remove")
        assert "The address is removed." in browser.text
        assert (await world.ask("customer 1", "GET", EMAIL)).status_code == 404


async def test_the_link_of_a_mail_shows_a_button_and_that_confirms() -> None:
    world = WebWorld()
    async with asked(world) as browser:
        assert "A mail goes to kim@example.com" in browser.text
        assert browser.form("/contacts/confirmation")["code"] == ""
        link = (await mails(world))[0].partition("http://myticket.example/web")[2].partition(" ")[0]
        await browser.http.get(f"/web{link}")
        await browser.see(link)
        assert (await world.ask("customer 1", "GET", EMAIL)).json()["confirmed"] is False, "a scanner follows links too"
        await browser.send("/contacts/confirmation")
        assert "The address is confirmed" in browser.text
        assert "A mail goes to" not in browser.text
        assert (await world.ask("customer 1", "GET", EMAIL)).json()["confirmed"] is True


class Silent(WebWorld):
    sending = ()


async def test_where_no_mail_is_sent_none_is_promised() -> None:
    async with asked(Silent()) as browser:
        assert "No e-mails are sent from here at present" in browser.text
        for promise in ("A mail goes to", "Saved", "Confirm the address", "Send it again"):
            assert promise not in browser.text
        form = browser.form("/contacts")
        del form["wanted"]
        browser.page = await browser.http.post("/web/contacts", data=form)
        assert "No e-mails are sent" not in browser.text, "nor are any wanted"
        await browser.send("/contacts/remove")
        assert "The address is removed." in browser.text


@pytest.mark.parametrize("world, said", [(Silent, True), (WebWorld, False)])
async def test_whether_mails_are_sent_is_known_before_an_address_is_given(world: type[WebWorld], said: bool) -> None:
    async with world().browsing() as browser:
        await browser.sign_in("customer", next="/web/contacts")
        assert ("No e-mails are sent from here at present" in browser.text) is said
        await browser.send("/contacts", address="nobody <at> home")
        assert "Check the address." in browser.text
        assert ("No e-mails are sent from here at present" in browser.text) is said


async def test_sent_again_it_goes_to_the_address_that_waits_now_and_an_old_tab_brings_none_back() -> None:
    world = WebWorld()
    async with asked(world) as browser:
        old = browser.form("/contacts/again")
        await browser.send("/contacts", address="lee@example.com")
        browser.page = await browser.http.post("/web/contacts/again", data=old)
        assert "Another mail is being sent. " in browser.text
        assert "A mail goes to lee@example.com" in browser.text
        await browser.send("/contacts/confirmation", code=await code(world))
        assert "The address is confirmed" in browser.text
        browser.page = await browser.http.post("/web/contacts/again", data=old)
        assert (browser.page.status_code, "being sent" in browser.text) == (200, False)
        await browser.send("/contacts")
        assert "Saved. " in browser.text
    said = (await world.ask("customer 1", "GET", EMAIL)).json()
    assert (said["address"], said["confirmed"]) == ("lee@example.com", True)


async def test_a_link_confirms_an_address_too_at_which_nothing_is_wanted_any_more() -> None:
    world = WebWorld()
    async with asked(world) as browser:
        link = {"code": await code(world)}
        await world.ask("customer 1", "PUT", EMAIL, {"address": "kim@example.com", "wanted": False})
        await browser.see("/contacts")
        assert "Confirm the address" not in browser.text
        await browser.see("/contacts", **link)
        assert "You can confirm that kim@example.com is yours. No messages are sent there now." in browser.text
        assert "Send it again" not in browser.text
        await browser.send("/contacts/confirmation")
        assert "The address is confirmed. No messages go there until" in browser.text
    said = (await world.ask("customer 1", "GET", EMAIL)).json()
    assert (said["wanted"], said["confirmed"]) == (False, True)


async def test_the_link_waits_for_who_is_not_signed_in_yet_and_is_nobody_elses() -> None:
    world = WebWorld()
    await world.ask("customer 1", "PUT", EMAIL, {"address": "kim@example.com"})
    async with world.browsing() as browser:
        await browser.see("/contacts", code=await code(world))
        await browser.send("/sign-in", role="customer", number="2")
        assert "This code does not confirm your address" in browser.text
    async with world.browsing() as browser:
        await browser.see("/contacts", code=await code(world))
        await browser.send("/sign-in", role="customer", number="1")
        await browser.send("/contacts/confirmation")
        assert "The address is confirmed" in browser.text


async def test_a_code_may_be_typed_and_a_mail_sent_again_some_times() -> None:
    world = WebWorld()
    async with asked(world) as browser:
        for _ in range(2):
            world.clock.time += timedelta(seconds=1)
            assert (await browser.send("/contacts/again")).status_code == 200
            assert "Another mail is being sent. " in browser.text
        assert len(await mails(world)) == 3
        assert (await browser.send("/contacts/again")).status_code == 429
        assert "So many mails were sent that more have to wait: nothing was saved." in browser.text
        assert (await browser.send("/contacts/confirmation", code="another")).status_code == 409
        assert "This code does not confirm your address" in browser.text
        typed = (await code(world)).upper()
        await browser.send("/contacts/confirmation", code=f" {typed[:16]} {typed[16:]} ")
        assert "The address is confirmed" in browser.text


async def test_a_code_that_is_wrong_stays_to_be_corrected_and_is_not_sent_again_by_looking() -> None:
    async with asked(WebWorld()) as browser:
        page = await browser.send("/contacts/confirmation", code="4f0c 11aa")
        assert browser.form("/contacts/confirmation")["code"] == "4f0c 11aa"
        field = r'<input id="code"[^>]* aria-invalid="true" aria-describedby="code-hint" autofocus>'
        assert re.search(field, page.text)
        assert '<small id="code-hint" class="wrong">This code does not confirm' in page.text
        assert "Correct what is marked." in browser.text
        assert 'data-here="/web/contacts"' in page.text


async def test_an_address_that_is_confirmed_says_so_to_who_follows_the_link_once_more() -> None:
    world = WebWorld()
    async with asked(world) as browser:
        assert "E-mail Confirmed" not in browser.text
        link = {"code": await code(world)}
        await browser.see("/contacts", **link)
        await browser.send("/contacts/confirmation")
        await browser.see("/contacts", **link)
        assert "E-mail Confirmed" in browser.text
        await browser.send("/contacts", address="lee@", wanted="1")
        assert "E-mail Confirmed" not in browser.text


async def test_pressed_twice_a_form_is_sent_once_so_that_one_mail_goes() -> None:
    """By script, as everywhere: each sending is a mail, of which there are three."""
    async with asked(WebWorld()) as browser:
        forms = re.findall(r'<form method="post" action="/web/contacts[^>]*>', browser.page.text)
        assert [form for form in forms if "data-once" not in form] == []
        assert len(forms) == 4


async def test_what_is_no_address_is_marked_and_changes_nothing() -> None:
    world = WebWorld()
    await world.ask("organizer 1", "PUT", EMAIL, {"address": "kim@example.com"})
    async with world.browsing() as browser:
        await browser.sign_in("organizer", next="/web/contacts")
        page = await browser.send("/contacts", address="nobody <at> home")
        assert page.status_code == 400
        assert "Check the address." in browser.text
        assert 'value="nobody &lt;at&gt; home"' in page.text
        assert "Remove the address" in browser.text
        assert (await world.ask("organizer 1", "GET", EMAIL)).json()["address"] == "kim@example.com"


async def test_it_is_for_who_is_signed_in() -> None:
    async with WebWorld().browsing() as browser:
        await browser.see("/contacts")
        assert browser.at == "/web/sign-in"
