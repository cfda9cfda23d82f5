"""One request of a browser: what it wants, who it is, in which language, and its way to the API."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, Final
from urllib.parse import parse_qsl

from adapters.web.addresses import BASE, asked, at, whole
from adapters.web.answers import NoPage, Page, SignInFirst, Stale, no_page
from adapters.web.asking import Answer, NoAnswer, Question, Receive, Telling
from adapters.web.bell import PATIENCE
from adapters.web.form import fields
from adapters.web.language import Speaker, wanted
from adapters.web.sessions import COOKIE, Session, cookies
from adapters.web.site import Site

LANGUAGE: Final = "myticket-language"
SEEN: Final = "~seen~"
UNREAD: Final = "/notifications?read=false&size=1"
GLANCE: Final = 1.0
"""Seconds that a page waits for what it can do without."""


class Visit:
    """`session` may be replaced; then the browser is told."""

    def __init__(self, scope: Mapping[str, Any], receive: Receive, site: Site) -> None:
        self._receive, self.site = receive, site
        self.sender, self.method = scope.get("client"), str(scope["method"])
        self.path = str(scope["path"]).removeprefix(BASE).rstrip("/") or "/"
        self.headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        self.query = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
        self.params: Mapping[str, str] = {}
        self._counting: asyncio.Task[Answer | None] | None = None
        self.cookies = kept = cookies(self.headers.get(b"cookie", ""))
        self.session = self._before = site.sessions.read(kept.get(COOKIE))
        self.language = wanted(self.query.get("lang") or kept.get(LANGUAGE), self.headers.get(b"accept-language", ""))

    @property
    def role(self) -> str | None:
        return self.session.role if self.session else None

    @property
    def id(self) -> str:
        """The number in the path."""
        return self.params["id"]

    @property
    def page(self) -> int:
        """The page of a list: from 1 in an address, from 0 for the API."""
        return (whole(self.query.get("page", "")) or 1) - 1

    @property
    def form_token(self) -> str:
        """For a form of the page; whoever has no session yet gets one."""
        self.session = self.session or Session.new()
        return self.site.sessions.form_token(self.session)

    @property
    def speaker(self) -> Speaker:
        return self.site.speaker(self.language)

    def here(self, **other: str) -> str:
        """The address of this page, some of its query otherwise; of a part, that of the page it is in."""
        kept = {name: value for name, value in self.query.items() if name not in ("part", "seen", "was")}
        return at(self.path, **{**kept, **other})

    def need(self, role: str) -> None:
        """Raises SignInFirst, NoPage."""
        if self.role is None:
            raise SignInFirst
        if self.role != role:
            raise NoPage(403, f"only_{role}")

    async def form(self) -> dict[str, str]:
        """What a form of ours sent. Raises NoPage: it is not of this session, or too large."""
        said = await fields(self._receive)
        if not self.site.sessions.is_form_token(self.session, said.get("form", "")):
            raise NoPage(403, "form_too_old")
        return said

    async def ask(self, method: str, path: str, body: Any = None, key: str | None = None) -> Answer:
        """The API's answer, whatever it is. Raises NoAnswer; Stale; NoPage: no form of ours has such a key."""
        headers = {} if key is None else {"Idempotency-Key": _sent(key)}
        sent = None if body is None else json.dumps(body).encode()
        answer = await self.site.ask(Question(method, path, self._token, sent, headers, self.sender))
        if answer.status == 401:
            self.session = None
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

    async def find(self, path: str) -> Mapping[str, Any] | None:
        """The same of what need not be there, or not be there yet."""
        answer = await self.ask("GET", path)
        if answer.status == 404:
            return None
        if answer.status != 200:
            raise no_page(answer)
        return answer.said

    async def glance(self, path: str) -> Mapping[str, Any] | None:
        """What a page can do without: None when it cannot be had, or not at once. Raises Stale."""
        try:
            async with asyncio.timeout(GLANCE):
                answer = await self.ask("GET", path)
        except (NoAnswer, TimeoutError):
            return None
        return answer.said if answer.status == 200 else None

    async def show(self, template: str, status: int = 200, **facts: Any) -> Page:
        """A whole page, with what stands above every one."""
        return self._made(template, status, facts, await self.unread())

    def alone(self, template: str, status: int, **facts: Any) -> Page:
        """A whole page for which the API is not asked anything."""
        return self._made(template, status, facts, None)

    def part(self, template: str, **facts: Any) -> Page:
        """A part of a page that is there already; nothing while it is what was `seen` last.

        So nobody's focus is lost, and no screen reader says again what it has said.
        """
        body = self.site.look.page(template, self.speaker, {**facts, "visit": self, "seen": SEEN})
        mark = hashlib.sha256(body).hexdigest()[:12]
        if self.query.get("seen") == mark:
            return Page(204, b"")
        return Page(200, body.replace(SEEN.encode(), mark.encode()))

    def begin(self) -> None:
        """Whole pages say how many messages wait: that is asked beside what they ask themselves, until the `end`."""
        if self.role is not None and self.method == "GET" and "text/html" in self.headers.get(b"accept", ""):
            self._counting = asyncio.create_task(self._count())

    def end(self) -> None:
        if self._counting is not None:
            self._counting.cancel()

    async def unread(self, patience: float = PATIENCE) -> int | None:
        """How many messages wait. None: nobody is signed in, or it cannot be told now, which is in nobody's way."""
        if self.role is None:
            return None
        answer = await (self._counting or self._count(patience))
        if answer is not None and answer.status == 401:
            self.session = None
            raise Stale
        return int(answer.said["page"]["totalElements"]) if answer is not None and answer.status == 200 else None

    def told(self) -> list[tuple[str, str]]:
        """The cookies that changed."""
        changed = [] if self.session == self._before else [("set-cookie", self.site.sessions.written(self.session))]
        if self.query.get("lang") != self.language:
            return changed
        return [*changed, ("set-cookie", self.site.sessions.cookie(LANGUAGE, self.language, "; Max-Age=31536000"))]

    @property
    def _token(self) -> str | None:
        return self.session.token if self.session else None

    async def _count(self, patience: float = PATIENCE) -> Answer | None:
        question = Question("GET", UNREAD, self._token, sender=self.sender)
        return await self.site.bell.ask(self.site.ask, question, patience)

    def _made(self, template: str, status: int, facts: Mapping[str, Any], unread: int | None) -> Page:
        said = {**facts, "visit": self, "unread": unread, "seen": ""}
        return Page(status, self.site.look.page(template, self.speaker, said))



def _sent(key: str) -> str:
    """As a header can say it. Raises NoPage."""
    if not (key.isascii() and key.isprintable()):
        raise NoPage(400, "form_too_old")
    return key
