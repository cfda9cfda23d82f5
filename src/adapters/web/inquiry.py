"""What a page asks the API, in the name of who looks at it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, Final

from adapters.web.addresses import asked
from adapters.web.answers import NoPage, Stale, no_page
from adapters.web.asking import Answer, NoAnswer, Question, Receive, Telling
from adapters.web.bell import PATIENCE
from adapters.web.sessions import Session, cookies
from adapters.web.site import Site

UNREAD: Final = "/notifications?read=false&size=1"
GLANCE: Final = 1.0
"""Seconds that a page waits for what it can do without."""


class Inquirer:
    """`session` is None for nobody."""

    session: Session | None

    def __init__(self, scope: Mapping[str, Any], receive: Receive, site: Site) -> None:
        self._receive, self.site = receive, site
        self.sender, self.method = scope.get("client"), str(scope["method"])
        self.headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        self.cookies = cookies(self.headers.get(b"cookie", ""))
        self.session = site.sessions.read(self.cookies)
        self._until = None if site.patience is None else asyncio.get_running_loop().time() + site.patience
        self._counting: asyncio.Task[Answer | None] | None = None

    @property
    def role(self) -> str | None:
        return self.session.role if self.session else None

    async def ask(self, method: str, path: str, body: Any = None, key: str | None = None) -> Answer:
        """The API's answer, whatever it is. Raises NoAnswer, too late as well; Stale; NoPage: no form of ours has such
        a key.
        """
        headers = {} if key is None else {"Idempotency-Key": _sent(key)}
        sent = None if body is None else json.dumps(body).encode()
        answer = await self._in_time(Question(method, path, self._token, sent, headers, self.sender))
        if answer.status == 401:
            raise Stale
        return answer

    def follow(self, path: str) -> AbstractAsyncContextManager[Telling]:
        """What the API tells there, from behind what the browser has read last."""
        last = self.headers.get(b"last-event-id")
        headers = {} if last is None else {"Last-Event-ID": last}
        return self.site.follow(Question("GET", path, self._token, None, headers, self.sender), self._receive)

    async def get(self, path: str, **query: Any) -> Mapping[str, Any]:
        """Raises NoPage as well: there is no such thing, or it cannot be had now."""
        answer = await self.ask("GET", asked(path, query))
        if answer.status != 200:
            raise no_page(answer)
        return answer.said

    async def find(self, path: str, **query: Any) -> Mapping[str, Any] | None:
        """The same of what need not be there, or not be there yet."""
        answer = await self.ask("GET", asked(path, query))
        if answer.status == 404:
            return None
        if answer.status != 200:
            raise no_page(answer)
        return answer.said

    async def glance(self, path: str) -> Mapping[str, Any] | None:
        """What a page can do without: None when it cannot be had, or not at once. Raises Stale."""
        answer = await self.soon(path, GLANCE)
        return answer.said if answer is not None and answer.status == 200 else None

    async def soon(self, path: str, seconds: float, method: str = "GET") -> Answer | None:
        """None: whoever is asked is away, or takes longer. Raises Stale."""
        try:
            async with asyncio.timeout(seconds):
                answer = await self.ask(method, path)
        except (NoAnswer, TimeoutError):
            return None
        return answer if answer.status < 500 else None

    def begin(self) -> None:
        """Whole pages say how many messages wait: that is asked beside what they ask themselves, until the `end`."""
        if self._rings and self.method == "GET" and "text/html" in self.headers.get(b"accept", ""):
            self._counting = asyncio.create_task(self._count())

    def end(self) -> None:
        if self._counting is not None:
            self._counting.cancel()

    async def unread(self, patience: float = PATIENCE) -> int | None:
        """How many messages wait. None: there is no bell, or it cannot be told now, which is in nobody's way."""
        if not self._rings:
            return None
        answer = await (self._counting or self._count(patience))
        if answer is not None and answer.status == 401:
            raise Stale
        return int(answer.said["page"]["totalElements"]) if answer is not None and answer.status == 200 else None

    @property
    def _rings(self) -> bool:
        """Whether there is a bell: for whoever is signed in, where there are messages."""
        return self.role is not None and self.site.messages

    @property
    def _token(self) -> str | None:
        return self.session.token if self.session else None

    async def _in_time(self, question: Question) -> Answer:
        """While there is time left for a page that keeps the form and its key. Raises NoAnswer."""
        try:
            async with asyncio.timeout_at(self._until):
                return await self.site.ask(question)
        except TimeoutError:
            raise NoAnswer("it takes too long") from None

    async def _count(self, patience: float = PATIENCE) -> Answer | None:
        question = Question("GET", UNREAD, self._token, sender=self.sender)
        return await self.site.bell.ask(self.site.ask, question, patience)


def _sent(key: str) -> str:
    """As a header can say it. Raises NoPage."""
    if not (key.isascii() and key.isprintable()):
        raise NoPage(400, "form_too_old")
    return key
