"""The pages over the five contexts in memory, on a real socket, and a browser without JavaScript: forms and cookies."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from html import unescape
from typing import Any

import httpx
from attrs import define, evolve

from adapters.web.addresses import BASE
from adapters.web.pages import Pages
from adapters.web.sessions import Sessions
from adapters.web.site import Site
from apps.web import CARDS
from apps.web_asking import InProcess
from myticket_core.access import Role
from tests.services.rest_world import World
from tests.services.served import served

FORM = re.compile(r"<form\b([^>]*)>(.*?)</form>", re.DOTALL)
FIELD = re.compile(r"<input\b([^>]*)>")
ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')


class WebWorld(World):
    def __init__(self, **options: Any) -> None:
        asking = InProcess()

        def sign_in(role: str, number: int) -> str:
            return self.issuer.token(Role(role), number, number)

        sessions, url = Sessions(b"a secret", secure=False), "https://tickets.example"
        site = Site(asking, asking.follow, sessions, sign_in, url, cards=CARDS)
        super().__init__(mounted={BASE: Pages(site)}, **options)
        asking.app = self.app

    @property
    def site(self) -> Site:
        site: Site = self.app.mounted[BASE].site
        return site

    def changed(self, **parts: Any) -> None:
        """Its pages have these parts from now on."""
        self.app.mounted[BASE] = Pages(evolve(self.site, **parts))

    @asynccontextmanager
    async def browsing(self, language: str = "en") -> AsyncIterator[Browser]:
        async with (
            served(self.app) as url,
            # nothing is encrypted, and to read whom one may trust takes as long as ten pages
            httpx.AsyncClient(base_url=url, follow_redirects=True, verify=False) as http,
        ):
            http.headers["accept-language"] = language
            yield Browser(http)


@define
class Browser:
    http: httpx.AsyncClient
    page: httpx.Response | None = None

    @property
    def text(self) -> str:
        """What is to be read on the page, without marks."""
        assert self.page is not None
        bare = re.sub(r"<[^>]*>", " ", re.sub(r"(?s)<head>.*?</head>", " ", self.page.text))
        return " ".join(unescape(bare).split())

    @property
    def at(self) -> str:
        assert self.page is not None
        return self.page.url.path

    async def see(self, path: str, **query: str) -> httpx.Response:
        self.page = await self.http.get(path if path.startswith(BASE) else BASE + path, params=query or None)
        return self.page

    def form(self, action: str) -> dict[str, str]:
        """The fields of the form that goes to `action`, as they stand on the page."""
        assert self.page is not None
        for attributes, inside in FORM.findall(self.page.text):
            if dict(ATTRIBUTE.findall(attributes)).get("action") == BASE + action:
                fields = [dict(ATTRIBUTE.findall(found)) for found in FIELD.findall(inside)]
                return {it["name"]: unescape(it.get("value", "")) for it in fields if it.get("type") != "radio"}
        raise AssertionError(f"no form to {action} on {self.page.url}:\n{self.page.text}")

    async def send(self, action: str, **fields: str) -> httpx.Response:
        """Fill in the form and press its button."""
        self.page = await self.http.post(BASE + action, data={**self.form(action), **fields})
        return self.page

    async def sign_in(self, role: str, number: int = 1, next: str = "") -> None:
        await self.see("/sign-in", **({"next": next} if next else {}))
        await self.send("/sign-in", role=role, number=str(number))
        assert self.page is not None
        assert self.page.status_code == 200, self.page.text
