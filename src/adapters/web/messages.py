"""R6, R7. One's messages: how many wait, what they say, and that they have been read."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from adapters.web import push
from adapters.web.addresses import at, whole
from adapters.web.answers import Page, Stale, no_page, to
from adapters.web.bell import LATER
from adapters.web.visit import Visit
from myticket_core.notification.letter import beginning

SIZE: Final = 20


async def mine(visit: Visit) -> Page:
    visit.need()
    asked = visit.get("/notifications", sort="id,desc", size=SIZE, page=visit.page)
    found, offered = await asyncio.gather(asked, push.offered(visit))
    told = found["_embedded"]["notifications"]
    words = {it["id"]: _words(it["message"], visit.language, visit.site.prefix) for it in told}
    return await visit.show("messages.html", messages=told, words=words, page=found["page"], push=offered)


async def bell(visit: Visit) -> Page:
    """Who is not known any more finds out when they go on: what they are typing meanwhile is not taken from them.

    Whoever has signed out, in another tab, leaves this one too.
    """
    if visit.session is not None and visit.session.lapsed:
        return Page(204, b"")
    visit.need()
    try:
        return visit.part("bell.html", unread=await visit.unread(LATER))
    except Stale:
        return Page(204, b"")


async def mark(visit: Visit) -> Page:
    """And on from that message: who reads by ear or goes by keys does not begin at the top again."""
    visit.need()
    form = await visit.form()
    await _patched(visit, f"/notifications/{visit.id}", {"read": form.get("read") != "false"})
    shown = at("/messages", page=str(whole(form.get("page", "")) or 1))
    return Page(303, b"", headers=[("location", f"{shown}#message-{visit.id}")])


async def mark_all(visit: Visit) -> Page:
    """Those that were there when the page was made: what came since has not been read."""
    visit.need()
    form = await visit.form()
    await _patched(visit, "/notifications", {"readUpTo": whole(form.get("last", ""))})
    return to("/messages")


async def _patched(visit: Visit, path: str, members: Mapping[str, Any]) -> None:
    """Raises NoPage."""
    answer = await visit.ask("PATCH", path, members)
    if answer.status != 200:
        raise no_page(answer)


def _words(message: str, language: str, prefix: str) -> str:
    """A message says the same in Korean and in English, " / " between; before both stands what begins every one."""
    korean, found, english = message.partition(" / ")
    return english if found and language == "en" else korean.removeprefix(beginning(prefix))
