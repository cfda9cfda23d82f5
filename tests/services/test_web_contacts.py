"""Where one's messages go, on a page."""

from __future__ import annotations

from tests.services.web_world import WebWorld

EMAIL = "/contacts/email"


async def test_an_address_is_said_silenced_and_taken_back() -> None:
    world = WebWorld()
    async with world.browsing() as browser:
        await browser.sign_in("customer", next="/web/messages")
        assert 'href="/web/contacts"' in browser.page.text
        await browser.see("/contacts")
        assert "Remove the address" not in browser.text
        await browser.send("/contacts", address="kim@example.com")
        assert "Saved." in browser.text
        said = (await world.ask("customer 1", "GET", EMAIL)).json()
        assert (said["address"], said["wanted"]) == ("kim@example.com", True)
        form = browser.form("/contacts")
        del form["wanted"]
        await browser.http.post("/web/contacts", data=form)
        assert (await world.ask("customer 1", "GET", EMAIL)).json()["wanted"] is False
        await browser.see("/contacts")
        assert 'value="kim@example.com"' in browser.page.text
        assert "checked" not in browser.page.text
        await browser.send("/contacts/remove")
        assert "The address is removed." in browser.text
        assert (await world.ask("customer 1", "GET", EMAIL)).status_code == 404


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
