"""Somebody who uses the system over HTTP, and what they see of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import ClientSession
from attrs import frozen

from apps.demo.teller import Teller, Unexpected
from myticket_core.money import KRW

SEEN_WITHIN = 10.0


@frozen
class Answer:
    status: int
    body: Any
    headers: Mapping[str, str]

    def expect(self, status: int, code: str | None = None) -> Answer:
        """Itself. Raises Unexpected when it is another status, or a problem of another code."""
        found = self.body.get("code") if isinstance(self.body, dict) else None
        if self.status != status or (code is not None and found != code):
            raise Unexpected(f"expected {status} {code or ''}, got {self.status}: {self.body}")
        return self


@frozen
class Party:
    """A buyer, an organizer or anybody, with their token."""

    name: str
    url: str
    http: ClientSession
    teller: Teller
    token: str | None = None

    async def ask(self, method: str, path: str, body: Any = None, key: str | None = None) -> Answer:
        """Send it and tell about it."""
        answer = await self.quietly(method, path, body, key)
        self.teller.request(self.name, method, path, body, answer.status, answer.body)
        return answer

    async def quietly(self, method: str, path: str, body: Any = None, key: str | None = None) -> Answer:
        headers = {} if self.token is None else {"Authorization": f"Bearer {self.token}"}
        if key is not None:
            headers["Idempotency-Key"] = key
        async with self.http.request(method, self.url + path, json=body, headers=headers) as answer:
            content = await answer.json(content_type=None) if answer.content_length != 0 else None
            return Answer(answer.status, content, answer.headers)

    async def eventually(self, path: str, holds: Callable[[Any], bool]) -> Any:
        """Look until what is seen is as it should be; events need a moment. Raises Unexpected."""
        seen: Any = None
        try:
            async with asyncio.timeout(SEEN_WITHIN):
                while True:
                    seen = (await self.quietly("GET", path)).body
                    if seen is not None and holds(seen):
                        return seen
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise Unexpected(f"{self.name} waited {SEEN_WITHIN} s for {path}; last seen: {seen}") from None

    async def told(self, *words: str) -> str:
        """Wait for a notification that has all these words; tell and return its text."""
        heard: list[str] = []

        def holds(page: Any) -> bool:
            heard[:] = [text for text in messages(page) if all(word in text for word in words)]
            return bool(heard)

        await self.eventually("/notifications?size=100&sort=id,desc", holds)
        self.teller.sees(self.name, heard[:1])
        return heard[0]

    async def page(self, booking: int, status: str, payment: str) -> Any:
        """Wait until my page shows the booking so; tell and return the page."""
        wanted = {"status": status, "paymentStatus": payment}
        page = await self.eventually(f"/mypages/{booking}", lambda it: wanted.items() <= it.items())
        what = f"booking {booking} · ticket {page['ticketId']} · {KRW.said(page['price'])}"
        self.teller.sees(self.name, [f"my page: {what} · {status} · payment {payment}"])
        return page


def messages(page: Any) -> list[str]:
    return [entry["message"] for entry in page.get("_embedded", {}).get("notifications", [])]
