"""A session ends while somebody types: nothing that they typed is lost, and no form is anybody else's."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.services.web_world import Browser, WebWorld

NEW = "/organizer/tickets/new"
TYPED = {"name": "Jazz", "price": "15000", "capacity": "10"}
LIFETIME = timedelta(hours=13)
PART = {"hx-request": "true"}


async def names(world: WebWorld) -> list[str]:
    found = (await world.ask(None, "GET", "/tickets")).json()
    return [it["name"] for it in found["_embedded"]["tickets"]] if found["page"]["totalElements"] else []


async def sent_too_late(world: WebWorld, browser: Browser) -> None:
    await browser.sign_in("organizer", next=f"/web{NEW}")
    world.clock.time += LIFETIME
    await browser.send(NEW, **TYPED)
    assert browser.page.status_code == 403
    assert "what you sent was not taken. This tab still has all that you typed" in browser.text
    assert await names(world) == []


async def test_what_was_typed_is_sent_again_once_one_is_signed_in() -> None:
    world = WebWorld()
    async with world.browsing() as browser:
        await sent_too_late(world, browser)
        kept = browser.form(NEW)
        assert kept.items() >= TYPED.items()
        await browser.sign_in("organizer")
        browser.page = await browser.http.post(f"/web{NEW}", data=kept)
        assert browser.at == "/web/organizer/tickets/1"
    assert await names(world) == ["Jazz"]


async def test_a_form_that_was_opened_before_signing_in_again_elsewhere_is_taken() -> None:
    world = WebWorld()
    async with world.browsing() as browser:
        await browser.sign_in("organizer", next=f"/web{NEW}")
        typed = {**browser.form(NEW), **TYPED}
        await browser.send("/sign-out")
        browser.page = await browser.http.post(f"/web{NEW}", data=typed)
        assert "This tab still has all that you typed" in browser.text
        await browser.sign_in("organizer")
        browser.page = await browser.http.post(f"/web{NEW}", data=typed)
        assert browser.at == "/web/organizer/tickets/1"


@pytest.mark.parametrize("who", [("organizer", 2), ("customer", 1)])
async def test_of_somebody_else_it_is_not(who: tuple[str, int]) -> None:
    world = WebWorld()
    async with world.browsing() as browser:
        await sent_too_late(world, browser)
        kept = browser.form(NEW)
        await browser.sign_in(*who)
        browser.page = await browser.http.post(f"/web{NEW}", data=kept)
        assert browser.page.status_code == 403
    assert await names(world) == []


async def test_what_was_made_for_nobody_is_not_offered_to_be_sent_again() -> None:
    world = WebWorld()
    await world.ticket()
    async with world.browsing() as browser:
        await browser.see("/sign-in")
        browser.page = await browser.http.post("/web/tickets/1", data=browser.form("/sign-in"))
        assert browser.page.status_code == 403
        assert "what you sent was not taken." in browser.text
        assert "Send it again" not in browser.text
        assert 'href="/web/sign-in?next=/web/tickets/1"' in browser.page.text


async def test_what_is_too_large_is_told_so_to_who_is_not_signed_in_as_well() -> None:
    async with WebWorld().browsing() as browser:
        browser.page = await browser.http.post(f"/web{NEW}", data={"name": "x" * 70_000})
        assert browser.page.status_code == 413


async def test_the_bell_takes_no_page_away_from_who_types_in_it() -> None:
    world = WebWorld()
    async with world.browsing() as browser:
        await browser.sign_in("organizer", next=f"/web{NEW}")
        world.clock.time += LIFETIME
        answer = await browser.http.get("/web/bell", headers=PART)
        assert (answer.status_code, "hx-redirect" in answer.headers, "set-cookie" in answer.headers) == (
            204,
            False,
            False,
        )
        await browser.see("/tickets")
        assert "Sign in" in browser.text, "another tab has noticed"
        answer = await browser.http.get("/web/bell", headers=PART)
        assert (answer.status_code, "hx-redirect" in answer.headers) == (204, False)


async def test_who_signs_out_leaves_every_tab() -> None:
    async with WebWorld().browsing() as browser:
        await browser.sign_in("organizer", next=f"/web{NEW}")
        await browser.send("/sign-out")
        assert (await browser.http.get("/web/bell", headers=PART)).headers["hx-redirect"]


@pytest.mark.parametrize("site, status", [("cross-site", 403), ("same-site", 403), ("same-origin", 200), ("none", 200)])
async def test_a_form_is_sent_by_a_page_of_ours(site: str, status: int) -> None:
    world = WebWorld()
    async with world.browsing() as browser:
        await browser.sign_in("organizer", next=f"/web{NEW}")
        typed = {**browser.form(NEW), **TYPED}
        answer = await browser.http.post(f"/web{NEW}", data=typed, headers={"sec-fetch-site": site})
        assert answer.status_code == status
    assert await names(world) == (["Jazz"] if status == 200 else [])
