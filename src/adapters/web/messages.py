"""R6, R7. One's messages: how many wait, what they say, and that they have been read."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from adapters.web import push
from adapters.web.addresses import whole
from adapters.web.answers import Page, SignInFirst, no_page, to
from adapters.web.bell import LATER
from adapters.web.visit import Visit

SIZE: Final = 20
AT_ONCE: Final = 50
"""Messages of which a page is small enough for any service's answer."""
ROUNDS: Final = 6


async def mine(visit: Visit) -> Page:
    signed_in(visit)
    found = await visit.get("/notifications", sort="id,desc", size=SIZE, page=visit.page)
    told = found["_embedded"]["notifications"]
    words = {it["id"]: _words(it["message"], visit.language) for it in told}
    offered = await push.offered(visit)
    return await visit.show("messages.html", messages=told, words=words, page=found["page"], push=offered)


async def bell(visit: Visit) -> Page:
    signed_in(visit)
    return visit.part("bell.html", unread=await visit.unread(LATER))


async def mark(visit: Visit) -> Page:
    signed_in(visit)
    form = await visit.form()
    await _marked(visit, int(visit.id), form.get("read") != "false")
    return to("/messages")


async def mark_all(visit: Visit) -> Page:
    """Those that were there when the page was made: what came since has not been read.

    So many at once, so that nobody waits long and no answer is too large; when there are more, they are still unread.
    """
    signed_in(visit)
    form = await visit.form()
    last = whole(form.get("last", "")) or 0
    for _ in range(ROUNDS):
        unread = await visit.get("/notifications", read="false", sort="id,asc", size=AT_ONCE)
        found = [it["id"] for it in unread["_embedded"]["notifications"] if it["id"] <= last]
        await asyncio.gather(*(_marked(visit, id, True) for id in found))
        if len(found) < AT_ONCE:
            break
    return to("/messages")


async def _marked(visit: Visit, id: int, read: bool) -> Mapping[str, Any]:
    """Raises NoPage."""
    answer = await visit.ask("PATCH", f"/notifications/{id}", {"read": read})
    if answer.status != 200:
        raise no_page(answer)
    return answer.said


def signed_in(visit: Visit) -> None:
    """Raises SignInFirst."""
    if visit.role is None:
        raise SignInFirst


def _words(message: str, language: str) -> str:
    """A message says the same in Korean and in English, " / " between."""
    korean, found, english = message.partition(" / ")
    return english if found and language == "en" else korean
