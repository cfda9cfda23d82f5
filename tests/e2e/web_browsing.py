"""A tab of a real browser on the pages of a real `myticket up`; whatever it does, some things never happen."""

from __future__ import annotations

import subprocess
import time
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import httpx
from attrs import field, frozen
from playwright.async_api import Page, Playwright, async_playwright

from adapters.rest import DevelopmentIssuer
from adapters.rest.development import FILE
from adapters.system import SystemClock
from adapters.web.sessions import Sessions
from myticket_core.access import Role
from scripts.services.ports import free_port
from tests.e2e.system import command

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1200, "height": 800}
REFUSED = ("Failed to load resource", "Response Status Error Code", "htmx:sendError", "htmx:afterRequest")


@frozen
class Site:
    """The system that all tests of a file share: each is another company with other customers."""

    url: str
    data: Path
    numbers: Iterator[int] = field(factory=lambda: count(1))

    def ask(self, role: Role, number: int, method: str, path: str, body: Any = None) -> httpx.Response:
        """As somebody elsewhere."""
        token = DevelopmentIssuer.kept_in(self.data, SystemClock()).token(role, number, number)
        bearer = {"Authorization": f"Bearer {token}"}
        answer = httpx.request(method, self.url + path, json=body, headers=bearer, verify=False)  # it is not encrypted
        assert answer.is_success, answer.text
        return answer

    def figure(self, name: str) -> float:
        """As /metrics says it, all labels together."""
        lines = httpx.get(f"{self.url}/metrics", verify=False).text.splitlines()
        return sum(float(line.split()[1]) for line in lines if line.startswith(f"{name}{{"))

    def door(self, booking: int) -> str:
        """Where the code of its e-ticket leads, below /web."""
        sessions = Sessions((self.data / FILE).read_bytes(), secure=False)
        return f"/door/{booking}/{sessions.seal(str(booking))}"

    def ticket(self, company: int, **terms: Any) -> int:
        body = {"price": 15000, "name": f"Night {company}", "startDate": "2030-05-01T10:00:00Z", **terms}
        return int(self.ask(Role.ORGANIZER, company, "POST", "/tickets", body).json()["id"])


@contextmanager
def running(data: Path) -> Iterator[Site]:
    port = free_port()
    with (data / "up.log").open("wb") as log:
        words = command("up", "--port", str(port), "--data", str(data))
        process = subprocess.Popen(words, stdout=log, stderr=log)
    try:
        _until_ready(process, f"http://127.0.0.1:{port}")
        yield Site(f"http://127.0.0.1:{port}", data)
    finally:
        process.terminate()
        process.wait(30)


def _until_ready(process: subprocess.Popen[bytes], url: str) -> None:
    late = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < late:
        try:
            with urllib.request.urlopen(f"{url}/readyz", timeout=2):
                return
        except OSError:
            time.sleep(0.05)
    raise AssertionError("it did not start")


@frozen
class Driver:
    """Speaks to the browser: a program that costs a second to start, so that a file's tests share it."""

    playwright: Playwright
    chromium: str


@asynccontextmanager
async def driving(chromium: str) -> AsyncIterator[Driver]:
    async with async_playwright() as playwright:
        yield Driver(playwright, chromium)


@asynccontextmanager
async def tab(driver: Driver, site: Site, size: dict[str, int] = DESK, **options: Any) -> AsyncIterator[Page]:
    """In a context and by a connection of its own. It asks nobody else for anything, complains of nothing, and is never
    too wide.
    """
    heard: list[str] = []
    browser = await driver.playwright.chromium.connect_over_cdp(driver.chromium)
    said = {"locale": "en-US", **options}
    context = await browser.new_context(base_url=site.url, viewport=size, **said)  # type: ignore[arg-type]
    context.set_default_timeout(10_000)
    page = await context.new_page()
    page.on(
        "console", lambda message: heard.append(f"{page.url}: {message.text}") if _complains(message.text) else None
    )
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on("request", lambda asked: None if asked.url.startswith(site.url) else heard.append(asked.url))
    try:
        yield page
    finally:
        await context.close()
        await browser.close()
    assert heard == [], heard  # this file is not one whose assertions pytest explains


def _complains(text: str) -> bool:
    """Of anything but what is refused, as with 402 or 409, or not reached: Chromium and htmx tell it, and right so."""
    return not text.startswith(REFUSED)


async def fits(page: Page) -> None:
    """Nothing of it is beside the screen, once it is there."""
    await page.wait_for_load_state()
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url


async def sign_in(page: Page, role: str, number: int) -> None:
    await page.goto("/web/sign-in")
    await page.check(f"input[value={role}]")
    await page.fill("#number", str(number))
    await page.click("main button")
    await page.wait_for_url("**/web/tickets")
