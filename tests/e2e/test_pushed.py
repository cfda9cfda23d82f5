"""From a ticket that is registered to its organizer's browser, through a real system; and what a real browser shows."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from adapters.notify.pushing import told
from adapters.notify.vapid import Vapid
from myticket_core.notification.model import PUSH, Message
from tests.e2e.system import System, run
from tests.e2e.web_browsing import Site, driving, sign_in, tab
from tests.real import RealServices
from tests.services.push_service import Browser, pushing
from tests.until import until

SUBJECT = "mailto:tickets@example.com"
TEXT = "새 예매 / New booking\n\nHello <예매> 1\n\nHello booking & 1"


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def system(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[System]:
    folder = tmp_path_factory.mktemp("pushed")
    (folder / "key").write_text(await run("vapid-key"))
    settings = {"VAPID_KEY_FILE": str(folder / "key"), "VAPID_SUBJECT": SUBJECT, "MYTICKET_LOG_LEVEL": "debug"}
    async with System(folder, settings) as running:
        yield running


async def test_a_browser_hears_of_a_ticket_and_its_address_stays_hidden(system: System) -> None:
    key = (system.data / "key").read_text().strip()
    async with pushing() as service:
        here, gone = service.browser("/the-one-that-is-here"), service.browser("/the-one-that-is-gone")
        service.moods["/the-one-that-is-gone"] = 410, {}
        for browser in (here, gone):
            put = await system.ask("PUT", "/contacts/push", await system.organizer(), browser.body)
            assert put.status == 200, put
        assert (await system.ask("GET", "/contacts/push/key")).body["key"] == Vapid(key, SUBJECT).public
        ticket = await system.ticket()
        await service.until(1)
        (said,) = service.told("/the-one-that-is-here")
        assert (said["ticketId"], said["title"]["ko"], said["for"]) == (ticket, "티켓 등록", "organizer")
        assert str(ticket) in said["body"]["en"]
        assert await _left(system, 1) == [here.subscription.place]
        assert len(service.asked) == 2
    log = (system.data / "up.log").read_text()
    assert "Traceback" not in log
    assert [it for it in ("the-one-that-is", service.url, here.subscription.auth, key) if it in log] == []


WORKER = "navigator.serviceWorker.getRegistration('/web/static/')"
AT_WORK = f"{WORKER}.then(it => it?.active?.state === 'activated')"
SHOWN = f"{WORKER}.then(it => it.getNotifications()).then(all => all.map(it => [it.title, it.body]))"


@pytest.fixture
def whole_chromium(real_services: RealServices) -> Iterator[str]:
    """One that shows notifications."""
    with real_services.own("MYTICKET_TEST_CHROMIUM") as started:
        yield started.url


async def test_a_real_browser_shows_what_is_pushed(whole_chromium: str, system: System) -> None:
    """Handed over as its push service would, which is not to be had here."""
    message = Message(event_id="e", event="Booked", channel=PUSH, text=TEXT, correlation_id="c", customer_id=1)
    async with driving(whole_chromium) as driver, tab(driver, Site(system.url, system.data)) as page:
        await sign_in(page, "customer", 1)
        await page.context.grant_permissions(["notifications"], origin=system.url)
        devtools, heard = await page.context.new_cdp_session(page), asyncio.Queue[Any]()
        devtools.on("ServiceWorker.workerRegistrationUpdated", heard.put_nowait)
        await devtools.send("ServiceWorker.enable")
        await page.goto("/web/messages")
        await expect(page.locator("form.push button")).to_have_text("Show messages in this browser")
        async with asyncio.timeout(20):
            await until(lambda: page.evaluate(AT_WORK))
            where = {"origin": system.url, "registrationId": await _registered(heard, system.url)}
            handed = {**where, "data": told(message).decode()}
            while not (shown := await page.evaluate(SHOWN)):  # DevTools does not say whether a worker heard of it
                await devtools.send("ServiceWorker.deliverPushMessage", handed)
                await asyncio.sleep(0.2)
        assert shown == [["New booking", "Hello booking & 1"]]


async def _registered(heard: asyncio.Queue[Any], origin: str) -> str:
    """By what the browser knows the worker of our pages; others may run in it."""
    while True:
        for registration in (await heard.get())["registrations"]:
            if registration["scopeURL"].startswith(origin) and not registration["isDeleted"]:
                return str(registration["registrationId"])


SUBSCRIBED = """endpoint => {
    const ended = () => { sessionStorage.ended = "yes"; return new Promise(() => {}) };
    ServiceWorkerContainer.prototype.getRegistration = async () => sessionStorage.ended ? undefined : ({
        getNotifications: async () => [{ close: () => { sessionStorage.closed = "yes" } }],
        pushManager: { getSubscription: async () => ({ endpoint, unsubscribe: ended }) },
    });
}"""
"""A browser without a past, as these are, cannot really subscribe. That it is to end never comes to an end."""
ENDED = "[sessionStorage.ended, sessionStorage.closed]"


async def _subscribed(page: Page, system: System, number: int, browser: Browser) -> None:
    """The page's browser, and before anything else on it runs."""
    put = await system.ask("PUT", "/contacts/push", await system.customer(number), browser.body)
    assert put.status == 200, put
    await page.add_init_script(f"({SUBSCRIBED})({json.dumps(browser.subscription.endpoint)})")


async def _browsers(system: System, number: int) -> list[str]:
    answer = await system.ask("GET", "/contacts/push", await system.customer(number))
    return [it["id"] for it in answer.body["_embedded"]["subscriptions"]]


async def test_who_signs_out_leaves_nothing_to_be_shown_though_the_browser_does_not_end_it(
    chromium: str, system: System
) -> None:
    async with pushing() as service, driving(chromium) as driver, tab(driver, Site(system.url, system.data)) as page:
        here = service.browser("/where-one-signs-out")
        await _subscribed(page, system, 11, here)
        await sign_in(page, "customer", 11)
        await page.goto("/web/bookings")
        assert await _browsers(system, 11) == [here.subscription.place]
        assert await page.evaluate(ENDED) == [None, None]
        await page.click("text=Sign out")
        await expect(page.locator("text=Sign in")).to_be_visible()
        assert await page.evaluate(ENDED) == ["yes", "yes"]
        assert await _browsers(system, 11) == []


async def test_who_comes_after_somebody_that_did_not_sign_out_is_shown_none_of_their_messages(
    chromium: str, system: System
) -> None:
    async with pushing() as service, driving(chromium) as driver, tab(driver, Site(system.url, system.data)) as page:
        await _subscribed(page, system, 12, service.browser("/where-one-does-not"))
        await sign_in(page, "customer", 12)
        await until(lambda: page.evaluate("localStorage.push"), 20)
        assert await page.evaluate(ENDED) == [None, None], "to themselves it goes on"
        await sign_in(page, "customer", 13)
        await until(lambda: page.evaluate("sessionStorage.ended && sessionStorage.closed"), 20)


async def _left(system: System, many: int) -> list[str]:
    """The browsers that are subscribed, once they are so many."""
    async with asyncio.timeout(20):
        while True:
            found = (await system.ask("GET", "/contacts/push", await system.organizer())).body["_embedded"]
            if len(found["subscriptions"]) == many:
                return [it["id"] for it in found["subscriptions"]]
            await asyncio.sleep(0.02)
