"""The stream of a page: what the API tells of one's own, through the session of a browser and as long as it looks."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx
import pytest

from adapters.rest.limits import Limits
from adapters.rest.patience import Patience
from tests.services.web_world import Browser, WebWorld

SOON = 10


class Told:
    """A stream as a browser has it."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer, self.lines, self.last_id = answer, answer.aiter_lines(), ""

    async def event(self) -> tuple[str, Any]:
        """Raises StopAsyncIteration: it has ended."""
        said: dict[str, str] = {}
        async with asyncio.timeout(SOON):
            while (line := await anext(self.lines)) or "data" not in said:
                name, _, value = line.partition(":")
                said |= {name: value.strip()} if name else {}
        self.last_id = said.get("id", self.last_id)
        return said["event"], json.loads(said["data"])


@asynccontextmanager
async def _told(browser: Browser, **headers: str) -> AsyncIterator[Told]:
    async with browser.http.stream("GET", "/web/stream", headers=headers) as answer:
        yield Told(answer)


async def _open(world: WebWorld, streams: int) -> None:
    """Once so many are open, as the figures say."""
    async with asyncio.timeout(SOON):
        while True:
            figures = world.probes.metrics.exposition().decode().splitlines()
            if sum(float(it.split()[1]) for it in figures if it.startswith("myticket_streams{")) == streams:
                return
            await asyncio.sleep(0.01)


async def _books(world: WebWorld, who: str = "customer 1") -> None:
    assert (await world.ask(who, "POST", "/books", {"ticketId": 1})).status_code == 201
    await world.settle()


async def test_a_browser_is_told_of_its_own_and_leaves_nothing_open_behind() -> None:
    world = WebWorld(streaming=True)
    await world.ticket()
    async with world.browsing() as buyer, world.browsing() as seller:
        await buyer.sign_in("customer")
        assert 'data-stream="/web/stream"' in buyer.page.text
        await seller.sign_in("organizer")
        async with _told(buyer) as mine, _told(seller) as theirs:
            assert mine.answer.headers["content-type"] == "text/event-stream"
            assert mine.answer.headers["content-security-policy"].startswith("default-src 'none'")
            await _open(world, 2)
            await _books(world, "customer 2")
            await _books(world)
            assert [(name, it["bookId"]) for name, it in [await mine.event()]] == [("booking", 2)]
            assert [(name, it["ticketId"]) for name, it in [await theirs.event()]] == [("ticket", 1)]
        await _open(world, 0)


async def test_a_look_at_its_head_leaves_nothing_open() -> None:
    world = WebWorld(streaming=True)
    async with world.browsing() as browser, asyncio.timeout(SOON):
        await browser.sign_in("customer")
        answer = await browser.http.head("/web/stream")
        assert (answer.status_code, answer.content) == (200, b"")
        assert answer.headers["content-type"] == "text/event-stream"
        assert (answer.headers["cache-control"], answer.headers["x-accel-buffering"]) == ("no-store", "no")
        await _open(world, 0)


async def test_it_is_resumed_where_the_browser_was() -> None:
    world = WebWorld(streaming=True)
    await world.ticket()
    async with world.browsing() as browser:
        await browser.sign_in("customer")
        async with _told(browser) as first:
            await _open(world, 1)
            await _books(world)
            await first.event()
        await _books(world)
        async with _told(browser, **{"Last-Event-ID": first.last_id}) as again:
            assert (await again.event())[1]["bookId"] == 2
        async with _told(browser, **{"Last-Event-ID": "nonsense"}) as wrong:
            assert wrong.answer.status_code == 400


async def test_who_is_not_signed_in_or_not_any_more_is_told_nothing() -> None:
    world = WebWorld(streaming=True)
    async with world.browsing() as browser:
        await browser.see("/tickets")
        assert "data-stream" not in browser.page.text
        answer = await browser.http.get("/web/stream", follow_redirects=False)
        assert (answer.status_code, answer.content, "set-cookie" in answer.headers) == (204, b"", False)
        await browser.sign_in("customer")
        world.clock.time += timedelta(days=2)  # their token is over
        async with _told(browser) as stale:
            assert stale.answer.status_code == 401


async def test_it_outlasts_what_a_page_may_take_and_ends_when_the_service_does() -> None:
    world = WebWorld(streaming=True, limits=Limits(patience=Patience(0.3)))
    await world.ticket()
    async with world.browsing() as browser:
        await browser.sign_in("customer")
        async with _told(browser) as mine:
            await asyncio.sleep(0.7)  # what is tried is that time goes by
            await _books(world)
            assert (await mine.event())[0] == "booking"
            world.probes.drain()
            with pytest.raises(StopAsyncIteration):
                await mine.event()
        await _open(world, 0)


class WithoutMypage(WebWorld):
    def apis(self) -> Any:
        return super().apis()[:4]


async def test_without_my_page_there_is_no_stream_and_pages_ask_by_themselves() -> None:
    world = WithoutMypage()
    async with world.browsing() as browser:
        await browser.sign_in("customer")
        assert 'hx-trigger="every 5s, told"' in browser.page.text
        async with _told(browser) as none:
            assert none.answer.status_code == 404


async def test_what_breaks_off_is_broken_off_for_the_browser() -> None:
    world = WebWorld()
    async with world.browsing() as browser:
        await browser.sign_in("customer")

        async def breaks(_: Any, __: Any, send: Any) -> None:
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"x/y")]})
            await send({"type": "http.response.body", "body": b"a", "more_body": True})
            raise ZeroDivisionError

        world.site.ask.app = breaks
        with pytest.raises(httpx.RemoteProtocolError):
            async with _told(browser) as broken:
                await broken.answer.aread()
