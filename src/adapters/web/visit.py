"""One request of a browser: what it wants, who it is, in which language, and the page it gets."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl

from adapters.web.addresses import BASE, at, whole
from adapters.web.answers import NoPage, Page, SignInFirst
from adapters.web.asking import Receive
from adapters.web.form import fields
from adapters.web.inquiry import Inquirer
from adapters.web.language import Speaker, wanted
from adapters.web.sessions import Session
from adapters.web.site import Site

LANGUAGE: Final = "myticket-language"
OF_PAGE: Final = b"x-language"
"""In which a page is that asks for a part of itself: another tab may have chosen another one since."""
SEEN: Final = "~seen~"
OUR_SITE: Final = "same-origin"
BY_HAND: Final = "none"
"""What browsers say of where a request comes from, Sec-Fetch-Site; old ones do not."""


_ADDRESS: Final = re.compile(rf"https?://[^/]+{BASE}(/[^?#]*)((?:\?[^#]*)?)")


class Visit(Inquirer):
    """`session` may be replaced; then the browser is told."""

    def __init__(self, scope: Mapping[str, Any], receive: Receive, site: Site) -> None:
        super().__init__(scope, receive, site)
        self.path = str(scope["path"]).removeprefix(BASE).rstrip("/") or "/"
        self.stands_on = self.path
        self.query = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
        self.params: Mapping[str, str] = {}
        self._before = self.session
        self._sent: dict[str, str] | None = None
        chosen = self.query.get("lang") or self.headers.get(OF_PAGE) or self.cookies.get(LANGUAGE)
        self.language = wanted(chosen, self.headers.get(b"accept-language", ""))

    @property
    def id(self) -> str:
        """The number in the path."""
        return self.params["id"]

    @property
    def page(self) -> int:
        """The page of a list: from 1 in an address, from 0 for the API."""
        return (whole(self.query.get("page", "")) or 1) - 1

    @property
    def whole_page(self) -> tuple[str, str]:
        """Path and query of the page that asks for a part of itself, as htmx says them."""
        said = _ADDRESS.match(self.headers.get(b"hx-current-url", ""))
        return (said[1], said[2]) if said else ("/", "")

    @property
    def form_token(self) -> str:
        """For a form of the page; whoever has no session yet gets one."""
        self.session = self.session or Session.new()
        return self.site.sessions.form_token(self.session)

    @property
    def speaker(self) -> Speaker:
        return self.site.speaker(self.language)

    def here(self, **other: str) -> str:
        """The address of this page, some of its query otherwise; of a part, that of the page it is in; of what a form
        was answered, that of the page it stands on.
        """
        kept = {name: value for name, value in self.query.items() if name not in ("part", "seen", "was")}
        return at(self.stands_on, **{**kept, **other})

    def need(self, role: str | None = None) -> str:
        """The role of who looks, which is this one where one is said. Raises SignInFirst, NoPage."""
        if self.role is None:
            raise SignInFirst
        if role not in (None, self.role):
            raise NoPage(403, f"only_{role}")
        return self.role

    async def form(self) -> dict[str, str]:
        """What a form of ours sent. Raises NoPage: it was made for somebody else, is another site's, or too large."""
        said = await self.sent()
        if self.headers.get(b"sec-fetch-site", OUR_SITE) not in (OUR_SITE, BY_HAND) or not self.made_for(said):
            raise NoPage(403, "form_too_old")
        return said

    async def sent(self) -> dict[str, str]:
        """What came with it, from whomever. Raises NoPage: it is too large."""
        if self._sent is None:
            self._sent = await fields(self._receive)
        return self._sent

    def made_for(self, said: Mapping[str, str]) -> bool:
        """Whether this form was made for who sends it."""
        return self.site.sessions.is_form_token(self.session, said.get("form", ""))

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

    def told(self) -> list[tuple[str, str]]:
        """The cookies that changed."""
        changed = [] if self.session == self._before else [("set-cookie", self.site.sessions.written(self.session))]
        if self.query.get("lang") != self.language:
            return changed
        return [*changed, ("set-cookie", self.site.sessions.cookie(LANGUAGE, self.language, "; Max-Age=31536000"))]

    def _made(self, template: str, status: int, facts: Mapping[str, Any], unread: int | None) -> Page:
        said = {**facts, "visit": self, "unread": unread, "seen": ""}
        return Page(status, self.site.look.page(template, self.speaker, said))
